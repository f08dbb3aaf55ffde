"""The answer of a whole reply: what its marks and lines say, held against what follows them."""

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
    """The one option that the text answers with; raises Unreadable."""
    mark = ANALYSIS.search(plain)
    before = plain[: mark.start()] if mark else plain
    said, after = marked_answers(plain, before)
    codes = {option_of(content, options) for content in dict.fromkeys(said)}
    if not codes:
        codes = _of_lines(before, options)
    if not codes:
        raise UnreadableError("no_answer", "no answer was found")
    if len(codes) > 1:
        raise UnreadableError(
            "several_answers", f"answers differ: {', '.join(map(str, sorted(codes)))}"
        )
    [code] = codes
    _holds(code, after, options)
    if options and code not in codes_in(before, options) and refuses(after):
        raise UnreadableError("no_answer", "the answer is refused")
    return code


def _of_lines(before: str, options: Sequence[Option]) -> set[int]:
    """The options that lines without an answer mark consist of; raises Unreadable."""
    lines = before.splitlines()
    read = [whole_line(line, options) for line in lines]
    codes = {code for code in read if code is not None}
    if len(codes) == 1:
        [code] = codes
        for line, own in zip(lines, read, strict=True):
            if own is None:
                _holds(code, line, options)
    return codes


def _holds(code: int, after: str, options: Sequence[Option]) -> None:
    """Raise Unreadable when what follows an answer turns to another option."""
    mark = ANALYSIS.search(after)
    head = after[: mark.start()] if mark else after
    others = {whole_line(line, options) for line in set(head.splitlines())} | _said_again(
        head, options
    )
    others -= {None, code}
    if others or turns_to_another(head, code, options) or takes_answer_back(after, code, options):
        raise UnreadableError("several_answers", f"{code} does not stay the answer")


def _said_again(head: str, options: Sequence[Option]) -> set[int | None]:
    """The options that sentences further on name as the answer."""
    marks = (*ANSWER.finditer(head), *ANSWER_IS.finditer(head))
    told = (line for line in NAMED.finditer(head) if not HOW_SURE.fullmatch(line["name"].strip()))
    found: set[int | None] = set()
    for content in {mark[1] for mark in marks}:
        with suppress(UnreadableError):
            found.add(option_of(content, options))
    for content in {line[2] for line in told}:
        with suppress(UnreadableError):
            found.add(whole_line(content, options))
    return found


def is_complete(said: str, code: int, options: Sequence[Option]) -> bool:
    """Whether a reply that was cut had its answer before the cut: reasons or a new line follow
    it.
    """
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
