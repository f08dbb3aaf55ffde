"""The one option that a few words name, or why they name none."""

import re
from collections.abc import Sequence

from graph.reply_reader.agreement import check_agreement
from graph.reply_reader.answer_marks import ANSWERS
from graph.reply_reader.open_choice import leaves_choice_open, without_asides
from graph.reply_reader.option_words import (
    LONGEST,
    WORDS_OF_NUMBERS,
    codes_in,
    label_key,
    labels_in,
    opening_option,
    parse_integer,
)
from graph.reply_reader.unreadable import UnreadableError
from survey.profile import Option

QUOTES = "\"'“”‘’«»„`"
BRACKETS = "()[]{}<>【】「」『』〈〉《》〔〕"
POINTERS = "✅☑✔👉➡▶★⭐📌🔹🔸●◆■•"
NUMBERED = re.compile(
    r"(?:(?:option|number|code|选项|選択肢|第|opción|opção|вариант)\s*(?:number\s*)?:?\s*#?\s*)?"
    r"(-?\d+(?:[.,]\d+)?)(?![\d%^⁄a-z]|[.,]\d)\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
TRAILING_NUMBER = re.compile(
    r"(.*\S)\s*[(\[:]\s*(?:option\s*)?(-?\d+)\s*[)\]]?\W*", re.IGNORECASE | re.DOTALL
)
LEAD = re.compile(
    rf"\[?option number\]?\s*:\s*(?=\S)|(?:(?:my|the|final) ){{0,3}}(?:{ANSWERS})\s*(?:is|would "
    rf"be|[:=])\s*:?\s*|"
    r"(?:so )?(?:i(?:'d| would| will|'ll)? (?:rather )?|let me )"
    r"(?:pick|say|choose|select|go with|answer(?: with)?|opt for)\s+|"
    r"(?:it is|it's|it would be|that is|that would be)\s+|"
    r"(?:about|approximately|approx\.?|around|roughly|circa|~(?!~)|≈|≅)\s*(?=\d)|"
    r"option\s+no\.?\s*(?=\d)|[-–—]\s+(?=\d)|#\s*(?=\d)",
    re.IGNORECASE,
)
"""What may stand before the option."""
NUMERO = re.compile(r"(?:no\.|№|nr\.?)\s*(?=\d)", re.IGNORECASE)
ALONE = re.compile(
    r"(?:(?:my|the|final) ){0,3}answer\s*(?:[–—-]|#|no\.?|number|option)?\s*(?=\d)", re.IGNORECASE
)
LEADS = 5
"""So many of these are taken away, one after the other."""
COMPARED = re.compile(r"[<>]=?\s*\d[^>]*\Z|[≤≥]")
LISTED = re.compile(r"(?:option\s+)?(-?\d+)\s*[:.)=–-]+\s*(\S.*)", re.IGNORECASE)
REFUSAL = re.compile(
    r"\b(?:can(?:no|['’])t|cannot|can not|unable|won['’]t|will not|not able|rather not|prefer "
    r"not|declin\w+|refus\w+|"
    r"don['’]t know|do not know|not sure|unsure|uncertain|not comfortable|as an ai|language "
    r"model|no opinion|"
    r"impossible|insufficient|not enough|sorry|hard to say|depends|comment|not applicable|option "
    r"fits|enough|"
    r"(?:in)?appropriate|information|harmful|offensive|assist|help "
    r"with|discuss|request|(?:that|this|the) question)\b",
    re.IGNORECASE,
)


def option_of(content: str, options: Sequence[Option]) -> int:
    """The option named by what follows `Answer:`; raises Unreadable."""
    if COMPARED.match(content.strip()):
        raise UnreadableError("no_answer", "no option was named")
    content = _led(content, options)
    if not content:
        raise UnreadableError("no_answer", "the answer is empty")
    if number := NUMBERED.fullmatch(content):
        code, rest = _code(number[1], options), number[2]
    elif (trailing := TRAILING_NUMBER.fullmatch(content)) and labels_in(trailing[1], options):
        code, rest = _code(trailing[2], options), trailing[1]
    else:
        return _leading_label(content, options)
    check_agreement(code, rest, options)
    return code


def whole_line(line: str, options: Sequence[Option]) -> int | None:
    """The option that a line consists of, or that it lists; None for any other line."""
    line = line.strip()
    alone = ALONE.match(line)
    content = _led(line[alone.end() :] if alone else line, options)
    if number := NUMBERED.fullmatch(content):
        label = strip_marks(number[2])
        if label and label_key(label) not in {label_key(option["label"]) for option in options}:
            return _listed(content, options)
    elif not any(label_key(option["label"]) == label_key(content) for option in options) and not (
        TRAILING_NUMBER.fullmatch(content)
    ):
        return None
    try:
        return option_of(content, options)
    except UnreadableError:
        if number and not strip_marks(number[2]):
            raise
        return None


def _listed(content: str, options: Sequence[Option]) -> int | None:
    """The option that a line lists with its label, whatever is written behind it."""
    listed = LISTED.fullmatch(content)
    if not listed:
        return None
    code = parse_integer(listed[1].lstrip("-"))
    opening = opening_option(label_key(listed[2]), options)
    if opening is None or opening["code"] != code:
        return None
    return option_of(content, options)


def _led(text: str, options: Sequence[Option]) -> str:
    """The text without what surrounds it and what leads up to the option."""
    left = strip_marks(text)
    for _ in range(LEADS):
        led = _without_lead(left, options)
        if led == left:
            break
        left = led
    return left


def _without_lead(text: str, options: Sequence[Option]) -> str:
    """The text without the first thing that leads up to the option; "No. 2" may say "no" and a
    number.
    """
    pointed = text.lstrip(POINTERS + " ")
    lead = LEAD.match(pointed)
    if not lead and not any(label_key(option["label"]) == "no" for option in options):
        lead = NUMERO.match(pointed)
    if lead:
        return strip_marks(pointed[lead.end() :])
    return text if pointed == text else strip_marks(pointed)


def _code(number: str, options: Sequence[Option]) -> int:
    """A number as a valid code; raises Unreadable when it is none."""
    if len(number) > LONGEST:
        raise UnreadableError("out_of_range", "the number is too long")
    value = float(number.replace(",", "."))
    if not value.is_integer():
        raise UnreadableError("out_of_range", f"{number} is not a whole number")
    code = int(value)
    if code < 0:
        raise UnreadableError("out_of_range", f"{code} is a missing code")
    if options and code not in {option["code"] for option in options}:
        raise UnreadableError("out_of_range", f"{code} is out of range")
    return code


def _leading_label(content: str, options: Sequence[Option]) -> int:
    """The option whose label opens the text and is the only one in it; raises Unreadable."""
    head = re.split(r"[.;:,(\n]| [-–—] ", content, maxsplit=1)[0]
    heads = {label_key(content), label_key(head)}
    opening = _labelled(heads, options) or _counted(heads, options)
    if not opening:
        raise UnreadableError("no_answer", "no option was named")
    left = without_asides(content, options)
    if len(opening | labels_in(left, options) | codes_in(left, options)) > 1:
        raise UnreadableError("several_answers", "more than one option is named")
    code = opening.pop()
    labels = {label_key(option["label"]) for option in options if option["code"] == code}
    behind = "" if label_key(content) in labels else content[len(head) :]
    if leaves_choice_open(behind, code, options):
        raise UnreadableError("several_answers", "more than one option is named")
    if refuses(behind):
        raise UnreadableError("no_answer", "the answer is refused")
    return code


def refuses(text: str) -> bool:
    """Whether words behind a label such as "No" turn it into a refusal."""
    return REFUSAL.search(text) is not None


def _labelled(heads: set[str], options: Sequence[Option]) -> set[int]:
    """The options whose label is one of these texts, or begins with it up to a comma as no other
    one does.
    """
    ordered = {" ".join(sorted(head.split())) for head in heads}
    found = {option["code"] for option in options if label_key(option["label"]) in heads}
    if not found:
        found = {
            option["code"]
            for option in options
            if " ".join(sorted(label_key(option["label"]).split())) in ordered
        }
    if not found:
        found = {
            option["code"]
            for option in options
            if label_key(re.split("[,/;(]", option["label"])[0]) in heads
        }
    return found if len(found) == 1 else set()


def _counted(heads: set[str], options: Sequence[Option]) -> set[int]:
    """The option whose number is written as a word, where no label holds such a word."""
    words = {word for option in options for word in label_key(option["label"]).split()}
    if words & set(WORDS_OF_NUMBERS):
        return set()
    said = {head.removeprefix("option ").removeprefix("number ") for head in heads}
    return {WORDS_OF_NUMBERS[head] for head in said & set(WORDS_OF_NUMBERS)} & {
        option["code"] for option in options
    }


def strip_marks(text: str) -> str:
    """Without the white space, quotes, brackets and stops that surround it."""
    text = text.strip().strip(QUOTES + BRACKETS + ".,;:!|").strip()
    return text.strip(QUOTES)
