"""What holds for any text, and for every option of the codebook."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.reply import read_integer, read_published, read_reply
from survey.codebook import Item, wvs7
from survey.profile import options_of

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
    assert (reply["code"] is None) == bool(reply["problem"])
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


@pytest.mark.parametrize("style", ["Answer: {code}: {label}", "Answer: {code} ({label})", "Answer: {label} ({code})"])
def test_no_number_beside_the_label_of_another_option_is_read(style: str) -> None:
    for item in ITEMS:
        options = options_of(item)
        for number in options:
            for name in options:
                if name != number and not name["label"].isdecimal():
                    text = style.format(code=number["code"], label=name["label"])
                    assert read_reply(text, options)["code"] is None, f"{item.id}: {text}"
