"""What a person at a notebook meets: a line for each person, each answer, and each error."""

import asyncio
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from graph.llm.factory import ModelError
from graph.llm.transport import TimedOutError
from graph.persona.blocking import ask
from graph.persona.persona import Persona
from graph.settings import Settings
from graph.validation import InvalidInputError
from graph.valuesim import build
from tests.graph.fakes import INPUT, PROFILE, FakeChat
from tests.server import Server, error

AGREE = ["Agree", "Disagree"]


def shown(call: Callable[[], object]) -> list[str]:
    """The lines of the traceback that this call ends in."""
    try:
        call()
    except Exception:
        return traceback.format_exc().splitlines()
    raise AssertionError("nothing was raised")


def test_a_person_and_an_answer_are_one_line_each() -> None:
    person = Persona.from_respondent(None, 60, settings=Settings(chat="offline"))
    found = person.ask_sync("How important is work to you?", ["Very important", "Not important"])

    size = len(person.known)
    assert repr(person) == f"Persona('Respondent 60: woman, 47, Brazil', {size} known answers, model offline)"
    assert repr(found) == "Response('How important is work to you?' -> 'Very important', unanimous)"
    long = Persona.from_text("I like tea.", name="Ann\n" * 100, settings=Settings(chat=FakeChat()))
    assert repr(long).count("\n") == 0 and len(repr(long)) < 120
    assert repr(long).endswith("', 1 known answer, model FakeChat)")


def test_a_timeout_is_one_line_under_the_callers_own(server: Server) -> None:
    server.fault = lambda path, body: 5.0
    settings = Settings(chat="openai:m", base_url=server.url, timeout=0.2)
    person = Persona.from_profile(PROFILE, settings=settings)

    for call in (lambda: person.ask_sync("Well?", AGREE), lambda: ask(build(), INPUT, settings)):
        lines = shown(call)
        assert lines[-1].startswith("graph.llm.transport.TimedOutError: no whole reply came within 0.2 s: a longer ")
        assert len(lines) <= 12 and not any("langgraph" in line or "During handling" in line for line in lines)


def test_what_a_server_refuses_comes_with_a_way_out(server: Server) -> None:
    server.fault = lambda path, body: error(401)
    refused = Persona.from_profile(PROFILE, settings=Settings(chat="openai:m", base_url=server.url))
    nowhere = Persona.from_profile(PROFILE, settings=Settings(chat="openai:m", base_url="http://127.0.0.1:9/v1"))

    lines = shown(lambda: refused.ask_sync("Well?", AGREE))
    assert lines[-1] == "the key was refused: check the variable that holds it" and len(lines) <= 13
    lines = shown(lambda: nowhere.ask_sync("Well?", AGREE))
    assert lines[-1] == "is the model's server running, and is base_url its address?" and len(lines) <= 13
    assert shown(lambda: asyncio.run(refused.ask("Well?", AGREE)))[-1].startswith("the key was refused")


def test_a_wrong_name_or_question_is_one_line() -> None:
    person = Persona.from_profile(PROFILE, settings=Settings(chat="gpt-4o-mini"))
    with pytest.raises(ModelError, match=r"^model gpt-4o-mini: did you mean openai:gpt-4o-mini\?$"):
        person.ask_sync("Well?", AGREE)
    with pytest.raises(InvalidInputError, match=r"^question: nothing is asked$"):
        person.ask_sync(" ", AGREE)


def test_an_error_that_nobody_foresaw_keeps_its_frames() -> None:
    def fail(prompt: str) -> str:
        return {}["absent"]  # type: ignore[return-value]

    lines = shown(
        lambda: Persona.from_profile(PROFILE, settings=Settings(chat=FakeChat(answer=fail))).ask_sync("Well?")
    )
    assert any("in fail" in line for line in lines) and any("KeyError: 'absent'" in line for line in lines)


class SlowChat(FakeChat):
    """Takes half a second to answer."""

    async def _agenerate(self, *args: Any, run_manager: Any = None, **kwargs: Any) -> Any:
        await asyncio.sleep(0.5)
        return await super()._agenerate(*args, run_manager=run_manager, **kwargs)


def test_a_time_limit_holds_for_a_model_object_too_where_one_is_set() -> None:
    slow = Persona.from_profile(PROFILE, settings=Settings(chat=SlowChat(), timeout=0.05))
    with pytest.raises(TimedOutError, match=r"within 0\.05 s"):
        slow.ask_sync("Well?", AGREE)
    assert Persona.from_profile(PROFILE, settings=Settings(chat=SlowChat())).ask_sync("Well?", AGREE).code == 2
