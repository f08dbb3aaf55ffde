"""A refusal in place of a story, told by what it says and what it keeps."""

import asyncio

import pytest

from graph.nodes.refusal import refuses_story
from graph.nodes.story import tell_story
from graph.settings import Settings
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.profile import Answer, profile_of
from survey.respondents import read_survey
from survey.synthetic import sample_path


@pytest.fixture(scope="module")
def profile() -> list[Answer]:
    codebook = wvs7()
    known = item_folds(list(codebook.items), 42)[0].known[:60]
    return list(profile_of(codebook, read_survey(sample_path(), codebook).answers(3), known))


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot write about a real person's politics.",
        "Sorry. This goes too far.",
        "As an AI model I have no view on this.",
        "I must decline to write this text.",
        "Unfortunately, I am not able to do this.",
        "Lo siento, no puedo ayudar con esto.",
        "Es tut mir leid, dabei kann ich nicht helfen.",
        "抱歉,我不能写这个故事。",
        "Das kann ich leider nicht erzählen.",
        "Je suis désolée, ce n'est pas possible.",
        "Je ne saurais écrire cela.",
        "Helaas, dat schrijf ik niet: ik kan dit niet doen.",
        "Przepraszam, tego nie napiszę.",
        "Maaf, saya tidak bisa menulis ini.",
        "آسف، لن أكتب هذا.",
        "Bunu maalesef yazamam.",
        "そのような文章は作成できません。",
    ],
)
def test_a_refusal_is_known(text: str, profile: list[Answer]) -> None:
    assert refuses_story(text, profile)


def test_a_story_is_none_even_where_it_is_sorry(profile: list[Answer]) -> None:
    story = asyncio.run(tell_story(profile, Settings(chat="offline")))["backstory"]

    assert not refuses_story(story, profile)
    assert not refuses_story(f"I'm sorry that this is long. {story}", profile)
    assert not refuses_story("You were born by the sea. You like work.", profile)
    assert not refuses_story("I'm sorry, but I can't help with that.", profile[:4])
