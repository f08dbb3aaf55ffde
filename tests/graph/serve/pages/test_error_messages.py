"""One line for whatever goes wrong, and never a key in it."""

import logging

import pytest

from graph.llm.errors import CallFailedError
from graph.llm.factory import ModelError
from graph.serve.pages.error_messages import error_message
from graph.serve.pages.pasted_answers import parse_pasted_answers
from graph.settings import Settings
from graph.validation import InputTooLargeError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ModelError("model openai:x: no key; set OPENAI_API_KEY"), "Model openai:x: no key; set OPENAI_API_KEY."),
        (InputTooLargeError("question: 9 characters"), "Question: 9 characters."),
        (CallFailedError("story_cut_off", "the story is\nlonger."), "The story is longer."),
        (ConnectionResetError(), "The model cannot be reached. Is it running, and is its address right?"),
    ],
)
def test_what_is_foreseen_is_told_and_not_logged(error: Exception, line: str, caplog: pytest.LogCaptureFixture) -> None:
    assert error_message(error, Settings()) == line
    assert caplog.records == []


def test_what_nobody_foresaw_is_told_too_and_the_console_says_where(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-seen")
    with caplog.at_level(logging.ERROR):
        line = error_message(RuntimeError("it broke\nwith sk-not-to-be-seen"), Settings())

    assert line == "No answer: it broke with [OPENAI_API_KEY]."
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Age: 47", {"Age": "47"}),
        ("\n  Say: yes or no?:  no \n\nHours: 9:00", {"Say: yes or no?": "no", "Hours": "9:00"}),
        ("", "no answers"),
        ("Age: 47\nAge: 48", "line 2: an earlier line"),
        ("Age 47", "line 1: write"),
        ("Age:", "line 1: write"),
        (": 47", "line 1: write"),
    ],
)
def test_pasted_answers_are_read_line_by_line(text: str, found: dict[str, str] | str) -> None:
    if isinstance(found, dict):
        assert parse_pasted_answers(text) == found
    else:
        with pytest.raises(ValueError, match=found):
            parse_pasted_answers(text)
