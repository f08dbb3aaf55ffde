"""What the short output says of a run: who was asked, what to look out for, where the rest is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from evals.analysis.frame import CASE, Name, split_methods
from evals.analysis.skipped_tables import skipped_lines
from evals.analysis.tables import AnalysisTables
from evals.costs.prices import Tokens, tariff_of
from evals.formats import ANSWERS, PREDICTIONS
from evals.harness.method_names import REFERENCES
from evals.harness.plan import Plan
from evals.render.console import OFFLINE_LINE
from evals.render.coverage import coverage_warnings
from evals.render.formatting import format_count, format_dollars
from evals.render.headlines import find_headlines
from evals.render.overview import Overview
from evals.render.overview_table import overview_rows
from evals.render.scores import MethodLine
from evals.runner.failures import FailedCalls
from evals.runner.header import name_survey
from evals.runner.run_result import RunResult
from evals.runner.unread import WORDS, UnreadReplies
from evals.store.budget import EMBEDDINGS
from survey.respondents import Respondents

FILES = {
    ANSWERS: "what was said",
    PREDICTIONS: "every answer",
    "scores.csv": "all scores",
}
"""What a file of a directory holds."""
MANY_UNREAD = 0.05
"""The share of unread replies from which on a finding says so."""
SHOWN = {
    None: "each person's other answers",
    "shuffled": "the answers of another person",
    "blank": "none of a person's answers",
}
"""What a model guesses from, by control."""


def run_overview(
    plan: Plan,
    result: RunResult,
    tables: AnalysisTables,
    lines: Sequence[MethodLine],
    unread: Sequence[UnreadReplies],
    folder: Path,
) -> Overview:
    """What the short output says of a run whose files are in `folder`."""
    return Overview(
        who=[
            describe_asked(plan.survey, name_survey(plan), len(plan.drawn), result.answers),
            *_describe_asking(plan, result.used),
        ],
        rows=overview_rows(tables, readable_shares(result.answers), lines),
        findings=find_headlines(tables, list(unread_findings(unread))),
        rest=describe_rest(folder, (ANSWERS, PREDICTIONS)),
        warnings=[
            *_warnings(result),
            *skipped_lines(tables.failed),
            *coverage_warnings(tables.coverage),
        ],
    )


def describe_asked(survey: Respondents, source: str, people: int, answers: pd.DataFrame) -> str:
    """Who was asked: so many people of a survey, and how many of their answers were guessed.

    `source` names the survey where its rows do not come with a package.
    """
    cases = answers.loc[answers["truth"].notna(), CASE].drop_duplicates()
    items = cases["item"].nunique()
    facts, person = survey.codebook.facts, "person" if people == 1 else "people"
    pool = f"{people:,} {person} of {len(survey):,} in {source}"
    if facts.package:
        pool = f"{people:,} real {person} of {len(survey):,} ({facts.title})"
    hidden = f"{_counted(len(cases), 'answer')} to {_counted(items, 'question')}"
    verb = "was" if len(cases) == 1 else "were"
    return f"{pool}: {hidden} {verb} hidden, and guessed by each method."


def _counted(count: int, word: str) -> str:
    """A count and its word."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _describe_asking(plan: Plan, used: Mapping[str, Tokens]) -> Iterator[str]:
    """Which models were asked, from what, and what it took; nothing where none was."""
    experiment = plan.experiment
    if experiment.offline:
        yield OFFLINE_LINE
    elif experiment.uses_model:
        models = " and ".join(experiment.chat_models)
        calls = sum(tokens.calls for kind, tokens in used.items() if kind != EMBEDDINGS)
        budget = tariff_of(experiment).budget(None, used)
        money = f", US$ {format_dollars(budget.spent)}" if budget else ""
        made = f"{format_count(calls)} {'call' if calls == 1 else 'calls'}"
        kind = "language model" if len(experiment.chat_models) == 1 else "language models"
        yield f"The {kind} {models} guessed from {SHOWN[experiment.control]}: {made}{money}."


def readable_shares(answers: pd.DataFrame) -> dict[Name, float]:
    """The share of replies that could be read, by method; references get none."""
    replies = answers[(answers["error"] == "") & ~answers["graph"].isin(REFERENCES)]
    return {name: float(own["readable"].mean()) for name, own in split_methods(replies)}


def unread_findings(unread: Iterable[UnreadReplies]) -> Iterator[str]:
    """A sentence for each method of which many replies could not be read."""
    for one in unread:
        if one.count > MANY_UNREAD * one.replies:
            cause = WORDS.get(next(iter(one.causes)), "")
            yield (
                f"{one.count:,} of {one.replies:,} replies of {one.title} could not be read, and "
                f"count as wrong; mostly: {cause}."
            )


def _warnings(result: RunResult) -> Iterator[str]:
    """What keeps the figures from being whole: calls that failed, and prompts that were cut."""
    failures = FailedCalls.of_answers(result.answers)
    if failures.total:
        yield f"Incomplete: calls failed ({failures.summary}); --retry-failed asks them again."
        yield from failures.lines()[:1]
    if result.cut:
        yield f"Warning: {result.cut}."


def describe_rest(folder: Path, files: Sequence[str]) -> list[str]:
    """Where everything else is, with the first of `files` that is there, and what to type next."""
    named = [f" ({name}: {FILES[name]})" for name in files if (folder / name).is_file()]
    return [
        f"All files: {folder}{next(iter(named), '')}.",
        f"Next, a page to read:  valuesim report {folder}",
        "Next, every table:     the same command with --tables all (asks nothing again)",
    ]
