"""Warns in sentences where figures compare people who were asked different questions."""

from collections.abc import Sequence

from evals.analysis.coverage import QuestionCoverage

NAMED = 5
"""How many items, groups or dimensions a sentence names."""


def coverage_warnings(coverage: QuestionCoverage) -> list[str]:
    """Return a sentence for each grouping, and one for the dimensions; none where all is alike."""
    warnings = []
    for by, groups in coverage.groupings.items():
        parts = []
        for found in groups:
            items = _first_of(found.lacking, ", ", " and")
            parts.append(f"{found.group} lacks {items} of {found.items}")
        warnings.append(
            f"Groups by {by} were asked different questions, so figures differ for that, too: "
            f"{_first_of(parts, '; ', '; and')}."
        )
    if coverage.dimensions:
        parts = [f"{name} {people}" for name, people in coverage.dimensions.items()]
        warnings.append(
            f"Dimensions rest on different people: of {coverage.people}, some were asked nothing "
            f"of a dimension ({_first_of(parts, '; ', '; and')} people)."
        )
    return warnings


def _first_of(parts: Sequence[str], separator: str, before_rest: str) -> str:
    """Join the first few parts, and say how many more there are."""
    text = separator.join(parts[:NAMED])
    if len(parts) > NAMED:
        text += f"{before_rest} {len(parts) - NAMED} more"
    return text
