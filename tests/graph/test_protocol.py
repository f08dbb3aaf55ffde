"""What `published` changes: what requests show, and how replies are read."""

import pytest

from baselines.full_info import graph as full_info
from baselines.rag import graph as rag
from graph.persona.blocking import ask
from graph.settings import Settings
from graph.valuesim import build
from tests.graph.fakes import INPUT, LENSES, FakeChat, Words, by_lens

UNLABELLED = "How important is family in your life?\n{}\n1".format(
    "Very important / Rather important / Not very important / Not at all important"
)
LABELLED = "You consider family very important in your life. [options: Very important | Rather important | "


@pytest.mark.parametrize(("graph", "template"), [(full_info, "full_info"), (rag, "rag")])
def test_published_baselines_see_bare_codes_and_reply_with_a_bare_number(graph: object, template: str) -> None:
    chat = FakeChat(answer=lambda prompt: "I pick 3, though 2 is near.")
    settings = Settings(chat=chat, protocol="published", embeddings=Words("family", "work"))

    output = ask(graph, INPUT, settings)  # type: ignore[arg-type]

    prompt = chat.prompt(f"{template}_published")
    assert UNLABELLED in prompt and "You consider family" not in prompt
    assert "Analysis:" not in prompt and "number of the selected option alone" in prompt
    assert output["code"] == 3


@pytest.mark.parametrize(("graph", "template"), [(full_info, "full_info"), (rag, "rag")])
def test_fair_baselines_see_labels_and_reply_in_the_common_format(graph: object, template: str) -> None:
    chat = FakeChat(answer=lambda prompt: "I pick 3, though 2 is near.")

    output = ask(graph, INPUT, Settings(chat=chat, embeddings=Words("family", "work")))  # type: ignore[arg-type]

    prompt = chat.prompt(template)
    assert LABELLED in prompt and UNLABELLED not in prompt
    assert "Answer: [option number]\nAnalysis: [reasoning]" in prompt
    assert output["code"] is None


def test_the_published_reader_takes_what_the_fair_one_refuses_and_the_other_way_round() -> None:
    said = {"cognitive": "Answer: 9\nAnalysis: a", "affective": "**Answer:** 2", "behavioral": "I say nothing"}
    chat = FakeChat(answer=by_lens(**said))

    assert ask(build(), INPUT, Settings(chat=chat, protocol="published"))["code"] == 9
    assert ask(build(), INPUT, Settings(chat=chat))["code"] == 2


def test_published_perspectives_keep_story_and_format() -> None:
    chat = FakeChat()

    ask(build(), INPUT, Settings(chat=chat, protocol="published"))

    assert chat.templates == [*sorted(LENSES), "story"]
    assert LABELLED in chat.prompt("story")
    assert all("Answer: [option number]\nAnalysis: [reasoning]" in chat.prompt(lens) for lens in LENSES)


def test_published_without_story_shows_the_bare_profile() -> None:
    chat = FakeChat()

    ask(build(["story"]), INPUT, Settings(chat=chat, protocol="published"))

    assert UNLABELLED in chat.prompt("cognitive") and "You consider family" not in chat.prompt("cognitive")


def test_published_without_perspectives_asks_for_a_bare_number() -> None:
    chat = FakeChat(answer=lambda prompt: "4")

    output = ask(build(["cab"]), INPUT, Settings(chat=chat, protocol="published"))

    assert chat.templates == ["direct_published", "story"]
    assert output["code"] == 4


def test_a_published_average_may_be_no_option_as_released() -> None:
    chat = FakeChat(answer=lambda prompt: "Answer: 9")

    assert ask(build(integrate="average"), INPUT, Settings(chat=chat, protocol="published"))["code"] == 9
