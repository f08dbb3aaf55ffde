"""The tool `ask_person`: what an agent sees of it, and an agent that interviews with it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from graph.persona.persona import Persona
from graph.persona.tool import ask_person_tool
from graph.settings import Settings
from tests.graph.fakes import PROFILE, FakeChat

ROOT = Path(__file__).parents[3]


def person(code: int) -> Persona:
    chat = FakeChat(answer=lambda _: f"Answer: {code}\nAnalysis: because")
    return Persona.from_profile(PROFILE, settings=Settings(chat=chat))


class Caller(BaseChatModel):
    """An agent's model that makes these tool calls, then repeats what the tools said."""

    calls: list[dict[str, Any]]

    @property
    def _llm_type(self) -> str:
        return "caller"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> ChatResult:
        heard = [str(message.content) for message in messages if isinstance(message, ToolMessage)]
        calls: Any = [{"name": "ask_person", "args": call, "id": str(place)} for place, call in enumerate(self.calls)]
        message = AIMessage(" / ".join(heard)) if heard else AIMessage("", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


def test_what_an_agent_is_told_of_it() -> None:
    one, two = ask_person_tool(person(1)), ask_person_tool({"Ann": person(1), "Bob": person(2)})

    assert one.name == two.name == "ask_person" and "It is a simulation" in one.description
    assert list(one.args) == ["question", "options"]
    assert two.args["person"]["enum"] == ["Ann", "Bob"]
    assert one.get_input_schema().model_json_schema()["required"] == ["question"]
    with pytest.raises(ValueError, match="nobody to ask"):
        ask_person_tool({})


def test_an_agent_asks_two_people_and_reads_their_answers() -> None:
    calls = [{"person": who, "question": "Kin first?", "options": ["Yes", "No"]} for who in ("Ann", "Bob")]
    agent = create_agent(Caller(calls=calls), [ask_person_tool({"Ann": person(1), "Bob": person(2)})])

    messages = asyncio.run(agent.ainvoke({"messages": [("user", "go")]}))["messages"]

    ann, bob = (message for message in messages if isinstance(message, ToolMessage))
    assert [json.loads(str(one.content))["answer"] for one in (ann, bob)] == ["Yes", "No"]
    read = json.loads(str(ann.content))
    assert read.keys() == {"answer", "code", "analysis", "views", "evidence", "notice"}
    assert read["views"]["cognitive"] == {"answer": "Yes", "analysis": "because"}
    assert (bob.artifact["person"], bob.artifact["code"], len(bob.artifact["options"])) == ("Bob", 2, 2)


def test_in_plain_code_it_answers_too() -> None:
    said = json.loads(ask_person_tool(person(2)).invoke({"question": "Kin first?", "options": ["Yes", "No"]}))

    assert (said["answer"], said["code"]) == ("No", 2)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"person": "Eve", "question": "Kin first?"}, "person: Input should be 'Ann'"),
        ({"person": "Ann"}, "question: Field required"),
        ({"person": "Ann", "question": "x" * 2001}, "question: String should have at most 2000 characters"),
        ({"person": "Ann", "question": " "}, "question: nothing is asked"),
        ({"person": "Ann", "question": "Well?", "options": ["a", "a"]}, "options: two of them are the same"),
    ],
)
def test_a_call_that_does_not_fit_is_told_to_the_agent_in_one_line(call: dict[str, Any], told: str) -> None:
    agent = create_agent(Caller(calls=[call]), [ask_person_tool({"Ann": person(1)})])

    messages = asyncio.run(agent.ainvoke({"messages": [("user", "go")]}))["messages"]

    [answer] = [message for message in messages if isinstance(message, ToolMessage)]
    assert str(answer.content) == told and answer.status == "error"


def test_the_example_interviews_five_people_and_tabulates_what_they_said() -> None:
    done = subprocess.run(
        [sys.executable, "examples/interview.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )

    rows = [line for line in done.stdout.splitlines() if line.startswith("│ Respondent ")]
    assert done.returncode == 0 and len(rows) == 5, done.stderr
    for row in rows:
        _, _, trust, religion, worry, _ = (cell.strip() for cell in row.split("│"))
        assert trust in ("Most can be trusted", "One has to be careful") and religion.endswith("mportant") and worry
    assert "no language model" in done.stdout
