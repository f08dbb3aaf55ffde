"""Tell whether words behind an answer leave the choice open, or turn to another option."""

import re
from collections.abc import Sequence

from graph.reply_reader.option_words import (
    SCALE,
    WORDS_OF_NUMBERS,
    codes_in,
    integers_in,
    labels_hold_numbers,
    labels_in,
)
from survey.profile import Option

NUMBER_WORD = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten)\b", re.IGNORECASE)
OPEN = (
    r"or|and/or|either|maybe|perhaps|possibly|probably|potentially|could|might|may|"
    r"alternatively|otherwise|also|both|between|if not|"
    r"bordering|verging|leaning|lean|leans|closer|close|"
    r"though|although|but|however|"
    r"actually|wait|hmm|correction|corrected|revised|edit|"
    r"instead(?! of)|rather(?! than| not)|"
    r"on second thought|on reflection|scratch that|i mean|i meant|sorry|then again|second|"
    r"(?:my )?apologies|it should"
)
"""Words that put another option beside the one that was named."""
SENTENCE_END = re.compile(r"[.;!?\n]")
CHOICE_LEFT = re.compile(rf"\b(?:{OPEN})\b|[/&|+→⇒]|->|=>|<-", re.IGNORECASE)
TURNED = re.compile(
    r"(?:^|[(–—-])\W*(?:(?:no|so|well|ok|okay)\b\W*)?"
    rf"(?:{OPEN}|no|make (?:it|that)|change (?:it|that)|let me|"
    r"i(?:['’]d| would| will|['’]ll)? (?:think|say|choose|pick|go with|prefer|opt|select))\b",
    re.IGNORECASE,
)
"""A sentence that begins with such a word."""
REVISED = re.compile(
    r"(?:"
    r"\b(?:revis|correct|updat|chang|amend|adjust)\w*\s+(?:(?:my|the|this)\s+)?"
    r"(?:answer|choice|option|response|selection|mind|it|this|that)\b|"
    r"\b(?:actual|real|true|new|final|better|ultimate)\s+"
    r"(?:answer|choice|option|response|selection)\b|"
    r"(?:^|[(–—-])\s*(?:but |so |hmm,? )?"
    r"(?:wait|actually|correction|edit|sorry|scratch that|strike that|"
    r"(?:my )?apologies|it should (?:be|have been)|on second thoughts?|on reflection|"
    r"let me (?:revise|correct|change|reconsider)|i meant?|i take that back|"
    r"make (?:it|that)|no, (?:the answer|option|it|make|i))\b"
    r")",
    re.IGNORECASE,
)
"""Words, also within the reasons, that take an answer back for another one."""
TAKING_BACK = (
    *("revis", "correct", "updat", "chang", "amend", "adjust", "wait", "actually", "edit", "sorry"),
    *("scratch that", "strike that", "apologies", "it should", "on second thought"),
    *("on reflection", "let me", "i mean", "i take that back", "make it", "make that", "no, "),
)
KINDS = ("actual", "real", "true", "new", "final", "better", "ultimate")
NAMES = ("answer", "choice", "option", "response", "selection")
"""Without one of the first, or one of each of the others, no text holds REVISED: looking for them
takes a tenth of its time.
"""
REASONS = re.compile(r"\b(?:because|since|as|given|due to)\b(?P<why>[^.;!?\n]*)", re.IGNORECASE)
NEGATED = re.compile(r"\bnot(?: (?:merely|only|just|quite|a|an|the|option))* \d+\b", re.IGNORECASE)
ASIDE = re.compile(
    r"\b(?:"
    r"rather than|instead of|"
    r"closer to \d+ than(?: to)?|nearer to \d+ than(?: to)?|"
    r"(?:where|with) \d+ (?:is|means|being)[^.;)]*?\d*|"
    r"confidence|certainty|probability|likelihood"
    r")\W*(?:a|an|the|option)?\W*\d+(?:[.,]\d+)?(?:\s*/\s*\d+)?|"
    r"\b\d+ (?:would|might|could|is|seems|feels|was)(?: be)?"
    r"(?: (?:far|much|a bit|a little|way))? too\b|"
    r"\bwhere \d+ (?:is|means|stands for)\b[^.;)]*|"
    r"[(\s,]*\b(?:on )?(?:a|the) scale (?:of|from) \d+",
    re.IGNORECASE,
)
"""Numbers that say what the answer is not, or how sure it is."""
COUNTED = re.compile(
    r"\b\d+ "
    r"(?!(?:"
    r"is|was|has|does|fits|seems|feels|works|sounds|applies|makes|suits|looks|reflects|matches|"
    r"represents|wins|as|this|unless|perhaps|yes|always|sometimes|for|at|in|on|with|among|to|or|"
    r"and|but|when|if|would|could|might|may|can|also|too"
    r")\b)"
    r"(?:"
    r"(?:of|or more of) (?:my|your|his|her|their|the)\b|"
    r"(?:\w+ )?(?:\w{3,}s|children|people|men|women|grandchildren)\b"
    r")|"
    r"\b\d+(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
"""Numbers of things, and ordinals."""
THAN = re.compile(r"\b(?:closer|nearer) to\b[^.;\n]{0,80}?\bthan\b(?: to)?[^.;,\n]*", re.IGNORECASE)


def choices_in(text: str, options: Sequence[Option]) -> set[int]:
    """Return the numbers that a text names as choices, and not to count things or as an aside.

    Without options, any number may be a choice.
    """
    left = without_asides(_in_digits(text, options), options)
    left = COUNTED.sub(" ", REASONS.sub(_unless_open, left))
    if not options:
        return {number for number in integers_in(left) if number is not None}
    return codes_in(left, options)


def _in_digits(text: str, options: Sequence[Option]) -> str:
    """Return the text with digits for numbers in words, but for "one", which seldom is a number."""
    if labels_hold_numbers(options):
        return text
    return NUMBER_WORD.sub(lambda word: str(WORDS_OF_NUMBERS[word[0].casefold()]), text)


def _unless_open(reasons: re.Match[str]) -> str:
    """Return the part of reasons that leaves the choice open; a blank where none does.

    The rest of the reasons may name any number.
    """
    found = CHOICE_LEFT.search(reasons["why"])
    return reasons["why"][found.start() :] if found else " "


def without_asides(text: str, options: Sequence[Option]) -> str:
    """Return a text without numbers that describe the scale or say what the answer is not."""
    left = SCALE.sub(" ", text)
    codes = [option["code"] for option in options]
    if codes:
        low, high = min(codes), max(codes)
        left = re.sub(rf"\bbetween {low} and {high}\b|[(\s]*\b(?:out )?of {high}\b\)?", " ", left)
    return ASIDE.sub(" ", left)


def leaves_choice_open(text: str, code: int, options: Sequence[Option]) -> bool:
    """Whether words that follow an answer put another option beside it, or in its place."""
    return _named_after(CHOICE_LEFT, text, code, options)


def turns_to_another(text: str, code: int, options: Sequence[Option]) -> bool:
    """Whether a sentence behind an answer begins by turning to another option."""
    return _named_after(TURNED, text, code, options) or takes_answer_back(text, code, options)


def takes_answer_back(text: str, code: int, options: Sequence[Option]) -> bool:
    """Whether the answer is taken back for another one."""
    return _may_revise(text) and _named_after(REVISED, text, code, options)


def _may_revise(text: str) -> bool:
    """Whether a text may hold REVISED; signs beyond ASCII may count as other letters there."""
    if not text.isascii():
        return True
    small = text.lower()
    if any(word in small for word in TAKING_BACK):
        return True
    return any(name in small for name in NAMES) and any(kind in small for kind in KINDS)


def _named_after(pattern: re.Pattern[str], text: str, code: int, options: Sequence[Option]) -> bool:
    """Whether another option is named behind these words, in their sentence or, for words that take
    an answer back, in the next one.
    """
    sentences = [sentence for sentence in SENTENCE_END.split(text) if sentence.strip()]
    for index, sentence in enumerate(sentences):
        found = pattern.search(sentence)
        if found is None:
            continue
        behind = sentence[found.end() :]
        if pattern is REVISED:
            behind = "; ".join([behind, *sentences[index + 1 : index + 2]])
        behind = NEGATED.sub(" ", behind)
        if (choices_in(behind, options) | labels_in(behind, options)) - {code}:
            return True
    return False
