"""One answer explained: the question, what was known, what each method made of it, and the
truth.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ExplainedView:
    """What one call replied: by whom, the answer in words, and the reasoning, or why it could not
    be read.
    """

    name: str
    answer: str
    analysis: str


@dataclass(frozen=True)
class ExplainedMethod:
    """How one method came to its answer. `missing` says why that cannot be told; empty where it
    can.
    """

    title: str
    answer: str = ""
    right: bool = False
    decided_by: str = ""
    story: str = ""
    evidence: Sequence[str] = ()
    views: Sequence[ExplainedView] = ()
    missing: str = ""


@dataclass(frozen=True)
class Explanation:
    """One respondent's answer to one item, and what each method of a run made of it; `answered`:
    there is a truth.
    """

    run: str
    respondent: int
    country: str
    item: str
    fold: int
    question: str
    options: Sequence[str]
    truth: str
    answered: bool
    closest: Sequence[str]
    told: Sequence[ExplainedMethod]


def explanation_text(one: Explanation) -> str:
    """The explanation as plain text, without signs that would steer a terminal."""
    text = "\n".join(_lines(one)) + "\n"
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n")


def _lines(one: Explanation) -> Iterator[str]:
    """Its lines."""
    yield (
        f"{one.item}, respondent {one.respondent}, {one.country or 'country not known'} (fold "
        f"{one.fold}, {one.run})"
    )
    yield from (
        one.question,
        *one.options,
        f"Truth: {one.truth}",
        "",
        "Known answers closest to the question:",
    )
    yield from (f"- {line}" for line in one.closest)
    for told in one.told:
        yield from (
            "",
            f"{told.title}: {told.missing or told.answer}"
            + (f" ({told.decided_by})" if told.decided_by else ""),
        )
        yield from (f"- retrieved {line}" for line in told.evidence)
        yield from (f"{view.name}: {view.answer}\n  {view.analysis}" for view in told.views)
        yield from ("Backstory:", told.story) if told.story else ()
