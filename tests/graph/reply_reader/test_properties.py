"""What holds for any text, and for every option of the codebook."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph.reply import read_integer, read_published, read_reply
from survey.codebook import wvs7
from survey.item import Item
from survey.profile import options_of
from survey.special_tokens import THOUGHT_MARK

ITEMS = {options: item for item in wvs7().items.values() if (options := item.options) and item.scorable}.values()
TOKENS = r"""
Answer: Answer Analysis: answer is or 1 2 3 10 -1 ٣ 2.5 / - . , : " ** [ ] ( ) { } \boxed{2} <think> </think>
Very good Yes agree strongly Option
"""
PIECES = st.sampled_from([" ", "\n", *TOKENS.split()])
TEXT = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=14).map("".join))
STYLES = """
Answer: {code}\\nAnalysis: so it is.
**Answer:** {code}: {label}\\n**Analysis:** so it is.
Answer: [{code}]
Answer: [{code}: {label}]
Answer: [{code}] {label}
Answer: {code} ({label})
Answer: {code}. {label}.
Answer: {code} - {label}
Answer: {code}: {label}, because 3 of my sisters do so
Answer: {label}
Answer: "{label}"
Answer: {label} ({code})
Sure!\\n\\nAnswer: Option {code}
The answer is {code}.
{code}
{code}: {label}
{label}
{{"answer": {code}, "analysis": "so it is."}}
<think>{other}? No.</think>Answer: {code}
"""


@settings(deadline=None)
@given(text=TEXT, item=st.sampled_from([*ITEMS, None]))
def test_any_text_is_read_as_an_option_or_as_nothing(text: str, item: Item | None) -> None:
    options = options_of(item) if item else []

    reply = read_reply(text, options)

    assert reply["raw"] == text
    assert (reply["code"] is None) == bool(reply["problem"]) == bool(reply["cause"])
    if reply["code"] is not None:
        assert reply["code"] in {option["code"] for option in options} if options else reply["code"] >= 0


@settings(deadline=None)
@given(text=TEXT)
def test_any_text_is_read_by_the_released_readers(text: str) -> None:
    for reply in (read_published(text, []), read_integer(text, [])):
        assert reply["raw"] == text
        assert reply["code"] is None or reply["code"] >= 0


@pytest.mark.parametrize("style", STYLES.strip().splitlines())
def test_every_option_of_the_codebook_is_read_back(style: str) -> None:
    for item in ITEMS:
        options = options_of(item)
        for option, other in zip(options, options[1:] + options[:1], strict=True):
            text = style.format(**option, other=f"Answer: {other['code']}").replace("\\n", "\n")
            assert read_reply(text, options)["code"] == option["code"], f"{item.id}: {text}"


SEVERAL = """
Answer: {code}: {label} {other}: {another}
Answer: {code} or {other}
Answer: {code}, possibly {other}
Answer: {code}: {label}, or maybe {other}
Answer: {code}: {label}, perhaps {another}
Answer: {code}: {label} / {other}: {another}
Answer: {code}\\nAnswer: {other}
Answer: {code}\\nRevised answer: {other}
Answer: {code}\\nAnalysis: so it is.\\nFinal answer: {other}: {another}
Answer: {code}\\nWait, {other}
Answer: {code}\\n{other}
Answer: {code}. No, {other}.
{code}: {label}\\n{other}: {another}
{code}: {label}\\n{other}: {another}  <- this one
{code}\\nor {other}
{{"answer": {code}, "second": {other}}}
{{"answer": [{code}, {other}]}}
"""
CHOICES = st.sampled_from([item for item in ITEMS if len(options_of(item)) > 1])
THOUGHTS = [
    ("<think>", "</think>"),
    ("[THINK]", "[/THINK]"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("analysis", "assistantfinal"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<reasoning>", "</reasoning>"),
]


@settings(deadline=None, max_examples=200)
@given(data=st.data(), item=CHOICES, style=st.sampled_from(SEVERAL.strip().splitlines()))
def test_no_reply_that_names_two_options_as_its_answer_is_read(data: st.DataObject, item: Item, style: str) -> None:
    first, second = data.draw(st.permutations(options_of(item)))[:2]
    text = style.format(**first, other=second["code"], another=second["label"]).replace("\\n", "\n")

    assert read_reply(text, options_of(item))["code"] is None, f"{item.id}: {text}"


@settings(deadline=None, max_examples=200)
@given(text=TEXT, weighed=TEXT, marks=st.sampled_from(THOUGHTS), item=st.sampled_from([*ITEMS, None]))
def test_thoughts_never_change_what_is_read(text: str, weighed: str, marks: tuple[str, str], item: Item | None) -> None:
    options = options_of(item) if item else []
    for part in (text, weighed):
        assume(not THOUGHT_MARK.search(part) and "<" not in part)
    opening, closing = marks
    alone, behind = read_reply(text, options), read_reply(opening + "So: " + weighed + closing + text, options)

    assert (behind["code"], behind["problem"], behind["analysis"]) == (
        alone["code"],
        alone["problem"],
        alone["analysis"],
    )


@settings(deadline=None, max_examples=200)
@given(text=TEXT, item=st.sampled_from([*ITEMS, None]))
def test_a_cut_reply_is_read_as_the_whole_one_or_not_at_all(text: str, item: Item | None) -> None:
    options = options_of(item) if item else []
    whole, cut = read_reply(text, options), read_reply(text, options, cut=True)

    assert cut["code"] in (whole["code"], None)
    assert (cut["code"] is None) == bool(cut["cause"]) == bool(cut["problem"])


@pytest.mark.parametrize("style", ["Answer: {code}: {label}", "Answer: {code} ({label})", "Answer: {label} ({code})"])
def test_no_number_beside_the_label_of_another_option_is_read(style: str) -> None:
    for item in ITEMS:
        options = options_of(item)
        for number in options:
            for name in options:
                if name != number and not name["label"].isdecimal():
                    text = style.format(code=number["code"], label=name["label"])
                    assert read_reply(text, options)["code"] is None, f"{item.id}: {text}"
