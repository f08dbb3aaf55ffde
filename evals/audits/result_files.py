"""Writes the files of an audit, and prints its tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from evals.audits.story_audit import AFTER, AuditedStory, AuditResult
from evals.audits.story_source import StorySource
from evals.audits.summary import (
    COLUMNS,
    INVENTION_COLUMNS,
    VERDICTS,
    facts_table,
    invention_lines,
    rule_model_agreement,
    story_counts,
    verdict_shares,
    verification_counts,
)
from evals.costs.spending import usage_record
from evals.formats import write_csv, write_json
from evals.harness.errors import ExperimentError
from evals.render.audit import describe_stories, print_verdicts
from evals.render.console import (
    print_incomplete,
    print_offline_banner,
    print_table,
    print_written,
    terminal,
)
from evals.render.costs import print_usage
from evals.runner.failures import FailedCalls
from graph.llm.offline import NOTICE


def write_audit(result: AuditResult, source: StorySource, folder: Path) -> int:
    """Write the files of an audit and print its tables; return how many stories had a failed call.

    Raises ExperimentError where the run that is audited has no story at all.
    """
    stories = result.stories
    failed = FailedCalls.of((story.error, story.message) for story in stories)
    if source.audit.run and not any(story.fidelity for story in stories):
        raise ExperimentError(f"--run {source.audit.run}: none of its stories is in its call store")
    facts = facts_table(stories, source.plan.codebook)
    summary = _summarise(stories, facts, source)
    content: dict[str, Any] = {"notice": NOTICE} if source.offline else {}
    content |= {"complete": not failed.total} | failed.record() | summary
    content |= usage_record(dict(result.used), source.costs)
    invented, possible = invention_lines(stories), invention_lines(stories, possible=True)
    write_csv(folder / "audit.csv", COLUMNS, facts.itertuples(index=False))
    write_csv(folder / "inventions.csv", INVENTION_COLUMNS, invented)
    write_csv(folder / "possible_inventions.csv", INVENTION_COLUMNS, possible)
    write_json(folder / "stories.json", _story_texts(stories))
    write_json(folder / "audit.json", content)
    _print_summary(terminal(), source, summary)
    if source.audit.asks or source.audit.verify:
        print_usage(result.used, source.costs, {})
    _print_end(terminal(), folder, failed)
    return failed.total


def _summarise(
    stories: Sequence[AuditedStory], facts: pd.DataFrame, source: StorySource
) -> dict[str, Any]:
    """The figures of an audit, as `audit.json` keeps them."""
    dimensions, seed = source.plan.codebook.dimensions, source.plan.experiment.seed
    summary: dict[str, Any] = {
        "stories": story_counts(stories),
        "rule": verdict_shares(facts, dimensions, "verdict", seed),
        "recall": verdict_shares(facts, dimensions, "recall", seed),
        "unread": int((facts["recall"] == "unread").sum()),
        "agreement": rule_model_agreement(facts),
    }
    if source.audit.verify:
        summary["verify"] = {"model": source.audit.verify} | verification_counts(stories)
    return summary


def _story_texts(stories: Sequence[AuditedStory]) -> dict[str, dict[str, dict[str, str]]]:
    """The texts of stories by stage, fold and respondent."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for story in stories:
        if story.fidelity:
            fold = found.setdefault(story.stage, {}).setdefault(str(story.person.fold), {})
            fold[str(story.person.respondent)] = story.story
    return found


def _print_summary(console: Console, source: StorySource, summary: Mapping[str, Any]) -> None:
    """Print what became of the facts, and what is counted of the stories."""
    print_offline_banner(console, source.offline)
    console.print()
    by = "by rule and verifier" if source.audit.verify else "by rule"
    title = f"What stories say of the facts, {by} (95 % intervals over respondents)"
    print_verdicts(console, title, summary["rule"], VERDICTS)
    if summary["recall"]:
        print_verdicts(console, "What the model reads in them", summary["recall"], VERDICTS)
        console.print(
            f"Rule and model agree on {summary['agreement']:.1%} of facts; "
            f"{summary['unread']:,} replies could not be read.\n"
        )
    counts = summary["stories"]
    print_table(console, describe_stories(counts, several_stages=AFTER in counts))
    if source.audit.verify:
        _print_verification(console, summary["verify"])


def _print_verification(console: Console, counts: Mapping[str, Any]) -> None:
    """Print how many points the verifier judged, and why it left others open."""
    text = f"{counts['model']} judged {counts['judged']:,} points"
    if counts["left"]:
        left = (f"{count:,} {reason}" for reason, count in counts["left"].items())
        text += f"; left open: {'; '.join(left)}"
    console.print(f"{text}.")


def _print_end(console: Console, folder: Path, failed: FailedCalls) -> None:
    """Print which calls failed, and where the files are."""
    if failed.total:
        what = f"stories with failed calls ({failed.summary})"
        print_incomplete(console, what, "the same command asks those again", failed.lines())
    print_written(console, folder)
