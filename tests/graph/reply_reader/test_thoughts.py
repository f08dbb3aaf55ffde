"""What a model thought is never what it answered, in whatever marks it thinks."""

import pytest

from graph.reply import read_free, read_reply
from graph.reply_reader.thoughts import without_thoughts
from survey.profile import single_line
from tests.graph.fakes import IMPORTANCE

THOUGHT = "She may well say\nAnswer: 4\nor not."
SAID = "Answer: 2\nAnalysis: Work feeds her."
PAIRS = {
    "think": ("<think>", "</think>"),
    "thinking": ("<thinking>", "</thinking>"),
    "with an attribute": ('<thinking effort="low">', "</thinking>"),
    "thought": ("<thought>\n", "\n</thought>\n"),
    "reasoning": ("<reasoning>", "</reasoning>\n"),
    "scratchpad": ("<scratchpad>", "</scratchpad>"),
    "capitals": ("<SCRATCHPAD>", "</SCRATCHPAD>"),
    "reflection": ("<reflection>", "</reflection>"),
    "inner monologue": ("<inner_monologue>", "</inner_monologue>"),
    "of a name space": ("<seed:think>", "</seed:think>"),
    "square": ("[THINK]", "[/THINK]"),
    "triangles": ("◁think▷", "◁/think▷"),
    "pipes": ("<|begin_of_thought|>", "<|end_of_thought|>\n<|begin_of_solution|>"),
    "cohere": ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    "cohere without an end": ("<|START_THINKING|>", "<|START_RESPONSE|>"),
    "gemma": ("<|channel>thought\n", "<channel|>"),
    "medgemma": ("<unused94>thought\n", "<unused95>"),
    "apertus": ("<|inner_prefix|>", "<|inner_suffix|>"),
    "granite": ("Here is my thought process:\n", "\nHere is my response:\n"),
    "harmony": ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    "harmony, constrained": ("<|channel|>analysis<|message|>", "<|end|><|channel|>final <|constrain|>text<|message|>"),
    "harmony, two thoughts": (
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
    "harmony, its beginning lost": ("", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    "harmony, bare": ("analysis", "assistantfinal"),
    "harmony, bare and spaced": ("analysis", "assistant final"),
    "harmony, bare, two thoughts": ("analysisHm.assistantcommentary", "assistantanalysisSo.assistantfinal"),
    "folded": ('<details type="reasoning">', "</details>\n"),
    "fenced": ("```thinking\n", "\n```\n"),
    "doubled": ("<think>\n<think>", "</think>\n"),
    "one in another": ("<think>So. <reflection>Hm.</reflection>", "</think>"),
    "two in turn": ("<think>So.</think><reasoning>", "</reasoning>"),
}
TOLD = {name: marks for name, marks in PAIRS.items() if name != "harmony, its beginning lost"}
INLINE = {
    name: marks for name, marks in PAIRS.items() if not marks[0].startswith(("Here", "```", "analysis", "<details"))
}
"""Marks that a text on one line can hold; the others count where a line or a reply begins with them."""
CLOSED_ONLY = ["</think>", "</seed:think>", "[/THINK]", "◁/think▷", "<|END_THINKING|>", "<channel|>", "</reasoning>"]
LAST_SIGNS = [
    "<|eot_id|>",
    "<|im_end|>",
    "</s>",
    "</s></s>",
    "<end_of_turn>",
    "<|return|>",
    "<｜end▁of▁sentence｜>",
    "<eos>",
]


@pytest.mark.parametrize(("opening", "closing"), PAIRS.values(), ids=PAIRS)
def test_the_answer_behind_thoughts_is_read_and_never_the_one_weighed_in_them(opening: str, closing: str) -> None:
    reply = read_reply(opening + THOUGHT + closing + SAID, IMPORTANCE)

    assert (reply["code"], reply["analysis"]) == (2, "Work feeds her.")


@pytest.mark.parametrize(("opening", "closing"), PAIRS.values(), ids=PAIRS)
def test_free_words_behind_thoughts_are_all_that_was_said(opening: str, closing: str) -> None:
    text = opening + THOUGHT + closing + "I fish for a living."

    assert without_thoughts(text).strip() == "I fish for a living."
    assert read_free(text)[0] == "I fish for a living."


@pytest.mark.parametrize("opening", [marks[0] for marks in TOLD.values()], ids=TOLD)
def test_thoughts_without_an_end_hold_no_answer(opening: str) -> None:
    reply = read_reply(opening + THOUGHT, IMPORTANCE)

    assert (reply["code"], reply["cause"]) == (None, "only_reasoning")


@pytest.mark.parametrize("closing", CLOSED_ONLY)
def test_what_stands_before_the_end_of_thoughts_was_thought(closing: str) -> None:
    assert read_reply(THOUGHT + closing + SAID, IMPORTANCE)["code"] == 2
    assert read_reply(THOUGHT + closing, IMPORTANCE)["cause"] == "only_reasoning"


def test_where_another_thought_has_no_end_the_rest_is_thought() -> None:
    reply = read_reply("<think>Hm. <reflection>So.</reflection>\nAnswer: 4", IMPORTANCE)

    assert (reply["code"], reply["cause"]) == (None, "only_reasoning")


@pytest.mark.parametrize("sign", LAST_SIGNS)
@pytest.mark.parametrize("said", ["Answer: 2", "Answer: 2: Rather important", SAID])
def test_signs_at_the_end_are_no_part_of_the_answer(said: str, sign: str) -> None:
    reply = read_reply(said + sign, IMPORTANCE)

    assert reply["code"] == 2
    assert sign not in reply["analysis"]


def test_a_model_that_goes_on_as_somebody_else_answered_before() -> None:
    asked = "<|im_end|>\n<|im_start|>user\nAnd leisure?\n<|im_end|>\n<|im_start|>assistant\nAnswer: 4"
    next_one = "\n\nQuestion:\nHow important is rest?\n1: Very important\n2: Not at all\n\nAnswer: 1\nAnalysis: so."

    assert read_reply(SAID + asked, IMPORTANCE)["code"] == 2
    assert read_reply(SAID + next_one, IMPORTANCE)["code"] == 2
    assert read_reply("<|im_start|>assistant\n" + SAID + "<|im_end|>", IMPORTANCE)["code"] == 2


@pytest.mark.parametrize(
    "text",
    [
        "The analysis is clear.\nassistant professors agree",
        "An assistant finally came.",
        "Think [of me] <b>now</b> & then",
        "analysis: kin first",
        "My thoughts turn home.",
    ],
)
def test_a_text_without_marks_comes_back_as_it_is(text: str) -> None:
    assert without_thoughts(text) == text


@pytest.mark.parametrize(("opening", "closing"), INLINE.values(), ids=INLINE)
def test_marks_in_a_profile_cannot_hide_what_a_reply_says_before_it_quotes_them(opening: str, closing: str) -> None:
    quoted = single_line(opening + "x" + closing)

    assert without_thoughts(f"I fish. {quoted} I sail.").split()[:2] == ["I", "fish."]
    assert without_thoughts(f"I fish. {quoted} I sail.").split()[-2:] == ["I", "sail."]
