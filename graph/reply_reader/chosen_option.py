"""Read the one option that a few words name, or say why they name none."""

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
    labels_hold_numbers,
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
    r"(?:"
    r"(?:option|number|code|选项|選択肢|第|opción|opção|вариант)"
    r"\s*(?:number\s*)?:?\s*#?\s*"
    r")?"
    r"(-?\d+(?:[.,]\d+)?)(?![\d%^⁄a-z]|[.,]\d)\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
TRAILING_NUMBER = re.compile(
    r"(.*\S)\s*[(\[:]\s*(?:option\s*)?(-?\d+)\s*[)\]]?\W*", re.IGNORECASE | re.DOTALL
)
LEAD = re.compile(
    r"\[?option number\]?\s*:\s*(?=\S)|"
    rf"(?:(?:my|the|final) ){{0,3}}(?:{ANSWERS})\s*(?:is|would be|[:=])\s*:?\s*|"
    r"(?:so )?(?:i(?:'d| would| will|'ll)? (?:rather )?|let me )"
    r"(?:pick|say|choose|select|go with|answer(?: with)?|opt for)\s+|"
    r"(?:it is|it's|it would be|that is|that would be)\s+|"
    r"(?:about|approximately|approx\.?|around|roughly|circa|~(?!~)|≈|≅)\s*(?=\d)|"
    r"option\s+no\.?\s*(?=\d)|"
    r"[-–—]\s+(?=\d)|"
    r"#\s*(?=\d)",
    re.IGNORECASE,
)
"""Words that may stand before the option."""
NUMERO = re.compile(r"(?:no\.|№|nr\.?)\s*(?=\d)", re.IGNORECASE)
ALONE = re.compile(
    r"(?:(?:my|the|final) ){0,3}answer\s*(?:[–—-]|#|no\.?|number|option)?\s*(?=\d)", re.IGNORECASE
)
LEADS = 5
"""The most leads that are taken away, one after the other."""
COMPARED = re.compile(r"[<>]=?\s*\d[^>]*\Z|[≤≥]")
LISTED = re.compile(r"(?:option\s+)?(-?\d+)\s*[:.)=–-]+\s*(\S.*)", re.IGNORECASE)
REFUSAL = re.compile(
    r"\b(?:"
    r"can(?:no|['’])t|cannot|can not|unable|won['’]t|will not|not able|rather not|prefer not|"
    r"declin\w+|refus\w+|"
    r"don['’]t know|do not know|not sure|unsure|uncertain|not comfortable|"
    r"as an ai|language model|no opinion|"
    r"impossible|insufficient|not enough|sorry|hard to say|depends|comment|not applicable|"
    r"option fits|enough|(?:in)?appropriate|information|harmful|offensive|"
    r"assist|help with|discuss|request|(?:that|this|the) question"
    r")\b",
    re.IGNORECASE,
)


def option_of(content: str, options: Sequence[Option]) -> int:
    """Return the code of the option that follows `Answer:`. Raises UnreadableError for none."""
    if COMPARED.match(content.strip()):
        raise UnreadableError("no_answer", "no option was named")
    content = _without_leads(content, options)
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
    """Return the code of the option that a line consists of, or lists; None for any other line.

    Raises UnreadableError for a line that is a number alone, but of no option.
    """
    line = line.strip()
    alone = ALONE.match(line)
    content = _without_leads(line[alone.end() :] if alone else line, options)
    labels = {label_key(option["label"]) for option in options}
    if number := NUMBERED.fullmatch(content):
        label = strip_marks(number[2])
        if label and label_key(label) not in labels:
            return _listed(content, options)
    elif label_key(content) not in labels and not TRAILING_NUMBER.fullmatch(content):
        return None
    try:
        return option_of(content, options)
    except UnreadableError:
        if number and not strip_marks(number[2]):
            raise
        return None


def _listed(content: str, options: Sequence[Option]) -> int | None:
    """Return the option that a line lists with its label, whatever stands behind; None for none."""
    listed = LISTED.fullmatch(content)
    if not listed:
        return None
    code = parse_integer(listed[1].lstrip("-"))
    opening = opening_option(label_key(listed[2]), options)
    if opening is None or opening["code"] != code:
        return None
    return option_of(content, options)


def _without_leads(text: str, options: Sequence[Option]) -> str:
    """Return the text without what surrounds it and what leads up to the option."""
    left = strip_marks(text)
    for _ in range(LEADS):
        shorter = _without_lead(left, options)
        if shorter == left:
            break
        left = shorter
    return left


def _without_lead(text: str, options: Sequence[Option]) -> str:
    """Return the text without the first words that lead up to the option.

    "No. 2" may be the answer "no" with a number, where "no" is an option.
    """
    pointed = text.lstrip(POINTERS + " ")
    lead = LEAD.match(pointed)
    if not lead and not any(label_key(option["label"]) == "no" for option in options):
        lead = NUMERO.match(pointed)
    if lead:
        return strip_marks(pointed[lead.end() :])
    return text if pointed == text else strip_marks(pointed)


def _code(number: str, options: Sequence[Option]) -> int:
    """Return a number as a valid code. Raises UnreadableError where it is none."""
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
    """Return the option whose label opens the text and is the only one in it.

    Raises UnreadableError where there is no such option, or others stand there too.
    """
    head = re.split(r"[.;:,(\n]| [-–—] ", content, maxsplit=1)[0]
    heads = {label_key(content), label_key(head)}
    opening = _by_label(heads, options) or _by_number_word(heads, options)
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


def _by_label(heads: set[str], options: Sequence[Option]) -> set[int]:
    """Return the option whose label is one of these texts, in any order of words, or begins with it
    up to a comma; nothing where none or several do.
    """
    sorted_heads = set(map(_sorted_words, heads))
    exact: set[int] = set()
    reordered: set[int] = set()
    shortened: set[int] = set()
    for option in options:
        label, code = label_key(option["label"]), option["code"]
        if label in heads:
            exact.add(code)
        if _sorted_words(label) in sorted_heads:
            reordered.add(code)
        if label_key(re.split("[,/;(]", option["label"])[0]) in heads:
            shortened.add(code)
    found = exact or reordered or shortened
    return found if len(found) == 1 else set()


def _sorted_words(text: str) -> str:
    """Return the words of a text in alphabetical order."""
    return " ".join(sorted(text.split()))


def _by_number_word(heads: set[str], options: Sequence[Option]) -> set[int]:
    """Return the option whose number is written as a word, where no label holds such a word."""
    if labels_hold_numbers(options):
        return set()
    found = set()
    for head in heads:
        number = WORDS_OF_NUMBERS.get(head.removeprefix("option ").removeprefix("number "))
        if number is not None:
            found.add(number)
    return found & {option["code"] for option in options}


def strip_marks(text: str) -> str:
    """Return a text without white space, quotes, brackets and stops around it."""
    text = text.strip().strip(QUOTES + BRACKETS + ".,;:!|").strip()
    return text.strip(QUOTES)
