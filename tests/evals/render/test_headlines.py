"""The findings of the short output: said where test and interval agree, and of ten people or more."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables
from evals.render.headlines import find_differences, find_headlines
from evals.render.sentences import join_words

GRAPHS = ("valuesim", "full_info", "rag")
BETTER, WORSE, ALIKE = (0.05, 0.03, 0.07, 0.01), (-0.05, -0.07, -0.03, 0.01), (0.01, -0.02, 0.04, 0.8)
UNCLEAR = (0.05, 0.01, 0.09, 0.3)
"""A difference, its interval, and the corrected p of its test, with which the interval does not agree."""
Figures = tuple[float, float, float, float]


def tables(
    pairs: Mapping[tuple[str, str], Figures], people: int = 20, graphs: Sequence[str] = GRAPHS, **more: Any
) -> AnalysisTables:
    """The tables of some graphs, of which these pairs were compared."""
    methods = [{"scope": "all", "model": "m", "graph": graph, "variant": "full", "people": people} for graph in graphs]
    lines = []
    for (one, other), (difference, low, high, p) in pairs.items():
        line = next(method for method in methods if method["graph"] == one)
        figures = {"difference": difference, "low": low, "high": high, "p_holm": p}
        lines.append(line | figures | {"against": other, "measure": "accuracy"})
    empty = AnalysisTables.empty(SkippedTables())
    compared = pd.DataFrame(lines) if lines else empty.comparisons
    return replace(empty, standing=pd.DataFrame(methods), comparisons=compared, **more)


def against_the_mode(*figures: Figures) -> dict[tuple[str, str], Figures]:
    return {(graph, "country_mode"): each for graph, each in zip(GRAPHS, figures, strict=True)}


AMONG_THEM = {("valuesim", "full_info"): ALIKE, ("valuesim", "rag"): ALIKE, ("full_info", "rag"): ALIKE}


def test_whether_any_is_better_than_the_mode_comes_first_and_then_which_is_best() -> None:
    found = find_headlines(tables(against_the_mode(WORSE, WORSE, WORSE) | AMONG_THEM))

    assert found == [
        "ValueSim, Full Info and RAG are worse than the country's most frequent answer: by .050, .050 and .050.",
        "Which of the three is best cannot be told.",
    ]


@pytest.mark.parametrize(
    ("graphs", "subject"),
    [
        (GRAPHS[:1], "ValueSim is not"),
        (GRAPHS[:2], "Neither ValueSim nor Full Info is"),
        (GRAPHS, "None of ValueSim, Full Info and RAG is"),
        ((*GRAPHS, "own"), "None of the four methods is"),
    ],
)
def test_what_is_shown_of_none_is_denied_of_all(graphs: Sequence[str], subject: str) -> None:
    pairs = {(graph, "country_mode"): ALIKE for graph in graphs}

    [said, *_] = find_headlines(tables(pairs, graphs=graphs))

    assert said == f"{subject} shown to be better than the country's most frequent answer."


def test_methods_that_differ_are_named_by_what_is_shown_of_each() -> None:
    pairs = against_the_mode(BETTER, ALIKE, WORSE) | {
        ("valuesim", "full_info"): BETTER,
        ("valuesim", "rag"): BETTER,
        ("full_info", "rag"): ALIKE,
    }

    assert find_headlines(tables(pairs)) == [
        "ValueSim is better than the country's most frequent answer: by .050; RAG is worse than the country's most "
        "frequent answer: by .050; Full Info is not shown to be better than the country's most frequent answer.",
        "ValueSim is the most accurate: better than Full Info and RAG by .050 and .050.",
    ]


def test_who_is_beaten_is_told_where_the_best_cannot_be() -> None:
    pairs = AMONG_THEM | {("full_info", "rag"): WORSE}

    assert find_headlines(tables(pairs)) == [
        "Which of ValueSim and RAG is best cannot be told; Full Info is less accurate than RAG, by .050."
    ]


def test_nothing_is_said_of_a_difference_of_which_test_and_interval_do_not_agree() -> None:
    unclear = dict.fromkeys(AMONG_THEM, UNCLEAR)

    assert find_headlines(tables(against_the_mode(UNCLEAR, UNCLEAR, UNCLEAR) | unclear)) == [
        "Whether a method is better than the country's most frequent answer cannot be told: tests and intervals do not "
        "agree.",
        "Which of the three is best cannot be told.",
    ]


def test_of_nine_people_nothing_is_said_but_that_they_are_too_few() -> None:
    pairs = against_the_mode(WORSE, WORSE, BETTER) | dict.fromkeys(AMONG_THEM, WORSE)

    for people, counted in ((9, "9 people"), (1, "1 person")):
        assert find_headlines(tables(pairs, people)) == [
            f"Too few people to say which method is better: {counted}; findings need 10."
        ]


def test_three_are_said_at_most_unread_replies_before_spread_and_leaks() -> None:
    variety = pd.DataFrame(
        {"scope": "all", "weighted": False, "model": "m", "graph": graph, "variant": "full", "people": 20}
        | {"sd_ratio": 0.5, "sd_ratio_low": 0.4, "sd_ratio_high": high}
        for graph, high in (("valuesim", 0.6), ("rag", 0.95))
    )
    leaks = pd.DataFrame({"fold": 1, "item": ["a", "b"], "leak": ["tied", ""], "by": ["c", ""], "left": 0.1})
    spread = "ValueSim makes people too alike (.500 of the real spread)."
    leaked = "1 of 2 held-out items is nearly given away by other answers (leaks.csv)."

    whole = tables(against_the_mode(WORSE, WORSE, WORSE) | AMONG_THEM, variety=variety, leaks=leaks)
    assert find_headlines(whole)[2:] == [spread]
    assert find_headlines(whole, ["Unread."])[2:] == ["Unread."]
    assert find_headlines(tables({}, variety=variety, leaks=leaks)) == [spread, leaked]


def test_variants_of_a_study_are_told_from_what_they_are_made_from() -> None:
    told = tables({("full_info", "valuesim"): WORSE, ("rag", "valuesim"): UNCLEAR})

    assert list(find_differences(told)) == ["Full Info is less accurate than ValueSim, by .050."]
    assert list(find_differences(tables({("rag", "valuesim"): ALIKE}))) == [
        "No variant is shown to differ in accuracy from what it is compared with."
    ]
    assert list(find_differences(tables({("rag", "valuesim"): WORSE}, people=9))) == []


def test_words_are_joined_as_a_sentence_lists_them() -> None:
    assert [join_words(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]


def test_where_people_are_of_one_country_the_foot_of_the_ladder_is_the_mode() -> None:
    pairs = {(graph, "mode"): WORSE for graph in GRAPHS}

    said = "ValueSim, Full Info and RAG are worse than the most frequent answer: by .050, .050 and .050."
    assert find_headlines(tables(pairs))[0] == said
