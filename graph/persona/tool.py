"""Simulated people as a tool for agents: `ask_person`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.tools import BaseTool, StructuredTool, ToolException
from pydantic import BaseModel, Field, create_model

from graph.persona.blocking import run_sync
from graph.persona.persona import Persona
from graph.persona.response import Response
from graph.validation import OPTIONS, QUESTION

ABOUT = (
    "Ask a simulated person one question and get the answer this person would give, with three "
    "perspectives on it and the known answers it rests on. It is a simulation: no person said this."
)


class AskPersonInput(BaseModel):
    """One question to a simulated person."""

    question: str = Field(
        description="the question, addressed to the person as you", max_length=QUESTION
    )
    options: list[str] = Field(
        default_factory=list,
        description="what may be answered, in words; none for an answer in the person's own words",
        max_length=OPTIONS,
    )


def ask_person_tool(people: Persona | Mapping[str, Persona]) -> BaseTool:
    """Make a tool for agents, such as LangChain's `create_agent`: one person, or several by name.

    The agent reads short JSON (answer, code, analysis, views, evidence, notice); the tool message's
    `artifact` is the whole `Response` as plain JSON, with `person`. Where a question cannot be
    asked, the agent reads why in one line. Raises ValueError where there is nobody to ask.
    """
    if not isinstance(people, Persona) and not people:
        raise ValueError("ask_person: nobody to ask")
    several = {} if isinstance(people, Persona) else dict(people)
    interview = _Interview({"": people} if isinstance(people, Persona) else several)
    names: Any = Literal[tuple(several)] if several else None
    person: Any = {"person": (names, Field(description="whom to ask"))} if several else {}
    return StructuredTool.from_function(
        func=interview.ask_sync,
        coroutine=interview.ask,
        name="ask_person",
        description=ABOUT,
        args_schema=create_model("AskPerson", __base__=AskPersonInput, **person),
        response_format="content_and_artifact",
        handle_tool_error=True,
        handle_validation_error=_argument_error,
    )


@dataclass(frozen=True)
class _Interview:
    """The people whom the tool asks, by name; "" is the name of a single one."""

    people: Mapping[str, Persona]

    async def ask(
        self, question: str, options: list[str], person: str = ""
    ) -> tuple[str, dict[str, Any]]:
        """Ask one person; what the agent reads, and the artifact."""
        try:
            response = await self.people[person].ask(question, options)
        except ValueError as error:
            raise ToolException(str(error)) from None
        text = json.dumps(brief_response(response), ensure_ascii=False)
        return text, response.as_dict() | {"person": person}

    def ask_sync(
        self, question: str, options: list[str], person: str = ""
    ) -> tuple[str, dict[str, Any]]:
        """As `ask`, for an agent that runs without an event loop."""
        return run_sync(self.ask(question, options, person))


def brief_response(response: Response) -> dict[str, Any]:
    """What an agent needs of a response, as plain JSON."""
    views = {
        name: {"answer": view.answer, "analysis": view.analysis}
        for name, view in response.views.items()
    }
    answer = {
        "answer": response.answer,
        "code": response.code,
        "analysis": response.analysis,
        "views": views,
    }
    evidence = [found["line"] for found in response.evidence]
    problem = {"problem": response.problem} if response.problem else {}
    return answer | problem | {"evidence": evidence, "notice": response.notice}


def _argument_error(error: Any) -> str:
    """What is wrong with the arguments of a call, in one line."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
