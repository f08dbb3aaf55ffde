"""Read the answer of a whole reply from its marks and lines, and check what follows them."""

from collections.abc import Sequence
from contextlib import suppress

from graph.reply_reader.answer_marks import (
    ANALYSIS,
    ANSWER,
    ANSWER_IS,
    ANSWER_LINE,
    HOW_SURE,
    NAMED,
    marked_answers,
    reasons_left_out,
)
from graph.reply_reader.chosen_option import option_of, refuses, whole_line
from graph.reply_reader.markup import plain_text
from graph.reply_reader.open_choice import takes_answer_back, turns_to_another
from graph.reply_reader.option_words import codes_in
from graph.reply_reader.unreadable import UnreadableError
from survey.profile import Option


def answer_of(plain: str, options: Sequence[Option]) -> int:
    """Return the code of the one option that a reply answers with.

    Raises UnreadableError where it answers with none or several, or takes its answer back.
    """
    mark = ANALYSIS.search(plain)
    before = plain[: mark.start()] if mark else plain
    said, after = marked_answers(plain, before)
    codes = {option_of(content, options) for content in dict.fromkeys(said)}
    if not codes:
        codes = _codes_of_lines(before, options)
    if not codes:
        raise UnreadableError("no_answer", "no answer was found")
    if len(codes) > 1:
        raise UnreadableError(
            "several_answers", f"answers differ: {', '.join(map(str, sorted(codes)))}"
        )
    [code] = codes
    _check_kept(code, after, options)
    if options and code not in codes_in(before, options) and refuses(after):
        raise UnreadableError("no_answer", "the answer is refused")
    return code


def _codes_of_lines(before: str, options: Sequence[Option]) -> set[int]:
    """Return the options that lines without an answer mark consist of."""
    lines = before.splitlines()
    read = [whole_line(line, options) for line in lines]
    codes = {code for code in read if code is not None}
    if len(codes) == 1:
        [code] = codes
        for line, own in zip(lines, read, strict=True):
            if own is None:
                _check_kept(code, line, options)
    return codes


def _check_kept(code: int, after: str, options: Sequence[Option]) -> None:
    """Raise UnreadableError where what follows an answer turns to another option."""
    mark = ANALYSIS.search(after)
    head = after[: mark.start()] if mark else after
    others = _said_again(head, options)
    for line in dict.fromkeys(head.splitlines()):
        others.add(whole_line(line, options))
    others -= {None, code}
    if others or turns_to_another(head, code, options) or takes_answer_back(after, code, options):
        raise UnreadableError("several_answers", f"{code} does not stay the answer")


def _said_again(head: str, options: Sequence[Option]) -> set[int | None]:
    """Return the options that later sentences name as the answer."""
    answers = [mark[1] for mark in (*ANSWER.finditer(head), *ANSWER_IS.finditer(head))]
    named = []
    for line in NAMED.finditer(head):
        if not HOW_SURE.fullmatch(line["name"].strip()):
            named.append(line[2])
    found: set[int | None] = set()
    for content in dict.fromkeys(answers):  # once each: a reply may repeat its answer without end
        with suppress(UnreadableError):
            found.add(option_of(content, options))
    for content in dict.fromkeys(named):
        with suppress(UnreadableError):
            found.add(whole_line(content, options))
    return found


def is_complete(said: str, code: int, options: Sequence[Option]) -> bool:
    """Whether a cut reply had its answer before the cut: reasons or a new line follow it."""
    plain = plain_text(said)
    whole, reasons = reasons_left_out(plain, said.rstrip(" \t").endswith(("\n", "\r")))
    found = list(ANSWER_LINE.finditer(whole))
    if not found:
        return False
    try:
        if reasons:
            return answer_of(whole, options) == code
        return not whole[: found[0].start()].strip() and whole_line(found[0][1], options) == code
    except UnreadableError:
        return False
