"""Summarises an audit: shares of facts by verdict and dimension, and counts of whole stories."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from evals.analysis.bootstrap import IntervalEstimate, mean_with_interval
from evals.audits.story_audit import AuditedStory
from evals.metrics import OVERALL
from graph.fidelity.check import Fact
from survey.codebook import Codebook

VERDICTS = ("kept", "altered", "missing", "unsure")
"""The verdicts that rules give."""
READ = ("kept", "altered", "missing")
"""The verdicts that follow from what a model reads in a story."""
COLUMNS = (
    "respondent",
    "fold",
    "item",
    "dimension",
    "stage",
    "verdict",
    "stated",
    "evidence",
    "recall",
    "recalled",
    "verified",
)
INVENTION_COLUMNS = ("respondent", "fold", "stage", "evidence", "words", "item")


def facts_table(stories: Sequence[AuditedStory], codebook: Codebook) -> pd.DataFrame:
    """Tabulate the facts of all stories; one line a fact and stage, with `COLUMNS`.

    In the order of the stories and of their facts.
    """
    lines = []
    for story in stories:
        if story.fidelity:
            for fact in story.fidelity.facts:
                lines.append(_fact_line(story, fact, codebook.items[fact.item].dimension))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _fact_line(story: AuditedStory, fact: Fact, dimension: str) -> tuple[Any, ...]:
    """The cells of one fact, in the order of `COLUMNS`."""
    recall, recalled = "", None
    if read := story.recalled.get(fact.item):
        recall, recalled = read.verdict or "unread", read.stated
    return (
        story.person.respondent,
        story.person.fold,
        fact.item,
        dimension,
        story.stage,
        fact.verdict,
        "" if fact.stated is None else fact.stated,
        fact.evidence,
        recall,
        "" if recalled is None else recalled,
        "True" if fact.verified else "",
    )


def verdict_shares(
    facts: pd.DataFrame, dimensions: Sequence[str], by: str, seed: int
) -> list[dict[str, Any]]:
    """Estimate the share of each verdict by stage and dimension, and overall.

    The mean over respondents of each one's share, with its 95 % interval. `by`: the column of
    verdicts, "verdict" or "recall"; facts without one are left out. A dimension without facts has
    no line.
    """
    verdicts = VERDICTS if by == "verdict" else READ
    read = facts[facts[by].isin(verdicts)]
    found = []
    for stage in dict.fromkeys(read["stage"]):
        for name in (*dimensions, OVERALL):
            part = read[read["stage"] == stage]
            if name != OVERALL:
                part = part[part["dimension"] == name]
            if len(part):
                line = {verdict: asdict(_share(part, by, verdict, seed)) for verdict in verdicts}
                found.append({"stage": stage, "dimension": name, "facts": len(part), **line})
    return found


def _share(part: pd.DataFrame, by: str, verdict: str, seed: int) -> IntervalEstimate:
    """The mean over respondents of the share with this verdict."""
    own = part[by].eq(verdict).astype(float).groupby(part["respondent"]).mean()
    return mean_with_interval(np.asarray(own, dtype=np.float64), np.ones(len(own)), seed)


def rule_model_agreement(facts: pd.DataFrame) -> float | None:
    """The share of facts on which rule and model agree; None where there is no fact to compare.

    Facts of which the rule is unsure, or that the model did not read, are left out.
    """
    read = facts[facts["recall"].isin(READ) & (facts["verdict"] != "unsure")]
    if read.empty:
        return None
    return float((read["verdict"] == read["recall"]).mean())


def story_counts(stories: Sequence[AuditedStory]) -> dict[str, dict[str, float]]:
    """Count inventions, words and repetition by stage: means over stories.

    `stories` and `cut_off` are numbers of stories.
    """
    by_stage: dict[str, list[tuple[float, ...]]] = {}
    for story in stories:
        if found := story.fidelity:
            counts = len(found.invented), len(found.possible), found.words, found.duplication
            by_stage.setdefault(story.stage, []).append((*counts, found.cut_off))
    summary = {}
    for stage, lines in by_stage.items():
        *means, _ = (float(np.mean(column)) for column in zip(*lines, strict=True))
        names = ("invented", "possible", "words", "duplication")
        summary[stage] = {"stories": len(lines)} | dict(zip(names, means, strict=True))
        summary[stage]["cut_off"] = sum(line[-1] for line in lines)
    return summary


def verification_counts(stories: Sequence[AuditedStory]) -> dict[str, Any]:
    """Count the points that the verifier judged, and by reason those that it left open."""
    judged, left = 0, Counter[str]()
    for story in stories:
        judged += story.judged
        left += Counter(story.left)
    return {"judged": judged, "left": dict(left.most_common())}


def invention_lines(stories: Sequence[AuditedStory], possible: bool = False) -> list[list[Any]]:
    """The lines of `inventions.csv`, or of the possible inventions, as `INVENTION_COLUMNS` names.

    The columns are respondent, fold, stage, evidence, words and item.
    """
    lines = []
    for story in stories:
        if not story.fidelity:
            continue
        story_cells = [story.person.respondent, story.person.fold, story.stage]
        for one in story.fidelity.possible if possible else story.fidelity.invented:
            lines.append([*story_cells, one.evidence, " ".join(one.words), one.item])
    return lines
