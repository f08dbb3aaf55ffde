"""Read the chosen option out of what a model wrote, or say why it cannot be read; never guess."""

import re
from collections.abc import Sequence

from graph.reply_reader.answer_marks import ANALYSIS, ANSWER_LINE, own_part
from graph.reply_reader.markup import plain_text
from graph.reply_reader.option_words import parse_integer
from graph.reply_reader.thoughts import without_thoughts
from graph.reply_reader.unreadable import UnreadableError
from graph.reply_reader.whole_reply import answer_of, is_complete
from graph.state import Cause, Reply
from survey.profile import Option

CUT = "the reply was cut off before its answer was complete"


def read_reply(text: str, options: Sequence[Option], cut: bool = False) -> Reply:
    """Read a reply of the form `Answer: …`, `Analysis: …`, written in whatever manner models have.

    Accepts markup, brackets, a number with its label, a label alone, prose around an `Answer:`
    line, and decimal digits of any script. With no `options`, any whole number from 0 is an answer.
    `code` is None, and `problem` and `cause` say why, when there is no answer, when answers differ
    or the choice is left open, when a label contradicts its number, when the number is no option,
    and when a reply that was `cut` may have lost a part of its answer.
    """
    said = without_thoughts(text)
    plain = own_part(plain_text(said))
    mark = ANALYSIS.search(plain)
    analysis = plain[mark.end() :].strip() if mark else plain
    try:
        if not said.strip():
            raise UnreadableError("only_reasoning" if text.strip() else "empty", "nothing was said")
        code = answer_of(plain, options)
        if cut and not is_complete(said, code, options):
            raise UnreadableError("cut_off", CUT)
    except UnreadableError as why:
        lost = cut and why.cause in ("empty", "only_reasoning", "no_answer")
        return _unread(text, analysis, "cut_off" if lost else why.cause, CUT if lost else str(why))
    return Reply(code=code, analysis=analysis, raw=text, problem="", cause="")


def read_published(text: str, options: Sequence[Option], cut: bool = False) -> Reply:
    """Read as the released scripts do: `Answer:` followed at once by digits, whatever they make."""
    mark = re.search(r"Analysis:\s*(.*)", text, re.DOTALL)
    analysis = mark[1].strip() if mark else text.strip()
    found = re.search(r"Answer:\s*(\d+)", text)
    return _released(text, analysis, found, cut, "no digits after Answer:")


def read_integer(text: str, options: Sequence[Option], cut: bool = False) -> Reply:
    """Read as the released baselines do: the first integer anywhere, whatever it is."""
    return _released(text, "", re.search(r"\d+", text), cut, "no integer")


def _released(
    text: str, analysis: str, found: re.Match[str] | None, cut: bool, problem: str
) -> Reply:
    """The number that a released script finds, unless the reply was cut within it or before it."""
    number = found[found.lastindex or 0] if found else ""
    if cut and (not found or found.end() == len(text)):
        return _unread(text, analysis, "cut_off", CUT)
    code = parse_integer(number) if number else None
    if code is None:
        cause: Cause = "empty" if not text.strip() else "out_of_range" if number else "no_answer"
        return _unread(text, analysis, cause, problem)
    return Reply(code=code, analysis=analysis, raw=text, problem="", cause="")


def _unread(text: str, analysis: str, cause: Cause, problem: str) -> Reply:
    """A reply in which no option could be read."""
    return Reply(code=None, analysis=analysis, raw=text, problem=problem, cause=cause)


def read_free(text: str, cut: bool = False) -> tuple[str, str, str, Cause]:
    """Read the reply to a free question: answer, analysis, and why there is no answer, each ""
    where none.

    A reply without an `Answer:` line is an answer as a whole. One that was `cut` within its answer
    is none.
    """
    shown = without_thoughts(text).strip()
    mark = ANALYSIS.search(shown)
    head = shown[: mark.start()] if mark else shown
    start = ANSWER_LINE.search(head)
    answer = (head[start.start(1) :] if start else head).strip().strip("*[]").strip()
    analysis = shown[mark.end() :].strip().strip("*").strip() if mark else ""
    if cut and not (mark and answer):
        return "", analysis, CUT, "cut_off"
    if answer:
        return answer, analysis, "", ""
    return (
        "",
        analysis,
        "nothing was said",
        "only_reasoning" if text.strip() and not shown else "empty",
    )
