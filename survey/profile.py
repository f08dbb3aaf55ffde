"""Known answers, and the lines in which a model reads them."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from survey.codebook import Codebook
from survey.item import Item
from survey.special_tokens import without_marks

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
    """The options of an item, in the order in which they are shown; none where any number may be
    given.
    """
    return (
        []
        if item.use == "fill_in"
        else [Option(code=option.code, label=option.label) for option in item.options]
    )


def profile_of(codebook: Codebook, codes: Mapping[str, int], known: Iterable[str]) -> list[Answer]:
    """The answers to the `known` items that the respondent gave and a model may see, in the order
    of `known`.

    `codes` maps item ids to valid option codes; items absent from it were not answered.
    """
    items = (codebook.items[item] for item in known)
    return [
        Answer(
            item=item.id,
            question=item.question,
            options=options_of(item),
            code=codes[item.id],
            statement=item.tell(codes[item.id]),
        )
        for item in items
        if item.shown and item.id in codes
    ]


def single_line(text: str) -> str:
    """The text on one line: breaks, control and direction marks become spaces, so that no text
    forges a line of ours.

    So do the marks of a model's thoughts: quoted in a reply, they would hide what stands before
    them. A text of printable characters without such marks comes back as it is.
    """
    text = without_marks(text)
    if text.isprintable():
        return text
    return " ".join("".join(" " if _hidden(sign) else sign for sign in text).split())


def _hidden(sign: str) -> bool:
    """Whether a character shows nothing, but for the two joiners that many scripts are written
    with.
    """
    return unicodedata.category(sign) in HIDDEN and sign not in JOINERS


def statement_of(answer: Answer) -> str:
    """What was answered, in one sentence to the person who answered."""
    return single_line(_said(answer))


def _said(answer: Answer) -> str:
    """As `said`, and it may break."""
    if statement := answer.get("statement"):
        return statement
    labels = {option["code"]: option["label"] for option in answer["options"]}
    return f"{answer['question']} Your answer: {labels.get(answer['code'], answer['code'])}."


def labelled_line(answer: Answer) -> str:
    """One line that says what was answered in words, with the options where the statement does not
    imply them.
    """
    return single_line(_labelled(answer))


def _labelled(answer: Answer) -> str:
    """As `labelled`, and it may break."""
    labels = [option["label"] for option in answer["options"]]
    implied = any(label.isdecimal() for label in labels) or not labels
    return _said(answer) if implied else f"{_said(answer)} [options: {' | '.join(labels)}]"


def published_entry(answer: Answer) -> str:
    """One entry as the released scripts show it to the baselines: question, option texts, bare
    code.
    """
    shown = [
        single_line(answer["question"]),
        " / ".join(single_line(option["label"]) for option in answer["options"]),
    ]
    return "\n".join([*filter(None, shown), str(answer["code"])])


def profile_lines(profile: Sequence[Answer], protocol: Protocol = "fair") -> list[str]:
    """The profile as the lines a model reads, one an answer."""
    if protocol != "fair":
        return [published_entry(answer) for answer in profile]
    found = [_labelled(answer) for answer in profile]
    whole = "".join(found)  # looked at once, since a profile is shown with every question
    return found if single_line(whole) == whole else [single_line(line) for line in found]


def profile_text(profile: Sequence[Answer], protocol: Protocol = "fair") -> str:
    """The profile as one text, a dash before each line."""
    return "\n".join(f"- {line}" for line in profile_lines(profile, protocol))


def question_text(question: str, options: Sequence[Option]) -> str:
    """The question with its options, one `code: label` a line."""
    return "\n".join(
        [
            single_line(question),
            *(f"{option['code']}: {single_line(option['label'])}" for option in options),
        ]
    )


def profile_hash(profile: Sequence[Answer]) -> str:
    """A hash of what a profile says, by which a backstory is known to tell it."""
    facts = "\n".join(f"{answer['code']}\t{statement_of(answer)}" for answer in profile)
    return sha256(facts.encode()).hexdigest()[:16]
