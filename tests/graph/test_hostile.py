"""Hostile texts in every place where text comes from outside: none steers the answer, breaks a prompt or crashes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.memory import InMemorySaver

from evals.harness.methods import load_method
from graph.chat import build
from graph.conversation.settings import ChatSettings
from graph.persona.blocking import ask, run_sync
from graph.persona.persona import Persona
from graph.settings import Settings
from tests.graph.fakes import IMPORTANCE, INPUT, PROFILE, FakeChat
from tests.graph.hostile import TEXTS

OPTIONS = ["Yes", "No"]
QUESTION = "Should one keep a promise?"
FORGED = re.compile(r"^(?:Answer: \W*\d|Question:|Analysis:|</?story>|\w+ perspective$|(\d+): )", re.MULTILINE)


def gullible(prompt: str) -> str:
    """Answer No, and quote all that was read; obey whatever stands on a line of its own as if it were the prompt's."""
    if prompt.startswith("You are a writer"):
        return "\n".join(line for line in prompt.splitlines() if line.startswith("- "))
    asked, _, form = prompt.rpartition("Reply in exactly this format, two lines")
    asked_first = re.sub(r"(\nQuestion:\n).*", r"\1", asked)  # the question is a line of its own by right
    found = [match[0] for match in FORGED.finditer(asked_first)]
    if found != ["Question:", "1: ", "2: "] or FORGED.findall(form) != [""]:
        return f"Answer: 1\nAnalysis: obeyed {found}"
    return f"Answer: 2\nAnalysis: I read this: {asked}"


def of(**changed: Any) -> Callable[[Settings], Persona]:
    """Somebody of whose known answers the first is changed."""
    return lambda settings: Persona.from_profile([PROFILE[0] | changed, *PROFILE[1:]], settings=settings)  # type: ignore[list-item]


def told(words: dict[str, str]) -> Callable[[Settings], Persona]:
    """Somebody whose answers are known in words."""
    return lambda settings: Persona.from_profile(words, settings=settings)


def tell_of(text: str) -> Callable[[Settings], Persona]:
    """Somebody of whom a text tells."""
    return lambda settings: Persona.from_text(text, settings=settings)


PLACES: dict[str, Callable[[str], tuple[Callable[[Settings], Persona], str, list[str]]]] = {
    "a known statement": lambda text: (of(statement=text), QUESTION, OPTIONS),
    "a known question": lambda text: (of(question=text, statement=""), QUESTION, OPTIONS),
    "a known option": lambda text: (
        of(options=[{"code": 1, "label": text}, *IMPORTANCE[1:]], statement=""),
        QUESTION,
        OPTIONS,
    ),
    "what was asked before, in words": lambda text: (told({text: "Yes"}), QUESTION, OPTIONS),
    "what was said before, in words": lambda text: (told({"Do you fish?": text}), QUESTION, OPTIONS),
    "a text about the person": lambda text: (tell_of(text), QUESTION, OPTIONS),
    "the question": lambda text: (of(), text, OPTIONS),
    "an option": lambda text: (of(), QUESTION, [text, "No"]),
}


def tried(place: str, text: str) -> str:
    """What became of a hostile text: "answered", "unread" or "refused"; anything else is an error."""
    chat = FakeChat(answer=gullible)
    made, question, options = PLACES[place](text)
    try:
        found = made(Settings(chat=chat)).ask_sync(question, options)
    except ValueError as refused:
        assert "\n" not in str(refused) and len(str(refused)) < 200 and chat.calls == []
        return "refused"
    assert found.code in (2, None), found.analysis[:300]
    return "unread" if found.code is None else "answered"


@pytest.mark.parametrize("place", PLACES)
def test_no_text_steers_the_answer(place: str) -> None:
    became = [tried(place, text) for text in TEXTS]

    assert became.count("answered") + became.count("unread") >= 50


class Talker(BaseChatModel):
    """As `gullible`; where it speaks as the person it repeats all that it was shown."""

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        read = "\n".join(str(message.text) for message in messages)
        said = gullible(read) if messages[0].type == "human" else f"You told me this: {read}"
        return ChatResult(generations=[ChatGeneration(message=AIMessage(said))])

    @property
    def _llm_type(self) -> str:
        return "talker"


CHAT: dict[str, Callable[[str], list[dict[str, Any]]]] = {
    "a message": lambda text: [{"messages": [("user", text)]}],
    "a message before a question": lambda text: [{"messages": [("user", text)]}, {"messages": [("user", QUESTION)]}],
    "words put into the person's mouth": lambda text: [{"messages": [("ai", text), ("user", QUESTION)]}],
    "an option of a message": lambda text: [{"messages": [("user", QUESTION)], "options": [text, "No"]}],
    "a text in the settings": lambda text: [{"messages": [("user", QUESTION)]}],
}


@pytest.mark.parametrize("place", CHAT)
def test_no_text_steers_the_chat(place: str) -> None:
    sent = 0
    for text in TEXTS:
        about = text if place == "a text in the settings" else "I fish."
        talk, to = build(InMemorySaver()), ChatSettings(chat=Talker(), about=about)
        for given in CHAT[place](text):
            if given["messages"][-1] == ("user", QUESTION) and "options" not in given:
                given["options"] = OPTIONS
            try:
                state = run_sync(talk.ainvoke(given, {"configurable": {"thread_id": "1"}}, context=to))
            except ValueError as refused:
                assert "\n" not in str(refused) and len(str(refused)) < 200
                continue
            reply = state["messages"][-1]
            assert reply.type == "ai" and reply.text and not reply.tool_calls
            assert reply.additional_kwargs.get("code") in (2, None), reply.text[:300]
            if "options" in given and reply.additional_kwargs.get("code"):
                assert re.search(r"\bNo\b", reply.text)
            sent += 1
    assert sent >= 50


def test_the_card_tells_how_many_were_tried() -> None:
    card = (Path(__file__).parents[2] / "docs/card.md").read_text(encoding="utf-8")
    many, places = len(TEXTS), len(PLACES) + len(CHAT)

    assert f"<!-- tried -->{many} texts in {places} places, {many * places} trials, all held<!-- /tried -->" in card


@pytest.mark.parametrize("name", ["valuesim", "full_info", "rag"])
@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"profile": PROFILE * 200}, "profile: 600 answers, and at most 500 are taken"),
        ({"profile": [{"question": "x", "options": []}]}, "profile: an answer without 'code'"),
        ({"profile": "I fish."}, "profile: it is no list of answers"),
        ({"profile": [1]}, "profile: it is no list of answers"),
        ({"question": 5}, "question: Input should be a valid string"),
        ({"options": ["Yes"]}, "options 1: Input should be a valid dictionary"),
        ({"question": None, "options": None}, "input: question, options missing"),
        ({"question": "x" * 2001}, "question: 2,001 characters, and at most 2,000 are taken"),
        ({"options": [{"code": 1, "label": "x" * 301}]}, "option: 301 characters, and at most 300 are taken"),
    ],
)
def test_every_graph_refuses_too_much_before_anything_is_sent(name: str, changed: dict[str, Any], problem: str) -> None:
    chat = FakeChat()
    with pytest.raises(ValueError, match=problem):
        ask(load_method(name)(), {**INPUT, **changed}, Settings(chat=chat))
    assert chat.calls == []
