"""What is read out of a reply, and why nothing is: one line a manner of writing."""

import time
from itertools import product

import pytest

from graph.reply import read_integer, read_published, read_reply
from survey.profile import Option
from tests.graph.fakes import IMPORTANCE, option

TEN = [option(1, "No choice at all"), *(option(code, str(code)) for code in range(2, 10)), option(10, "A great deal")]
VIEW = [option(0, "Disagree"), option(1, "Hard to say"), option(2, "Agree"), option(3, "Agree strongly")]
OPEN: list[Option] = []
SCALES = {"importance": IMPORTANCE, "ten": TEN, "view": VIEW, "open": OPEN}

READ = """
importance  2  Answer: 2
importance  2  Answer: 2\\nAnalysis: work pays
importance  2  ANSWER: 2
importance  2  Answer = 2
importance  2  Answer:2
importance  2  Answer:\\n2
importance  2  **Answer: 2**\\n\\n**Analysis:** x
importance  2  **Answer:** 2\\n**Analysis:** x
importance  2  ### Answer: 2
importance  2  > Answer: 2
importance  2  - Answer: `2`
importance  2  1. Answer: 2\\n2. Analysis: x
importance  2  Answer: [2]\\nAnalysis: [x]
importance  2  Answer: (2)
importance  2  Answer: <2>
importance  2  Answer: #2
importance  2  Answer: 2.
importance  2  Answer: 2.0
importance  2  Answer: Option 2
importance  2  Answer: [option number 2]
importance  2  Answer: 2: Rather important
importance  2  Answer: [2: Rather important]
importance  2  Answer: [2] Rather important
importance  2  Answer: 2 - Rather important
importance  2  Answer: 2 (rather important)
importance  2  Answer: 2. Rather important.
importance  2  Answer: 2: Rather important (not 3)
importance  2  Answer: 2. Family is worth more, and 3 children
importance  2  Answer: Rather important
importance  2  Answer: "Rather important".
importance  2  Answer: rather  IMPORTANT
importance  2  Answer: Rather important (2)
importance  2  Answer: Rather important - because work pays
importance  3  Answer: Not very important
importance  2  My final answer: 2
importance  2  The answer is 2.
importance  2  I think the answer is: 2
importance  2  As this person I like my work.\\n\\nAnswer: 2\\nAnalysis: x
importance  2  Analysis: three things count.\\nAnswer: 2
importance  2  Analysis: they say answer: family first.\\nAnswer: 2
importance  2  Answer: 2\\nAnalysis: in 1970 the answer was 3; my answer: 4.
importance  2  Answer: 2 Analysis: 3 children
importance  2  Answer: 2\\nAnalysis: x\\n\\nAnswer: 2
importance  2  Answer: [option number]\\nAnswer: 2
importance  2  1: Very important\\n2: Rather important\\nAnswer: 2
importance  2  2
importance  2  **2**
importance  2  [2]
importance  2  2: Rather important
importance  2  Rather important.
importance  2  Answer: ٢
importance  2  Answer: २
importance  2  Answer：２
importance  2  Answer: ②
importance  2  <think>Answer: 3</think>Answer: 2
importance  2  <THINKING>Answer: 3</THINKING>\\nAnswer: 2
importance  2  <think>a</think><think>Answer: 3</think>Answer: 2
importance  2  Answer: 3, or no?\\n</think>\\n\\nAnswer: 2
importance  2  Answer: 2<think>but 3
importance  2  {"answer": 2, "analysis": "x"}
importance  2  {"answer": "2", "analysis": "x"}
importance  2  {"answer": "Rather important"}
importance  2  ```json\\n{"Answer": 2,\\n"Analysis": "x"}\\n```
importance  2  Answer: \\boxed{2}
importance  2  \\boxed{2}
importance  2  The final answer is $\\boxed{2}$.
ten        10  Answer: 10
ten         7  Answer: 7/10
ten         7  Answer: 7 out of 10
ten         7  Answer: 7 on a scale of 1 to 10
ten         1  Answer: No choice at all
ten         1  Answer: 1 (no choice at all)
view        0  Answer: 0
view        0  Answer: 0: Disagree
view        0  Answer: Disagree
view        2  Answer: agree
view        3  Answer: Agree strongly
view        2  Answer: 2: Agree, not merely 1
view        3  Answer: 3 Agree strongly, not merely agree
open       47  Answer: 47
open       47  Answer: 47 years
open        0  Answer: 0
open       47  47
"""

UNREAD = """
importance  nothing was said                         |
importance  nothing was said                         | \\n\\t
importance  nothing was said                         | <think>Answer: 2
importance  the answer is empty                      | Answer:
importance  the answer is empty                      | Answer: \\n\\nAnalysis: x
importance  no answer was found                      | Answer: [option number]\\nAnalysis: [reasoning]
importance  no answer was found                      | As an AI, I cannot answer.
importance  no answer was found                      | I am 47 and I have 2 children.
importance  no answer was found                      | 1. I like work\\n2. I like family
importance  no answer was found                      | Analysis: it is 2.
importance  answers differ: 2, 3                     | Answer: 2\\nAnalysis: x\\n\\nAnswer: 3
importance  answers differ: 2, 3                     | 2\\n3
importance  answers differ: 1, 2                     | 1: Very important\\n2: Rather important
importance  the label contradicts the number 2       | Answer: 2: Very important
importance  the label contradicts the number 2       | Answer: 2 because family is very important
importance  5 is out of range                        | Answer: 5
importance  0 is out of range                        | Answer: 0
importance  22 is out of range                       | 22
importance  -2 is a missing code                     | Answer: -2
importance  -2 is a missing code                     | Answer: −2
importance  2.5 is not a whole number                | Answer: 2.5
importance  2,5 is not a whole number                | Answer: 2,5
importance  more than one number is named            | Answer: 2-3
importance  more than one number is named            | Answer: 2–3
importance  more than one number is named            | Answer: 2, 3
importance  more than one number is named            | Answer: 2 or 3
importance  more than one number is named            | Answer: 2 (not 3)
importance  more than one option is named            | Answer: Rather important, or 3
importance  no option was named                      | Answer: Very important or rather important
importance  no option was named                      | Answer: Important
importance  no option was named                      | Answer: I don't know
importance  no option was named                      | Answer: 50%
importance  the number is too long                   | Answer: 9999999999999999
ten         the answer is a fraction: 7 of 9         | Answer: 7/9
ten         11 is out of range                       | Answer: 11
view        the label contradicts the number 2       | Answer: 2: Disagree
view        the label contradicts the number 2       | Answer: 2: Agree strongly
view        the label contradicts the number 3       | Answer: 3: Agree
open        -1 is a missing code                     | Answer: -1
open        no option was named                      | Answer: forty
open        1,970 is not a whole number              | Answer: 1,970
open        more than one number is named            | Answer: 2 or 3
open        the answer is a fraction: 47 of 100      | Answer: 47/100
"""


def written(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")


@pytest.mark.parametrize("line", READ.strip("\n").splitlines())
def test_an_answer_that_is_read(line: str) -> None:
    scale, code, text = line.split(None, 2)

    reply = read_reply(written(text), SCALES[scale])

    assert (reply["code"], reply["problem"], reply["raw"]) == (int(code), "", written(text))


@pytest.mark.parametrize("line", UNREAD.strip("\n").splitlines())
def test_an_answer_that_is_never_guessed(line: str) -> None:
    head, _, text = line.partition("|")
    scale, problem = head.split(None, 1)

    reply = read_reply(written(text[1:]), SCALES[scale])

    assert (reply["code"], reply["problem"], reply["raw"]) == (None, problem.strip(), written(text[1:]))


@pytest.mark.parametrize(
    ("text", "analysis"),
    [
        ("Answer: 2\nAnalysis: kin first,\n  then work", "kin first,\n  then work"),
        ("**Answer:** 2\n**Analysis:** *kin* first", "kin first"),
        ("<think>Analysis: hm</think>Answer: 2\nAnalysis: kin first", "kin first"),
        ("Answer: 7\nAnalysis: kin first", "kin first"),
        ("Kin first, so the answer is 2.", "Kin first, so the answer is 2."),
    ],
)
def test_the_reasoning_is_kept_also_where_the_answer_is_not_read(text: str, analysis: str) -> None:
    assert read_reply(text, IMPORTANCE)["analysis"] == analysis


@pytest.mark.parametrize(
    ("text", "code", "analysis"),
    [
        ("Answer: 2\nAnalysis: kin first", 2, "kin first"),
        ("Answer:\n 2", 2, "Answer:\n 2"),
        ("Answer: 23", 23, "Answer: 23"),  # whatever number it is
        ("Answer: 2\nAnswer: 3", 2, "Answer: 2\nAnswer: 3"),  # the first counts
        ("Answer: [2]\nAnalysis: x", None, "x"),
        ("**Answer:** 2", None, "**Answer:** 2"),
        ("answer: 2", None, "answer: 2"),
        ("Answer: -2", None, "Answer: -2"),
        ("", None, ""),
    ],
)
def test_the_released_reader_wants_digits_right_after_answer(text: str, code: int | None, analysis: str) -> None:
    reply = read_published(text, IMPORTANCE)

    assert (reply["code"], reply["analysis"], reply["raw"]) == (code, analysis, text)
    assert reply["problem"] == ("" if code is not None else "no digits after Answer:")


@pytest.mark.parametrize(
    ("text", "code"),
    [("2", 2), ("Option 3 of 4", 3), ("In 1970 I chose 2", 1970), ("-2", 2), ("2.5", 2), ("two", None), ("", None)],
)
def test_the_released_baselines_take_the_first_integer(text: str, code: int | None) -> None:
    reply = read_integer(text, IMPORTANCE)

    assert (reply["code"], reply["raw"], reply["problem"] == "") == (code, text, code is not None)


@pytest.mark.parametrize("reader", [read_reply, read_published, read_integer])
@pytest.mark.parametrize("text", ["Answer: {}", "Answer: 2 {}", "Answer: 2/{}", "Answer: Rather important {}", "{}"])
def test_a_number_without_end_is_read_like_any_other_text(reader: object, text: str) -> None:
    for options in SCALES.values():
        code = reader(text.format("9" * 5000), options)["code"]  # type: ignore[operator]
        assert code in (None, 2)


def test_a_reply_that_runs_away_is_read_in_no_time() -> None:
    started = time.process_time()
    for run, scale in product(("\n", " ", "(", "1 ", "answer: ", "[1", "> ", "Agree "), SCALES):
        read_reply(run * 8000, SCALES[scale])

    assert time.process_time() - started < 3
