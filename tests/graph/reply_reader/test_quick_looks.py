"""A quick look never misses what the patterns find: they are searched only where it finds a trace of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.reply_reader.open_choice import REVISED, SENTENCE_END, _may_revise
from graph.reply_reader.thoughts import _may_hold_marks
from survey.special_tokens import OTHER_TURN, THOUGHT_MARK

WORDS = """
revise revised corrected update changing amended adjust my the this answer choice option response selection mind it that
actual real true new final better ultimate ( – - — but so hmm, hmm wait actually correction edit sorry scratch strike
apologies should be have been on second thought thoughts reflection let me reconsider change i mean meant take back
make no, no one two 1 2 . , ; ! ? İ ı ſ K WAIT Correction ANſWER
"""
MARKS = r"""
<think> </think> <thinking> [think] [/THINK] ◁think▷ ◁/think▷ <|channel>thought <unused94> <|inner_prefix|> here is my
thought process: Here's response: is my responſe: <|start_response|> <|begin_of_solution|> <｜think｜> <|im_start|>user
[INST] <|user|> <start_of_turn>system </cot> assistant process response
"""
TAKEN_BACK = """
I revise my answer; correcting that; updated this; changed my mind; amend it; adjusting the choice; the actual answer;
my real choice; the true option; a new response; my final selection; a better answer; the ultimate choice; wait;
but wait; actually 2; correction; edit; sorry; scratch that; strike that; my apologies; apologies; it should be 2;
it should have been 2; on second thought; on second thoughts; on reflection; let me revise; let me reconsider;
i mean 2; i meant 2; i take that back; make it 2; make that 2; no, the answer; no, option 2; no, make it; no, i
"""


def texts(words: str) -> st.SearchStrategy[str]:
    """Texts of these words, of blanks and line ends, and of anything else now and then."""
    pieces = st.one_of(st.sampled_from([*words.split(), " ", "\n"]), st.text(max_size=2))
    return st.lists(pieces, max_size=12).flatmap(lambda parts: st.sampled_from([" ".join(parts), "".join(parts)]))


@settings(deadline=None, max_examples=600)
@given(text=texts(WORDS))
def test_an_answer_taken_back_is_never_missed(text: str) -> None:
    if any(REVISED.search(sentence) for sentence in SENTENCE_END.split(text)):
        assert _may_revise(text)


@settings(deadline=None, max_examples=600)
@given(text=texts(MARKS))
def test_a_mark_of_thoughts_is_never_missed(text: str) -> None:
    if THOUGHT_MARK.search(text) or OTHER_TURN.search(text):
        assert _may_hold_marks(text)


def test_each_word_that_takes_an_answer_back_is_looked_for() -> None:
    for sentence in " ".join(TAKEN_BACK.split()).split("; "):
        assert REVISED.search(sentence), sentence
        assert _may_revise(sentence.upper()) and _may_revise(sentence), sentence
    assert not _may_revise("Analysis: family comes first, and you would say so.")
