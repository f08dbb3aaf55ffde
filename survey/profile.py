"""Known answers of a respondent, and the lines in which a model reads them."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from survey.codebook import Codebook
from survey.fixed_profile import once_per_profile
from survey.item import Item
from survey.special_tokens import without_special_tokens

Protocol = Literal["fair", "published"]

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


class Option(TypedDict):
    """One response option as a model is shown it; never a missing code."""

    code: int
    label: str


class Answer(TypedDict):
    """One known answer: what was asked, what could be chosen, what was chosen."""

    question: str
    options: list[Option]
    code: int
    statement: NotRequired[str]
    item: NotRequired[str]


def options_of(item: Item) -> list[Option]:
    """The options of an item as a model sees them; none where any number may be given."""
    if item.use == "fill_in":
        return []
    return [Option(code=option.code, label=option.label) for option in item.options]


def profile_of(codebook: Codebook, codes: Mapping[str, int], known: Iterable[str]) -> list[Answer]:
    """The answers to the `known` items that a model may see, in the order of `known`.

    `codes` maps item ids to valid option codes; items absent from it were not answered. Raises
    KeyError for an item that the codebook does not have.
    """
    profile = []
    for name in known:
        item = codebook.items[name]
        if item.shown and item.id in codes:
            profile.append(_known_answer(item, codes[item.id]))
    return profile


def _known_answer(item: Item, code: int) -> Answer:
    """The answer with this code to an item."""
    return Answer(
        item=item.id,
        question=item.question,
        options=options_of(item),
        code=code,
        statement=item.tell(code),
    )


def single_line(text: str) -> str:
    """The text on one line, so that no text from outside forges a line of a prompt.

    Line breaks, control and direction characters become spaces. So do the special tokens that
    enclose a model's thoughts: quoted in a reply, they would hide what stands before them. A
    printable text without such tokens comes back as it is.
    """
    text = without_special_tokens(text)
    if text.isprintable():
        return text
    visible = "".join(" " if _is_hidden(sign) else sign for sign in text)
    return " ".join(visible.split())


def _is_hidden(sign: str) -> bool:
    """Whether a character shows nothing and is none of the two joiners that many scripts need."""
    return unicodedata.category(sign) in HIDDEN and sign not in JOINERS


def statement_of(answer: Answer) -> str:
    """What was answered, in one sentence to the person who answered."""
    return single_line(_statement(answer))


def _statement(answer: Answer) -> str:
    """As `statement_of`, but it may hold line breaks."""
    if statement := answer.get("statement"):
        return statement
    labels = {option["code"]: option["label"] for option in answer["options"]}
    return f"{answer['question']} Your answer: {labels.get(answer['code'], answer['code'])}."


def _labelled(answer: Answer) -> str:
    """What was answered, with the options unless the statement implies them."""
    labels = [option["label"] for option in answer["options"]]
    if not labels or any(label.isdecimal() for label in labels):
        return _statement(answer)
    return f"{_statement(answer)} [options: {' | '.join(labels)}]"


def published_entry(answer: Answer) -> str:
    """One entry as the released scripts show it to baselines: question, option texts, bare code."""
    question = single_line(answer["question"])
    labels = " / ".join(single_line(option["label"]) for option in answer["options"])
    return "\n".join(filter(None, [question, labels, str(answer["code"])]))


def profile_lines(profile: Sequence[Answer], protocol: Protocol = "fair") -> list[str]:
    """The profile as the lines a model reads, one for each answer."""
    return list(_lines(profile, protocol))


@once_per_profile
def _lines(profile: Sequence[Answer], protocol: Protocol) -> tuple[str, ...]:
    """As `profile_lines`."""
    if protocol != "fair":
        return tuple(map(published_entry, profile))
    lines = tuple(map(_labelled, profile))
    whole = "".join(lines)  # checked at once, since every question shows a profile
    if single_line(whole) == whole:
        return lines
    return tuple(map(single_line, lines))


@once_per_profile
def profile_text(profile: Sequence[Answer], protocol: Protocol = "fair") -> str:
    """The profile as one text, a dash before each line."""
    return "\n".join(f"- {line}" for line in profile_lines(profile, protocol))


def question_text(question: str, options: Sequence[Option]) -> str:
    """The question with its options, one `code: label` a line."""
    lines = [single_line(question)]
    for option in options:
        lines.append(f"{option['code']}: {single_line(option['label'])}")
    return "\n".join(lines)


@once_per_profile
def profile_hash(profile: Sequence[Answer]) -> str:
    """A hash of what a profile says, which tells the profile that a backstory belongs to."""
    facts = "\n".join(f"{answer['code']}\t{statement_of(answer)}" for answer in profile)
    return sha256(facts.encode()).hexdigest()[:16]
