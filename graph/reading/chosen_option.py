"""The one option that a few words name, or why they name none."""

import re
from collections.abc import Sequence

from graph.reading.agreement import check_agreement
from graph.reading.answer_marks import ANSWERS
from graph.reading.open_choice import left_open, without_asides
from graph.reading.option_words import LONGEST, WORDS_OF_NUMBERS, codes_in, integer, key, labels_in, opens
from graph.reading.unreadable import Unreadable
from survey.profile import Option

QUOTES = "\"'“”‘’«»„`"
BRACKETS = "()[]{}<>【】「」『』〈〉《》〔〕"
POINTERS = "✅☑✔👉➡▶★⭐📌🔹🔸●◆■•"
NUMBERED = re.compile(
    r"(?:(?:option|number|code|选项|選択肢|第|opción|opção|вариант)\s*(?:number\s*)?:?\s*#?\s*)?"
    r"(-?\d+(?:[.,]\d+)?)(?![\d%^⁄a-z]|[.,]\d)\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
TRAILING_NUMBER = re.compile(r"(.*\S)\s*[(\[:]\s*(?:option\s*)?(-?\d+)\s*[)\]]?\W*", re.IGNORECASE | re.DOTALL)
LEAD = re.compile(
    rf"\[?option number\]?\s*:\s*(?=\S)|(?:(?:my|the|final) ){{0,3}}(?:{ANSWERS})\s*(?:is|would be|[:=])\s*:?\s*|"
    r"(?:so )?(?:i(?:'d| would| will|'ll)? (?:rather )?|let me )"
    r"(?:pick|say|choose|select|go with|answer(?: with)?|opt for)\s+|"
    r"(?:it is|it's|it would be|that is|that would be)\s+|"
    r"(?:about|approximately|approx\.?|around|roughly|circa|~(?!~)|≈|≅)\s*(?=\d)|"
    r"option\s+no\.?\s*(?=\d)|[-–—]\s+(?=\d)|#\s*(?=\d)",
    re.IGNORECASE,
)
"""What may stand before the option."""
NUMERO = re.compile(r"(?:no\.|№|nr\.?)\s*(?=\d)", re.IGNORECASE)
ALONE = re.compile(r"(?:(?:my|the|final) ){0,3}answer\s*(?:[–—-]|#|no\.?|number|option)?\s*(?=\d)", re.IGNORECASE)
LEADS = 5
"""So many of these are taken away, one after the other."""
COMPARED = re.compile(r"[<>]=?\s*\d[^>]*\Z|[≤≥]")
LISTED = re.compile(r"(?:option\s+)?(-?\d+)\s*[:.)=–-]+\s*(\S.*)", re.IGNORECASE)
REFUSAL = re.compile(
    r"\b(?:can(?:no|['’])t|cannot|can not|unable|won['’]t|will not|not able|rather not|prefer not|declin\w+|refus\w+|"
    r"don['’]t know|do not know|not sure|unsure|uncertain|not comfortable|as an ai|language model|no opinion|"
    r"impossible|insufficient|not enough|sorry|hard to say|depends|comment|not applicable|option fits|enough|"
    r"(?:in)?appropriate|information|harmful|offensive|assist|help with|discuss|request|(?:that|this|the) question)\b",
    re.IGNORECASE,
)


def option_of(content: str, options: Sequence[Option]) -> int:
    """The option named by what follows `Answer:`; raises Unreadable."""
    if COMPARED.match(content.strip()):
        raise Unreadable("no_answer", "no option was named")
    content = _led(content, options)
    if not content:
        raise Unreadable("no_answer", "the answer is empty")
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
        label = bare(number[2])
        if label and key(label) not in {key(option["label"]) for option in options}:
            return _listed(content, options)
    elif not any(key(option["label"]) == key(content) for option in options) and not (
        TRAILING_NUMBER.fullmatch(content)
    ):
        return None
    try:
        return option_of(content, options)
    except Unreadable:
        if number and not bare(number[2]):
            raise
        return None


def _listed(content: str, options: Sequence[Option]) -> int | None:
    """The option that a line lists with its label, whatever is written behind it."""
    listed = LISTED.fullmatch(content)
    if not listed:
        return None
    code = integer(listed[1].lstrip("-"))
    opening = opens(key(listed[2]), options)
    if opening is None or opening["code"] != code:
        return None
    return option_of(content, options)


def _led(text: str, options: Sequence[Option]) -> str:
    """The text without what surrounds it and what leads up to the option."""
    left = bare(text)
    for _ in range(LEADS):
        led = _without_lead(left, options)
        if led == left:
            break
        left = led
    return left


def _without_lead(text: str, options: Sequence[Option]) -> str:
    """The text without the first thing that leads up to the option; "No. 2" may say "no" and a number."""
    pointed = text.lstrip(POINTERS + " ")
    lead = LEAD.match(pointed)
    if not lead and not any(key(option["label"]) == "no" for option in options):
        lead = NUMERO.match(pointed)
    if lead:
        return bare(pointed[lead.end() :])
    return text if pointed == text else bare(pointed)


def _code(number: str, options: Sequence[Option]) -> int:
    """A number as a valid code; raises Unreadable when it is none."""
    if len(number) > LONGEST:
        raise Unreadable("out_of_range", "the number is too long")
    value = float(number.replace(",", "."))
    if not value.is_integer():
        raise Unreadable("out_of_range", f"{number} is not a whole number")
    code = int(value)
    if code < 0:
        raise Unreadable("out_of_range", f"{code} is a missing code")
    if options and code not in {option["code"] for option in options}:
        raise Unreadable("out_of_range", f"{code} is out of range")
    return code


def _leading_label(content: str, options: Sequence[Option]) -> int:
    """The option whose label opens the text and is the only one in it; raises Unreadable."""
    head = re.split(r"[.;:,(\n]| [-–—] ", content, maxsplit=1)[0]
    heads = {key(content), key(head)}
    opening = _labelled(heads, options) or _counted(heads, options)
    if not opening:
        raise Unreadable("no_answer", "no option was named")
    left = without_asides(content, options)
    if len(opening | labels_in(left, options) | codes_in(left, options)) > 1:
        raise Unreadable("several_answers", "more than one option is named")
    code = opening.pop()
    labels = {key(option["label"]) for option in options if option["code"] == code}
    behind = "" if key(content) in labels else content[len(head) :]
    if left_open(behind, code, options):
        raise Unreadable("several_answers", "more than one option is named")
    if refuses(behind):
        raise Unreadable("no_answer", "the answer is refused")
    return code


def refuses(text: str) -> bool:
    """Whether words behind a label such as "No" turn it into a refusal."""
    return REFUSAL.search(text) is not None


def _labelled(heads: set[str], options: Sequence[Option]) -> set[int]:
    """The options whose label is one of these texts, or begins with it up to a comma as no other one does."""
    ordered = {" ".join(sorted(head.split())) for head in heads}
    found = {option["code"] for option in options if key(option["label"]) in heads}
    if not found:
        found = {option["code"] for option in options if " ".join(sorted(key(option["label"]).split())) in ordered}
    if not found:
        found = {option["code"] for option in options if key(re.split("[,/;(]", option["label"])[0]) in heads}
    return found if len(found) == 1 else set()


def _counted(heads: set[str], options: Sequence[Option]) -> set[int]:
    """The option whose number is written as a word, where no label holds such a word."""
    words = {word for option in options for word in key(option["label"]).split()}
    if words & set(WORDS_OF_NUMBERS):
        return set()
    said = {head.removeprefix("option ").removeprefix("number ") for head in heads}
    return {WORDS_OF_NUMBERS[head] for head in said & set(WORDS_OF_NUMBERS)} & {option["code"] for option in options}


def bare(text: str) -> str:
    """Without the white space, quotes, brackets and stops that surround it."""
    text = text.strip().strip(QUOTES + BRACKETS + ".,;:!|").strip()
    return text.strip(QUOTES)
