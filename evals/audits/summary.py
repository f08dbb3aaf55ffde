"""The figures of an audit: shares of facts by dimension, and what is counted of whole stories."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from evals.analysis.resampling import IntervalEstimate, mean_with_interval
from evals.audits.story_audit import AuditedStory
from evals.metrics import OVERALL
from survey.codebook import Codebook

VERDICTS = ("kept", "altered", "missing", "unsure")
READ = ("kept", "altered", "missing")
"""What a model that recalls may say."""
COLUMNS = (
    *(
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
    ),
    "verified",
)


def facts_table(stories: Sequence[AuditedStory], codebook: Codebook) -> pd.DataFrame:
    """One line a fact and stage, with the columns of `audit.csv`; sorted by respondent, fold, item,
    and stage.
    """
    lines = [
        (
            story.person.respondent,
            story.person.fold,
            fact.item,
            codebook.items[fact.item].dimension,
            story.stage,
            fact.verdict,
            "" if fact.stated is None else fact.stated,
            fact.evidence,
            read.verdict or "unread" if (read := story.recalled.get(fact.item)) else "",
            "" if read is None or read.stated is None else read.stated,
            "True" if fact.verified else "",
        )
        for story in stories
        if story.fidelity
        for fact in story.fidelity.facts
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def verdict_shares(
    facts: pd.DataFrame, dimensions: Sequence[str], by: str, seed: int
) -> list[dict[str, Any]]:
    """Kept, altered, missing and unsure by stage and dimension, and over all: each respondent's
    share, then their mean.

    `by` is the column of verdicts. Each share comes with its 95 % interval over respondents; facts
    without a verdict are left out. A dimension without facts has no line.
    """
    verdicts = VERDICTS if by == "verdict" else READ
    read = facts[facts[by].isin(verdicts)]
    found = []
    for stage in dict.fromkeys(read["stage"]):
        for name in (*dimensions, OVERALL):
            part = read[
                (read["stage"] == stage) & ((read["dimension"] == name) | (name == OVERALL))
            ]
            if len(part):
                line = {verdict: asdict(_share(part, by, verdict, seed)) for verdict in verdicts}
                found.append({"stage": stage, "dimension": name, "facts": len(part), **line})
    return found


def _share(part: pd.DataFrame, by: str, verdict: str, seed: int) -> IntervalEstimate:
    """The mean over respondents of the share with this verdict."""
    own = part[by].eq(verdict).astype(float).groupby(part["respondent"]).mean()
    return mean_with_interval(np.asarray(own, dtype=np.float64), np.ones(len(own)), seed)


def rule_model_agreement(facts: pd.DataFrame) -> float | None:
    """The share of facts on which rule and model agree, unsure ones left out; None where there are
    none.
    """
    read = facts[facts["recall"].isin(READ) & (facts["verdict"] != "unsure")]
    return float((read["verdict"] == read["recall"]).mean()) if len(read) else None


def story_counts(stories: Sequence[AuditedStory]) -> dict[str, dict[str, float]]:
    """What is counted of whole stories, by stage: means over stories, and how many of them are cut
    off.
    """
    found = {}
    for stage in dict.fromkeys(story.stage for story in stories):
        own = [story.fidelity for story in stories if story.stage == stage and story.fidelity]
        if own:
            found[stage] = {
                "stories": len(own),
                "invented": float(np.mean([len(one.invented) for one in own])),
                "possible": float(np.mean([len(one.possible) for one in own])),
                "words": float(np.mean([one.words for one in own])),
                "duplication": float(np.mean([one.duplication for one in own])),
                "cut_off": sum(one.cut_off for one in own),
            }
    return found


def verification_counts(stories: Sequence[AuditedStory]) -> dict[str, Any]:
    """What the verifier was asked: points judged, and by reason those that it left as they were."""
    left = sum((Counter(story.left) for story in stories), Counter[str]())
    return {"judged": sum(story.judged for story in stories), "left": dict(left.most_common())}


def invention_lines(stories: Sequence[AuditedStory], possible: bool = False) -> list[list[Any]]:
    """The lines of `inventions.csv`, or of the possible ones: respondent, fold, stage, evidence,
    words, item.
    """
    found = []
    for story in stories:
        whose = [story.person.respondent, story.person.fold, story.stage]
        shown = (
            (story.fidelity.possible if possible else story.fidelity.invented)
            if story.fidelity
            else ()
        )
        found += [[*whose, one.evidence, " ".join(one.words), one.item] for one in shown]
    return found
