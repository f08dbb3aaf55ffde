"""When the coordinator speaks, and what is final without it."""

import pytest

from graph.persona.blocking import ask
from graph.settings import Settings
from graph.valuesim import build
from graph.variants import Integrate
from tests.graph.fakes import INPUT, FakeChat, by_lens, codes

NOTHING = "I cannot say."


def said(*answers: str, coordinator: str = "Answer: 4\nAnalysis: weighed") -> FakeChat:
    return FakeChat(
        answer=by_lens(coordinator, **dict(zip(("cognitive", "affective", "behavioral"), answers, strict=True)))
    )


@pytest.mark.parametrize(
    ("numbers", "code", "by"),
    [
        ((2, 2, 2), 2, "unanimous"),
        ((2, 2, 3), 4, "coordinator"),
        ((1, 2, 3), 4, "coordinator"),
    ],
)
def test_by_default_the_coordinator_speaks_when_answers_differ(
    numbers: tuple[int, int, int], code: int, by: str
) -> None:
    chat = FakeChat(answer=codes(*numbers, coordinator=4))

    output = ask(build(), INPUT, Settings(chat=chat))

    assert (output["code"], output["decided_by"]) == (code, by)
    assert len(chat.calls) == (4 if by == "unanimous" else 5)


def test_a_unanimous_answer_keeps_a_perspectives_reasons() -> None:
    output = ask(build(), INPUT, Settings(chat=FakeChat(answer=codes(2, 2, 2))))

    assert (output["analysis"], output["problem"]) == ("cognitive reasons", "")


def test_a_single_answer_is_final() -> None:
    chat = said(NOTHING, "Answer: 3\nAnalysis: it hurts", "Answer: 7")

    output = ask(build(), INPUT, Settings(chat=chat))

    assert (output["code"], output["analysis"], output["decided_by"]) == (3, "it hurts", "single")
    assert "coordinator" not in chat.templates


def test_two_equal_answers_of_three_are_final() -> None:
    output = ask(build(), INPUT, Settings(chat=said(NOTHING, "Answer: 3", "Answer: 3")))

    assert (output["code"], output["decided_by"]) == (3, "unanimous")


def test_two_answers_that_differ_go_to_the_coordinator_with_the_one_that_is_unread() -> None:
    chat = said(NOTHING, "Answer: 3", "Answer: 2")

    output = ask(build(), INPUT, Settings(chat=chat))

    assert (output["code"], output["decided_by"]) == (4, "coordinator")
    assert f"Cognitive perspective\nAnswer: none that could be read\nAnalysis: {NOTHING}" in chat.prompt("coordinator")


@pytest.mark.parametrize("integrate", ["on_disagreement", "average"])
def test_where_none_is_read_there_is_no_answer_and_no_call(integrate: Integrate) -> None:
    chat = said(NOTHING, NOTHING, NOTHING)

    output = ask(build(integrate=integrate), INPUT, Settings(chat=chat))

    assert (output["code"], output["decided_by"]) == (None, "")
    assert output["problem"] == "no perspective could be read"
    assert "coordinator" not in chat.templates


@pytest.mark.parametrize("answers", [("Answer: 2",) * 3, (NOTHING,) * 3, ("Answer: 1", "Answer: 2", "Answer: 3")])
def test_always_means_always(answers: tuple[str, str, str]) -> None:
    chat = said(*answers)

    output = ask(build(integrate="always"), INPUT, Settings(chat=chat))

    assert (output["code"], output["decided_by"]) == (4, "coordinator")
    assert len(chat.prompts("coordinator")) == 1


def test_a_coordinator_that_cannot_be_read_gives_no_answer() -> None:
    output = ask(build(), INPUT, Settings(chat=said("Answer: 1", "Answer: 2", "Answer: 3", coordinator="Answer: 9")))

    assert (output["code"], output["decided_by"], output["problem"]) == (None, "coordinator", "9 is out of range")


@pytest.mark.parametrize(
    ("answers", "mean"),
    [
        (("Answer: 1", "Answer: 1", "Answer: 2"), 2),  # 4/3, rounded up
        (("Answer: 1", "Answer: 2", "Answer: 3"), 2),
        (("Answer: 2", "Answer: 4", "Answer: 4"), 4),  # 10/3
        (("Answer: 1", NOTHING, "Answer: 4"), 3),  # 5/2: over those present
        ((NOTHING, NOTHING, "Answer: 4"), 4),
    ],
)
def test_average_is_the_mean_rounded_up_without_a_call(answers: tuple[str, str, str], mean: int) -> None:
    chat = said(*answers)

    output = ask(build(integrate="average"), INPUT, Settings(chat=chat))

    assert (output["code"], output["decided_by"]) == (mean, "average")
    assert len(chat.calls) == 4


def test_average_and_agreement_are_over_the_perspectives_present() -> None:
    chat = FakeChat(answer=codes(1, 4, 4))

    assert ask(build(["cognitive"]), INPUT, Settings(chat=chat))["decided_by"] == "unanimous"
    assert ask(build(["behavioral"], "average"), INPUT, Settings(chat=chat))["code"] == 3


@pytest.mark.parametrize(("rule", "by"), [("always", "coordinator"), ("average", "average")])
def test_a_run_may_choose_another_rule_than_was_built(rule: Integrate, by: str) -> None:
    chat = FakeChat(answer=codes(2, 2, 2))

    assert ask(build(), INPUT, Settings(chat=chat, integrate=rule))["decided_by"] == by
