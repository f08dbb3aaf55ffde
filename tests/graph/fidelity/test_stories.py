"""Stories written by hand, with what is kept, altered, missing and invented in each as their writer knows it."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from graph.fidelity.check import check_story
from tests.graph.fidelity.hand_made import HALVES, measure, stories, table

PAGE = Path(__file__).parents[3] / "docs" / "audit.md"
SHOWN = re.compile(r"(<!-- measured -->\n).*?(\n<!-- /measured -->)", re.DOTALL)


def test_the_figures_in_the_docs_are_those_measured() -> None:
    """`UPDATE_GOLDEN=1 python -m pytest tests/graph/fidelity/test_stories.py` writes them there."""
    page = PAGE.read_text(encoding="utf-8")
    now = SHOWN.sub(lambda found: found[1] + table() + found[2], page)
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(now, encoding="utf-8")

    assert SHOWN.search(page) and now == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("half", HALVES)
def test_what_is_said_of_each_story_holds_for_its_text(half: str) -> None:
    for story in stories(half):
        items = [answer.get("item", "") for answer in story.profile]
        assert 10 <= len(set(items)) == len(items) <= 25, story.name
        assert story.altered | story.missing <= set(items) and not story.altered & story.missing, story.name
        assert all(quote in story.text for quote in story.invented), story.name
        assert sum(answer.get("statement", "??") in story.text for answer in story.profile) <= 2, story.name


def test_the_stories_are_many_and_of_many_lengths() -> None:
    every = [story for half in HALVES for story in stories(half)]
    words = [len(story.text.split()) for story in every]

    assert len(every) >= 30 and len({story.name for story in every}) == len(every)
    assert min(words) < 60 and max(words) > 250
    for half in HALVES:
        counts = Counter(story.truth(answer["item"]) for story in stories(half) for answer in story.profile)
        assert min(counts[kind] for kind in ("kept", "altered", "missing")) >= 30, half


@pytest.mark.parametrize("half", HALVES)
def test_the_check_is_seldom_wrong(half: str) -> None:
    counts = measure(half).counts

    assert counts["kept"].precision > 0.97 and counts["kept"].recall > 0.85
    assert counts["altered"].precision > 0.95 and counts["altered or unsure"].recall > 0.9
    assert counts["altered or unsure"].precision > 0.85 and counts["missing"].recall > 0.85
    assert counts["invented"].precision > 0.9 and counts["invented or possible"].recall > 0.85


@pytest.mark.parametrize("half", HALVES)
def test_every_verdict_shows_a_sentence_of_its_story(half: str) -> None:
    for story in stories(half):
        found = check_story(story.text, story.profile)
        joined = " ".join(re.sub(r"^[-*] ", "", line) for line in story.text.splitlines())
        for fact in found.facts:
            assert fact.evidence in joined, (story.name, fact)
            assert fact.verdict == "missing" or (fact.evidence and fact.stated is not None), (story.name, fact)
        assert all(one.evidence in joined for one in found.invented), story.name
