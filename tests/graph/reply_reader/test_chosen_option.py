"""An option that is clearly said is read in whatever manner; one of several that are named never is."""

import pytest

from graph.reply import read_reply
from tests.graph.fakes import IMPORTANCE, option

AGREE = [
    option(1, "Agree strongly"),
    option(2, "Agree"),
    option(3, "Neither agree nor disagree"),
    option(4, "Disagree"),
    option(5, "Disagree strongly"),
]
YES = [option(1, "Yes"), option(2, "No")]
TEN = [option(1, "Never right"), *(option(code, str(code)) for code in range(2, 10)), option(10, "Always right")]
OFTEN = [option(1, "Each day"), option(2, "Each week"), option(3, "Never, or nearly never")]
SCALES = {"importance": IMPORTANCE, "agree": AGREE, "yes": YES, "ten": TEN, "often": OFTEN}

READ = """
agree       5  Answer: Strongly disagree
agree       1  Answer: 1 (strongly agree)
agree       3  Answer: 3. He would neither agree nor disagree
agree       2  Answer: 2: Agree (not Agree strongly)
often       3  Answer: Never
importance  2  Answer 2
importance  2  Answer #2
importance  2  Answer - 2
importance  2  Answer – 2
importance  2  Option: 2
importance  2  Selected option: 2
importance  2  My choice: 2
importance  2  Response: 2
importance  2  {"option": 2}
importance  2  {"analysis": "I have 3 sons", "answer": 2}
importance  2  {"answer": 2, "confidence": 3}
importance  2  Antwort: 2\\nAnalyse: 3 Kinder
importance  2  Antwort:\\n\\nAntwort: 2
importance  2  Respuesta: 2
importance  2  Réponse : 2
importance  2  Ответ: 2
importance  2  الإجابة: ٢
importance  2  答案：2
importance  2  Answer:\\r\\n2\\r\\nAnalysis: so
importance  2  Answer:\u200b2
importance  2  \ufeffAnswer: \u200e2
importance  2  Answer: ❷
importance  2  Answer: 2\ufe0f\u20e3
importance  2  Answer: ✅ 2
importance  2  Answer: - 2
importance  2  Answer: ~2
importance  2  Answer: about 2
importance  2  Answer: The answer is 2
importance  2  Answer: I'd choose 2
importance  2  I would pick 2.
importance  2  Answer: two
importance  2  Answer: Option two
importance  2  Answer: no. 2
importance  2  Answer: [option number]: 2
importance  2  Answer: <b>2</b>
importance  2  <b>Answer:</b> 2
importance  2  <answer>2</answer>
importance  2  <answer>2</answer><analysis>4 is too much</analysis>
importance  2  <analysis>Perhaps\\nAnswer: 4\\n</analysis>\\nAnswer: 2
importance  2  | **Answer** | 2 |\\n|---|---|\\n| Analysis | so |
importance  2  \\boxed{\\text{2}}
importance  2  Answer: 【2】
importance  2  Answer: 2, because I have 3 sons
importance  2  Answer: 2 since my home comes 1st
importance  2  Answer: 2 Reasoning: 3 sons
importance  2  Answer: 2 (out of 4)
importance  2  Answer: 2 on a scale of 4
importance  2  Answer: Rather important; 4 would be too low
importance  2  Answer: 2\\nI have 3 sons and 4 boats.
importance  2  Answer: 2\\n\\nReasons:\\n1. She sails.\\n2. She fishes.\\n3. She mends nets.
importance  2  Answer: 2\\nConfidence: 3
ten         8  Answer: 8 (almost always right)
ten         3  Answer: 3 (closer to never right)
ten         7  Answer: 7, nearer to always right than to never right
ten         8  Answer: 8 (closer to 10 than 1)
ten         7  Answer: 7 (where 10 is always)
ten         5  Answer: 5 (half way between 1 and 10)
yes         2  Answer: No, I do not
yes         1  Answer: Option no. 1
"""

UNREAD = """
yes         several_answers  Answer: 1: Yes 2: No
yes         several_answers  1: Yes\\n2: No  <- this one
yes         no_answer        Answer: Yes and no
yes         several_answers  - Yes\\n- No
yes         no_answer        Answer: No, I cannot answer this
yes         no_answer        Answer: No — that I can’t say, being a program
yes         no_answer        No, sorry.
yes         no_answer        Answer: No\\nI am not able to answer.
yes         no_answer        Answer: No comment
yes         several_answers  Answer: No, 1
importance  several_answers  2: Rather important, or possibly 3
importance  several_answers  Answer: 2: Rather important, perhaps 3
importance  several_answers  Answer: 2, or rather very important
importance  several_answers  Answer: 2. Or maybe 3.
importance  several_answers  Answer: 2;3
importance  several_answers  Answer: [2, 3]
importance  several_answers  {"answer": [2, 3]}
importance  several_answers  {"answer": 2, "second": 3}
importance  several_answers  {"option": 2}\\n{"option": 3}
importance  several_answers  First choice: 2\\nSecond choice: 3
importance  several_answers  Answer: 2\\nAlternative: 3
importance  several_answers  Answer: two, maybe three
importance  several_answers  Answer: 2 or more
importance  several_answers  Answer: 2+
importance  several_answers  Answer: 2 (3 is possible too)
importance  several_answers  Answer: 2 for men, 3 for women
importance  no_answer        Answer: Rather important for men, very important for women
importance  several_answers  1) Very important 2) Rather important
importance  several_answers  Option 1: Very important\\nOption 2: Rather important
importance  several_answers  2\\nor maybe 3
importance  several_answers  Answer: 2\\nor 3
importance  several_answers  Answer: 2\\n3: Not very important
importance  several_answers  Answer: 2\\nThe answer is 3.
importance  several_answers  Answer: 2\\nRevised answer: 3
importance  several_answers  Answer: 2\\nAnalysis: so.\\nRevised answer: 3
importance  several_answers  Answer: 2\\nAnalysis: so. On second thought, 3.
importance  several_answers  Answer: 2\\nAnalysis: so. I change my answer to not very important.
importance  several_answers  Answer: 2\\nWait, 3 fits better
importance  several_answers  Answer: 2\\nHm, let me reconsider. I think 3 is better.
importance  several_answers  Answer: 2\\nCorrection: 3
importance  several_answers  Answer: 2. No, 3.
importance  several_answers  Antwort: 2\\nAnswer: 3
importance  several_answers  <answer>2</answer><answer>3</answer>
importance  several_answers  \\boxed{2}\\n\\boxed{3}
importance  no_answer        Answer: <2
importance  no_answer        Answer: ≥ 2
importance  no_answer        Answer: 2e0
importance  no_answer        Answer: 2B
importance  no_answer        Answer: 2²
importance  no_answer        Answer: not 2
importance  out_of_range     Option: 7
agree       contradiction    Answer: 2: Strongly agree
agree       contradiction    Answer: 2: I do not agree
agree       contradiction    Answer: 4 (strongly disagree)
ten         several_answers  Answer: about 7 or 8
ten         several_answers  Answer: 5 (between 4 and 6)
ten         contradiction    Answer: 2 (almost always right)
"""


def lines(table: str) -> list[str]:
    return table.strip("\n").split("\n")


def written(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\r", "\r")


@pytest.mark.parametrize("line", lines(READ), ids=ascii)
def test_an_option_is_read_in_any_manner_of_saying_it(line: str) -> None:
    scale, code, text = line.split(None, 2)

    reply = read_reply(written(text), SCALES[scale])

    assert (reply["code"], reply["problem"], reply["cause"]) == (int(code), "", "")


@pytest.mark.parametrize("line", lines(UNREAD), ids=ascii)
def test_what_leaves_the_choice_open_is_not_read(line: str) -> None:
    scale, cause, text = line.split(None, 2)

    reply = read_reply(written(text), SCALES[scale])

    assert (reply["code"], reply["cause"]) == (None, cause)
    assert reply["problem"]
