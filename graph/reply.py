"""Read the chosen option out of what a model wrote, or say why it cannot be read; never guess."""

import re
import unicodedata
from collections.abc import Sequence

from graph.state import Reply
from survey.profile import Option

THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
THOUGHT_END = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)  # some servers swallow the opening tag
ANALYSIS = re.compile(r"\banalysis[\"']?[ \t]*[:=]", re.IGNORECASE)
ANSWER = re.compile(r"\banswer[\"']?[ \t]*[:=][ \t]*(?:\n\s*)?(.*)", re.IGNORECASE)
ANSWER_LINE = re.compile(
    r"^[^\w\n]*(?:(?:my|the|final|best|chosen|selected) )*" + ANSWER.pattern, re.IGNORECASE | re.MULTILINE
)
ANSWER_IS = re.compile(r"\banswer is[ \t]*:?[ \t]*(.*)", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\W*option number\W*", re.IGNORECASE)
NUMBERED = re.compile(
    r"(?:(?:option|number|code)\s*(?:number\s*)?:?\s*)?(-?\d+(?:[.,]\d+)?)(?![\d%])\s*(.*)", re.IGNORECASE | re.DOTALL
)
TRAILING_NUMBER = re.compile(r"(.*\S)\s*[(\[:]\s*(?:option\s*)?(-?\d+)\s*[)\]]?\W*", re.IGNORECASE | re.DOTALL)
SCALE = re.compile(r"\b(?:on )?(?:a|the) scale (?:of|from) \d+ ?(?:to|-|–) ?\d+", re.IGNORECASE)
QUOTES = "\"'“”‘’«»„`"
LONGEST = 15  # digits of a number that is exact everywhere


class Unreadable(ValueError):
    """No one valid option stands in the text; the message says why."""


def read_reply(text: str, options: Sequence[Option]) -> Reply:
    """Read a reply of the form `Answer: …`, `Analysis: …`, written in whatever manner models have.

    Accepts markup, brackets, a number with its label, a label alone, prose around an `Answer:` line, and decimal
    digits of any script. With no `options`, any whole number from 0 is an answer. `code` is None, and `problem` says
    why, when there is no answer, when answers differ, when a label contradicts its number, and when the number is no
    option.
    """
    plain = _plain(text)
    analysis = plain[mark.end() :].strip() if (mark := ANALYSIS.search(plain)) else plain
    try:
        return Reply(code=_read(plain, options), analysis=analysis, raw=text, problem="")
    except Unreadable as why:
        return Reply(code=None, analysis=analysis, raw=text, problem=str(why))


def read_published(text: str, options: Sequence[Option]) -> Reply:
    """Read as the released scripts do: `Answer:` followed at once by digits, whatever number they make."""
    found = re.search(r"Answer:\s*(\d+)", text)
    mark = re.search(r"Analysis:\s*(.*)", text, re.DOTALL)
    code = _integer(found[1]) if found else None
    analysis = mark[1].strip() if mark else text.strip()
    return Reply(code=code, analysis=analysis, raw=text, problem="no digits after Answer:" if code is None else "")


def read_integer(text: str, options: Sequence[Option]) -> Reply:
    """Read as the released baselines do: the first integer anywhere, whatever it is."""
    found = re.search(r"\d+", text)
    code = _integer(found[0]) if found else None
    return Reply(code=code, analysis="", raw=text, problem="no integer" if code is None else "")


def without_thoughts(text: str) -> str:
    """What was said, without the thoughts that some models write down before it."""
    return THOUGHT_END.sub("", THOUGHT.sub("", text))


def read_free(text: str) -> tuple[str, str, str]:
    """Read the reply to a free question: the answer, the analysis, and why there is no answer, each "" where none.

    A reply without an `Answer:` line is an answer as a whole.
    """
    shown = without_thoughts(text).strip()
    mark = ANALYSIS.search(shown)
    head = shown[: mark.start()] if mark else shown
    start = ANSWER_LINE.search(head)
    answer = (head[start.start(1) :] if start else head).strip().strip("*[]").strip()
    analysis = shown[mark.end() :].strip().strip("*").strip() if mark else ""
    return answer, analysis, "" if answer else "nothing was said"


def _integer(digits: str) -> int | None:
    """Digits as a number; None where there are so many that no survey means them."""
    return int(digits) if len(digits) <= LONGEST else None


def _plain(text: str) -> str:
    """The text without thoughts and markup, with ASCII digits and colons."""
    shown = unicodedata.normalize("NFKC", without_thoughts(text)).replace("\N{MINUS SIGN}", "-")
    if not shown.isascii():
        shown = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in shown)
    shown = re.sub(r"\\boxed\{([^{}]*)\}", r"\1", shown)
    return re.sub(r"[*_`#$]+|^[ \t]*>+", "", shown, flags=re.MULTILINE).strip()


def _read(plain: str, options: Sequence[Option]) -> int:
    """The one option that the text answers with; raises Unreadable."""
    if not plain:
        raise Unreadable("nothing was said")
    before = plain[: mark.start()] if (mark := ANALYSIS.search(plain)) else plain
    places = ((ANSWER_LINE, plain), (ANSWER, before), (ANSWER_IS, before), (ANSWER, plain))
    marked = next((found for pattern, part in places if (found := list(pattern.finditer(part)))), [])
    said = [ANALYSIS.split(found[1])[0] for found in marked if not PLACEHOLDER.fullmatch(found[1])]
    if said:
        codes = {_option(content, options) for content in said}
    else:
        codes = {code for line in before.splitlines() if (code := _whole_line(line, options)) is not None}
    if not codes:
        raise Unreadable("no answer was found")
    if len(codes) > 1:
        raise Unreadable(f"answers differ: {', '.join(map(str, sorted(codes)))}")
    return codes.pop()


def _whole_line(line: str, options: Sequence[Option]) -> int | None:
    """The option that a line consists of, with nothing beside it; None for any other line."""
    content = _bare(line)
    if number := NUMBERED.fullmatch(content):
        label = _bare(number[2])
        if label and _key(label) not in {_key(option["label"]) for option in options}:
            return None
    elif not any(_key(option["label"]) == _key(content) for option in options) and not TRAILING_NUMBER.fullmatch(
        content
    ):
        return None
    try:
        return _option(content, options)
    except Unreadable:
        if number and not _bare(number[2]):
            raise
        return None


def _option(content: str, options: Sequence[Option]) -> int:
    """The option named by what follows `Answer:`; raises Unreadable."""
    content = _bare(content)
    if not content:
        raise Unreadable("the answer is empty")
    if number := NUMBERED.fullmatch(content):
        code, rest = _code(number[1], options), number[2]
    elif (trailing := TRAILING_NUMBER.fullmatch(content)) and labels_in(trailing[1], options):
        code, rest = _code(trailing[2], options), trailing[1]
    else:
        return _leading_label(content, options)
    _agrees(code, rest, options)
    return code


def _code(number: str, options: Sequence[Option]) -> int:
    """A number as a valid code; raises Unreadable when it is none."""
    if len(number) > LONGEST:
        raise Unreadable("the number is too long")
    value = float(number.replace(",", "."))
    if not value.is_integer():
        raise Unreadable(f"{number} is not a whole number")
    code = int(value)
    if code < 0:
        raise Unreadable(f"{code} is a missing code")
    if options and code not in {option["code"] for option in options}:
        raise Unreadable(f"{code} is out of range")
    return code


def _agrees(code: int, rest: str, options: Sequence[Option]) -> None:
    """Raise Unreadable when what stands beside a number names another option."""
    opening = _opens(_key(rest), options)
    if opening is not None and opening["code"] == code:
        return
    rest = SCALE.sub(" ", rest)
    if over := re.match(r"\s*(?:/|out of|of)\s*(\d+)\b(.*)", rest, re.IGNORECASE | re.DOTALL):
        if not options or _integer(over[1]) != max(option["code"] for option in options):
            raise Unreadable(f"the answer is a fraction: {code} of {over[1]}")
        rest = over[2]
    first = re.split(r"[.;\n]", rest, maxsplit=1)[0]
    if (_codes_in(first, options) if options else _numbers_in(first)) - {code}:
        raise Unreadable("more than one number is named")
    named = labels_in(first, options)
    if named and named != {code}:
        raise Unreadable(f"the label contradicts the number {code}")


def _opens(words: str, options: Sequence[Option]) -> Option | None:
    """The option whose label, the longest that does, opens these words: "agree strongly" rather than "agree"."""
    by_length = sorted(options, key=lambda option: -len(option["label"]))
    return next((option for option in by_length if f"{words} ".startswith(f"{_key(option['label'])} ")), None)


def _leading_label(content: str, options: Sequence[Option]) -> int:
    """The option whose label opens the text and is the only one in it; raises Unreadable."""
    heads = {_key(content), _key(re.split(r"[.;,(\n]| [-–—] ", content, maxsplit=1)[0])}
    opening = {option["code"] for option in options if _key(option["label"]) in heads}
    if not opening:
        raise Unreadable("no option was named")
    if len(opening | labels_in(content, options) | _codes_in(content, options)) > 1:
        raise Unreadable("more than one option is named")
    return opening.pop()


def _codes_in(text: str, options: Sequence[Option]) -> set[int]:
    """Codes that stand in a text as numbers."""
    return {option["code"] for option in options} & _numbers_in(text)


def _numbers_in(text: str) -> set[int | None]:
    """All numbers that stand in a text; None for one that is too long to be any."""
    return {_integer(digits) for digits in re.findall(r"\d+", text)}


def labels_in(text: str, options: Sequence[Option]) -> set[int]:
    """Codes of the labels (of words, not bare numbers) that stand in a text, longer labels first and not read twice."""
    left, found = f" {_key(text)} ", set()
    for option in sorted(options, key=lambda option: -len(option["label"])):
        label = f" {_key(option['label'])} "
        if label in left and not label.strip().isdecimal():
            found.add(option["code"])
            left = left.replace(label, " | ")
    return found


def _bare(text: str) -> str:
    """Without the white space, quotes, brackets and stops that surround it."""
    text = text.strip().strip(QUOTES + "()[]{}<>.,;:!|").strip()
    return text.strip(QUOTES)


def _key(text: str) -> str:
    """Words alone, for comparing labels: case, punctuation and spacing do not count."""
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))
