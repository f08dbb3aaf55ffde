"""Which messages are closed questions, and which options they offer."""

import pytest

from graph.conversation.closed_question import find_closed_question

CLOSED = [
    ("Do you like tea?\n1: Yes\n2: No", "Do you like tea?", {1: "Yes", 2: "No"}),
    ("Do you like tea?\n1) Yes\n2) No\n3) Don't know", "Do you like tea?", {1: "Yes", 2: "No", 3: "Don't know"}),
    ("Do you like tea?\n\n1. Yes\n\n2. No", "Do you like tea?", {1: "Yes", 2: "No"}),
    ("Do you like tea?\na. Yes\nb. No", "Do you like tea?", {1: "Yes", 2: "No"}),
    ("Do you like tea?\n(A) Yes\n(B) No\n(C) Maybe", "Do you like tea?", {1: "Yes", 2: "No", 3: "Maybe"}),
    ("Do you like tea?\n- 1 - Yes\n- 2 - No", "Do you like tea?", {1: "Yes", 2: "No"}),
    ("Do you like tea?\n0: No\n1: Yes\n99: Don't know", "Do you like tea?", {0: "No", 1: "Yes", 99: "Don't know"}),
    (
        "Do you agree? Family comes first.\n1: Agree\n2: Disagree",
        "Do you agree? Family comes first.",
        {1: "Agree", 2: "Disagree"},
    ),
    (
        "How old are you?\n1: 18-29\n2: 30-49\n3: 50 and over",
        "How old are you?",
        {1: "18-29", 2: "30-49", 3: "50 and over"},
    ),
    ("Do you like tea?\n1: Yes\n2: No\nPlease choose one.", "Do you like tea?", {1: "Yes", 2: "No"}),
    ("Please choose:\n1. Tea\n2. Coffee", "Please choose:", {1: "Tea", 2: "Coffee"}),
    ("Trinkst du gern Tee?\n1: Ja\n2: Nein", "Trinkst du gern Tee?", {1: "Ja", 2: "Nein"}),
    ("你喜欢茶吗？\n1：喜欢\n2：不喜欢".replace("：", ": "), "你喜欢茶吗？", {1: "喜欢", 2: "不喜欢"}),
    ("هل تحب الشاي؟\n1: نعم\n2: لا", "هل تحب الشاي؟", {1: "نعم", 2: "لا"}),
    (
        "Work comes first, do you think so? (agree / neutral / disagree)",
        "Work comes first, do you think so?",
        {1: "agree", 2: "neutral", 3: "disagree"},
    ),
    ("Do you drink tea? (yes/no)", "Do you drink tea?", {1: "yes", 2: "no"}),
    ("Do you drink tea (yes/no)?", "Do you drink tea?", {1: "yes", 2: "no"}),
    (
        "Is it right? [agree strongly | agree | disagree]",
        "Is it right?",
        {1: "agree strongly", 2: "agree", 3: "disagree"},
    ),
    ("How happy are you? (1 / 2 / 3 / 4 / 5)", "How happy are you?", {1: "1", 2: "2", 3: "3", 4: "4", 5: "5"}),
    ("Tea or coffee? tea / coffee", "Tea or coffee?", {1: "tea", 2: "coffee"}),
    (
        "Work comes first. Choose one: agree / neutral / disagree",
        "Work comes first. Choose one:",
        {1: "agree", 2: "neutral", 3: "disagree"},
    ),
]  # fmt: skip

OPEN = """
Do you trust him/her?
Should a parent help a child (he/she)?
What do you think of the 50/50 rule?
Is it open 24/7?
Did it happen on 12/05/2024?
Did it happen that day? (12/05/2024)
Is tea and/or coffee fine (and/or)?
Have you read it (https://example.org/a/b)?
I have 2 children and 1 dog. And you?
Were you there at 10:30?
On a scale from 1 to 10, how happy are you?
Do you live in Berlin (Germany)?
Do you like tea, coffee or water?
Are you for it? I think left / right is an idea of the past, and nobody needs it.
1: Yes
My day:\\n1. I got up\\n2. I had tea
My day:\\n1. I got up\\n2. I had tea\\nWhat do you think?
Two things.\\n1. I like tea.\\n2. I like cake.
What do you think of my plan?\\n1. Get up early\\n2. Eat well
Tell me about these?\\n1. What is tea?\\n2. What is cake?
When do trains leave?\\n9: to Rome\\n10: to Bern
Do you like tea?\\n1: Yes
Do you like tea?\\n1: Yes\\n2: yes
Do you like tea?\\n2: Yes\\n1: No
Do you like tea?\\nx. Yes\\nq. No
Shopping (milk / bread / tea)
What do km/h and m/s mean?
Hello! - I am back - how are you?
Why is that? Because A/B tests say so / or not so much, I do not know at all
"""


@pytest.mark.parametrize(("text", "question", "options"), CLOSED)
def test_a_closed_question_is_known_by_its_options(text: str, question: str, options: dict[int, str]) -> None:
    found = find_closed_question(text)

    assert found is not None
    assert found == (question, [{"code": code, "label": label} for code, label in options.items()])


@pytest.mark.parametrize("text", [line.replace("\\n", "\n") for line in OPEN.strip().splitlines()])
def test_an_ordinary_message_is_none(text: str) -> None:
    assert find_closed_question(text) is None


ODD = ["", " ", "?", "(/)?", "? (/)", "1: \n2: ", "a?\n" + "1: b\n" * 2000, "(" * 4000, "a / " * 1000]


@pytest.mark.parametrize("text", ODD)
def test_odd_messages_are_none(text: str) -> None:
    assert find_closed_question(text) is None
