"""What a model's verdicts do to the points that the rules leave open, and which of its lines are read."""

import asyncio
from collections.abc import Callable

import pytest

from evals.audits.ask_model import lacking_answers
from evals.audits.verification import NO_LINE, NOT_THERE, UNDECIDED, Ruling, Verification, read_rulings, verify_story
from graph.fidelity.check import check_story
from graph.settings import Settings
from survey.codebook import wvs7
from survey.profile import profile_of
from tests.graph.fakes import FakeChat

STORY = (
    "Family means little to you.\n\nOf the police you have a great deal of confidence, you say, though less of it "
    "than of others. You have thought about abortion. You hold stern views on the manners of guests."
)
CODES = {"Q1": 1, "Q69": 3, "Q184": 4}
PROFILE = profile_of(wvs7(), CODES, CODES)
FACT = frozenset({"kept", "altered", "missing", "unsure"})


def judged(reply: str | Callable[[str], str]) -> tuple[Verification, FakeChat]:
    """What becomes of the story's points when a model replies so."""
    chat = FakeChat(answer=reply if callable(reply) else lambda prompt: reply)
    found = asyncio.run(verify_story(STORY, PROFILE, check_story(STORY, PROFILE), Settings(chat=chat)))
    return found, chat


def test_the_model_is_shown_the_facts_the_story_and_each_open_point() -> None:
    by_rule = check_story(STORY, PROFILE)
    assert [(fact.item, fact.verdict, fact.named) for fact in by_rule.facts] == [
        ("Q1", "unsure", False),
        ("Q69", "unsure", False),
        ("Q184", "missing", True),
    ]

    _, chat = judged("")

    [(template, prompt)] = chat.calls
    assert template == "audit/verify" and f"<story>\n{STORY}\n</story>" in prompt
    assert all(f"\n- {answer['statement']}\n" in prompt for answer in PROFILE)
    points = prompt.partition("Points in doubt:\n")[2].partition("\n\n")[0].splitlines()
    assert len(points) == 4
    assert points[0].startswith(f"1. Fact: {PROFILE[0]['statement']} [options: Very important | ")
    assert points[0].endswith("- Looked at: Family means little to you.")
    assert points[-1] == "4. Sentence: You hold stern views on the manners of guests."


def test_verdicts_with_words_of_the_story_settle_the_points() -> None:
    found, _ = judged(
        '1: altered "Family means little to you."\n2: kept "though less of it than of others"\n3: missing ""\n'
        '4: invented "stern views on the manners of guests"'
    )

    facts = [(fact.verdict, fact.stated, fact.evidence, fact.verified) for fact in found.fidelity.facts]
    assert facts == [
        ("altered", None, "Family means little to you.", True),
        ("kept", 3, "though less of it than of others", True),
        ("missing", None, "You have thought about abortion.", True),
    ]
    [invented] = found.fidelity.invented
    assert invented.verified and invented.evidence == "You hold stern views on the manners of guests."
    assert (found.fidelity.possible, found.judged, found.left) == ((), 4, {})


def test_what_the_model_does_not_settle_stays_as_it_was() -> None:
    found, _ = judged('1: altered "Family is not important"\n2: unsure ""\nI cannot judge the others.')

    assert [fact.verdict for fact in found.fidelity.facts] == ["unsure", "unsure", "missing"]
    assert found.fidelity == check_story(STORY, PROFILE)
    assert (found.judged, found.left) == (0, {NOT_THERE: 1, UNDECIDED: 1, NO_LINE: 2})


@pytest.mark.parametrize(
    ("line", "ruling"),
    [
        ('1: altered "Family means little"', Ruling("altered", "Family means little")),
        ('1. **Altered** - "family  means\tLITTLE to you"', Ruling("altered", "family  means\tLITTLE to you")),
        ("[1]: altered “means little to you”", Ruling("altered", "means little to you")),
        ('- 1) kept: "Family means little to you."', Ruling("kept", "Family means little to you.")),
        ('<think>1: kept "Family"</think>\n1: altered "means little"', Ruling("altered", "means little")),
        ('1: missing ""', Ruling("missing", "")),
        ("1: missing", Ruling("missing", "")),
        ("1: altered", NOT_THERE),
        ('1: altered ""', NOT_THERE),
        ('1: altered "amily means litt"', NOT_THERE),
        ('1: altered "Family ... little"', NOT_THERE),
        ('1: kept "Family means everything to you"', NOT_THERE),
        ('1: missing "nothing about this"', NOT_THERE),
        ('1: invented "Family means little"', NO_LINE),
        ('1: wrong "Family means little"', NO_LINE),
        ('altered "Family means little"', NO_LINE),
        ('1: altered "means little", or perhaps kept', NO_LINE),
        ('1: altered "means little"\n1: kept "means little"', NO_LINE),
        ('1: altered "means little"\n1: altered "means little"', Ruling("altered", "means little")),
        ('2: altered "means little"', NO_LINE),
        ('0: altered "means little"', NO_LINE),
        ('99999999999999999999: altered "means little"', NO_LINE),
        ('1: unsure "means little"', UNDECIDED),
        ("", NO_LINE),
    ],
)
def test_a_line_is_read_only_in_the_form_asked_for_and_with_words_of_the_story(line: str, ruling: Ruling | str) -> None:
    assert read_rulings(line, STORY, [FACT]) == [ruling]


def test_nothing_is_asked_where_nothing_is_open() -> None:
    chat = FakeChat()
    story = "Family is very important in your life."
    profile = profile_of(wvs7(), {"Q1": 1}, ["Q1"])

    found = asyncio.run(verify_story(story, profile, check_story(story, profile), Settings(chat=chat)))

    assert chat.calls == [] and found.fidelity == check_story(story, profile)


def test_unsure_facts_are_not_mended() -> None:
    verdicts = {fact.item: fact.verdict for fact in check_story(STORY, PROFILE).facts}

    assert [answer["item"] for answer in lacking_answers(PROFILE, verdicts)] == ["Q184"]


def test_the_stand_in_judges_every_point() -> None:
    story = "Family is hardly important, in fact not at all important to you, or little. You own two dogs of Pedro."
    profile = profile_of(wvs7(), {"Q1": 1}, ["Q1"])
    by_rule = check_story(story, profile)

    found = asyncio.run(verify_story(story, profile, by_rule, Settings()))

    assert [fact.verdict for fact in by_rule.facts] == ["unsure"]
    assert [(fact.verdict, fact.verified) for fact in found.fidelity.facts] == [("altered", True)]
