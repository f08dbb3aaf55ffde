"""Who is asked what in ValueSim, and in each of its ablations."""

from pathlib import Path
from typing import Any

import pytest

from graph.persona.blocking import ask
from graph.settings import Settings
from graph.valuesim import build
from survey.profile import question_text
from tests.graph.fakes import INPUT, LENSES, PROFILE, FakeChat, codes

STORY = "You were born long ago, and kin comes first."
STATEMENTS = [answer["statement"] for answer in PROFILE]
QUESTION = question_text(INPUT["question"], INPUT["options"])


def teller(cognitive: int = 1, affective: int = 2, behavioral: int = 3) -> FakeChat:
    """Tells the story, answers from each perspective, and coordinates with 4."""
    answer = codes(cognitive, affective, behavioral, coordinator=4)
    return FakeChat(answer=lambda prompt: STORY if "writer of background stories" in prompt else answer(prompt))


def test_the_story_is_told_once_of_everything_that_is_known() -> None:
    chat = teller()

    output = ask(build(), INPUT, Settings(chat=chat))

    assert all(statement in chat.prompt("story") for statement in STATEMENTS)
    assert INPUT["question"] not in chat.prompt("story")
    assert output["backstory"] == STORY


def test_the_perspectives_read_the_story_and_not_each_other() -> None:
    chat = teller()

    ask(build(), INPUT, Settings(chat=chat))

    for lens in LENSES:
        prompt = chat.prompt(lens)
        assert STORY in prompt and QUESTION in prompt and f"the {lens} lens" in prompt
        assert not any(statement in prompt for statement in STATEMENTS)
        assert not any(f"{other} reasons" in prompt for other in LENSES)


def test_the_coordinator_hears_every_perspective_and_never_the_story() -> None:
    chat = teller(1, 2, 3)

    output = ask(build(), INPUT, Settings(chat=chat))

    prompt = chat.prompt("coordinator")
    assert QUESTION in prompt
    assert "Cognitive perspective\nAnswer: 1: Very important\nAnalysis: cognitive reasons" in prompt
    assert "Emotional perspective\nAnswer: 2: Rather important\nAnalysis: affective reasons" in prompt
    assert "Behavioral perspective\nAnswer: 3: Not very important\nAnalysis: behavioral reasons" in prompt
    assert STORY not in prompt and not any(statement in prompt for statement in STATEMENTS)
    assert (output["code"], output["analysis"], output["decided_by"]) == (4, "weighed", "coordinator")


def test_the_output_holds_each_perspectives_reply() -> None:
    output = ask(build(), INPUT, Settings(chat=teller(1, 2, 3)))

    found = {name: reply["code"] for name, reply in output["perspectives"].items()}
    assert found == {"cognitive": 1, "affective": 2, "behavioral": 3}
    assert output["perspectives"]["affective"]["raw"] == "Answer: 2\nAnalysis: affective reasons"


@pytest.mark.parametrize(
    ("without", "asked"),
    [
        ([], ["affective", "behavioral", "cognitive", "coordinator", "story"]),
        (["story"], ["affective", "behavioral", "cognitive", "coordinator"]),
        (["cab"], ["direct", "story"]),
        (["story", "cab"], ["direct"]),
        (["cognitive"], ["affective", "behavioral", "coordinator", "story"]),
        (["affective"], ["behavioral", "cognitive", "coordinator", "story"]),
        (["behavioral"], ["affective", "cognitive", "coordinator", "story"]),
        (["affective", "behavioral"], ["cognitive", "story"]),
    ],
)
def test_each_ablation_asks_without_its_part(without: list[str], asked: list[str]) -> None:
    chat = teller(1, 2, 3)

    output = ask(build(without), INPUT, Settings(chat=chat))  # type: ignore[arg-type]

    assert chat.templates == asked
    assert output["code"] is not None


def test_without_a_story_the_perspectives_read_the_profile() -> None:
    chat = teller()

    ask(build(["story"]), INPUT, Settings(chat=chat))

    for lens in LENSES:
        assert all(f"- {statement}" in chat.prompt(lens) for statement in STATEMENTS)
    assert not any(statement in chat.prompt("coordinator") for statement in STATEMENTS)


def test_without_perspectives_one_call_answers_from_the_story() -> None:
    chat = teller()

    output = ask(build(["cab"]), INPUT, Settings(chat=chat))

    assert STORY in chat.prompt("direct") and QUESTION in chat.prompt("direct")
    assert (output["code"], output["decided_by"]) == (4, "direct")


def test_without_one_perspective_the_coordinator_hears_the_other_two() -> None:
    chat = teller(1, 2, 3)

    ask(build(["affective"]), INPUT, Settings(chat=chat))

    assert "Emotional" not in chat.prompt("coordinator")
    assert chat.prompt("coordinator").count(" perspective\nAnswer: ") == 2


def test_another_model_may_coordinate() -> None:
    chat, coordinator = teller(1, 2, 3), FakeChat(answer=lambda prompt: "Answer: 3\nAnalysis: from outside")

    output = ask(build(), INPUT, Settings(chat=chat, coordinator=coordinator))

    assert chat.templates == [*sorted(LENSES), "story"]
    assert coordinator.templates == ["coordinator"]
    assert (output["code"], output["analysis"]) == (3, "from outside")


def test_ones_own_templates_are_sent(tmp_path: Path) -> None:
    tmp_path.joinpath("predict").mkdir()
    tmp_path.joinpath("predict/cognitive.txt").write_text("Mine. {backstory} {question} {answer_format}")
    chat = teller(1, 1, 1)

    ask(build(), INPUT, Settings(chat=chat, prompts=str(tmp_path)))

    assert chat.prompt("cognitive").startswith(f"Mine. {STORY} {QUESTION}")
    assert "the affective lens" in chat.prompt("affective")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"backstory": "x" * 3_000_000}, "backstory: 3,000,000 characters, and at most 200,000 are taken"),
        ({"backstory": 5}, "backstory: Input should be a valid string"),
        ({"backstory": "You fish.", "backstory_of": "x" * 301}, "backstory_of: 301 characters, and at most 300 are"),
        ({"profile": [PROFILE[0] | {"question": "x" * 50_001}]}, "profile: a question: 50,001 characters, and"),
        ({"profile": [PROFILE[0] | {"item": "x" * 3_000_000}]}, "profile: an item: 3,000,000 characters, and"),
    ],
)
def test_all_that_is_handed_in_is_limited(more: dict[str, Any], message: str) -> None:
    chat = FakeChat()
    with pytest.raises(ValueError, match=f"^{message}"):
        ask(build(), {**INPUT, **more}, Settings(chat=chat))
    assert chat.calls == []
