"""What an audit leaves behind: its files, and the tables on the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from evals.audits.story_audit import AFTER, AuditedStory, AuditResult
from evals.audits.story_source import StorySource
from evals.audits.summary import (
    COLUMNS,
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
from evals.harness.experiment import ExperimentError
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

INVENTION_COLUMNS = ("respondent", "fold", "stage", "evidence", "words", "item")


def write_audit(audits: AuditResult, source: StorySource, folder: Path) -> int:
    """Write and show the outcome, and return how many stories a failed call left without a verdict,
    or with half.

    Raises ExperimentError where there is no story at all.
    """
    stories, codebook = audits.stories, source.plan.codebook
    failed = FailedCalls.of((story.error, story.message) for story in stories)
    if not any(story.fidelity for story in stories) and source.audit.run:
        raise ExperimentError(f"--run {source.audit.run}: none of its stories is in its call store")
    facts = facts_table(stories, codebook)
    dimensions, seed = codebook.dimensions, source.plan.experiment.seed
    by_rule, by_model = (
        verdict_shares(facts, dimensions, by, seed) for by in ("verdict", "recall")
    )
    counted, agreed = story_counts(stories), rule_model_agreement(facts)
    content = {
        "complete": not failed.total,
        **failed.record(),
        "stories": counted,
        "rule": by_rule,
        "recall": by_model,
        "unread": int((facts["recall"] == "unread").sum()),
        "agreement": agreed,
        **(
            {"verify": {"model": source.audit.verify} | verification_counts(stories)}
            if source.audit.verify
            else {}
        ),
        **usage_record(dict(audits.used), source.costs),
    }
    write_csv(folder / "audit.csv", COLUMNS, facts.itertuples(index=False))
    write_csv(folder / "inventions.csv", INVENTION_COLUMNS, invention_lines(stories))
    write_csv(
        folder / "possible_inventions.csv",
        INVENTION_COLUMNS,
        invention_lines(stories, possible=True),
    )
    write_json(folder / "stories.json", _texts(stories))
    write_json(folder / "audit.json", ({"notice": NOTICE} if source.offline else {}) | content)
    _show(terminal(), source, by_rule, by_model, counted, facts, agreed)
    if source.audit.verify:
        _show_verification(terminal(), source.audit.verify, verification_counts(stories))
    if source.audit.asks or source.audit.verify:
        print_usage(audits.used, source.costs, {})
    _end(terminal(), folder, failed)
    return failed.total


def _texts(stories: Sequence[AuditedStory]) -> dict[str, dict[str, dict[str, str]]]:
    """The stories by stage, fold and respondent."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for story in stories:
        if story.fidelity:
            fold = found.setdefault(story.stage, {}).setdefault(str(story.person.fold), {})
            fold[str(story.person.respondent)] = story.story
    return found


def _show(
    console: Console,
    source: StorySource,
    by_rule: Sequence[Mapping[str, Any]],
    by_model: Sequence[Mapping[str, Any]],
    counted: Mapping[str, Mapping[str, float]],
    facts: pd.DataFrame,
    agreed: float | None,
) -> None:
    """Show what became of the facts, and what is counted of the stories."""
    print_offline_banner(console, source.offline)
    console.print()
    by = "by rule and verifier" if source.audit.verify else "by rule"
    title = f"What stories say of the facts, {by} (95 % intervals over respondents)"
    print_verdicts(console, title, by_rule, VERDICTS)
    if by_model:
        print_verdicts(console, "What the model reads in them", by_model, VERDICTS)
        unread = (facts["recall"] == "unread").sum()
        console.print(
            f"Rule and model agree on {agreed:.1%} of facts; {unread:,} replies could not be "
            f"read.\n"
        )
    print_table(console, describe_stories(counted, several_stages=AFTER in counted))


def _show_verification(console: Console, model: str, found: Mapping[str, Any]) -> None:
    """Say how many points the verifier judged, and why others stay open."""
    left = "; ".join(f"{count:,} {reason}" for reason, count in found["left"].items())
    console.print(
        f"{model} judged {found['judged']:,} points" + (f"; left open: {left}." if left else ".")
    )


def _end(console: Console, folder: Path, failed: FailedCalls) -> None:
    """Say what failed, and where everything is."""
    if failed.total:
        what = f"stories with failed calls ({failed.summary})"
        print_incomplete(console, what, "the same command asks those again", failed.lines())
    print_written(console, folder)
