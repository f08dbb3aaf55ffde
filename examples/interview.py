"""An agent interviews five simulated people and tabulates their answers.

Run `python examples/interview.py`. Without a model's name it runs offline: a fixed interviewer that
asks everybody everything takes the agent's place, and the stand-in, which is no language model,
answers. What it prints then says nothing about people.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from rich.console import Console
from rich.table import Table

from graph.llm.factory import chat_model
from survey.console import print_anything
from valuesim import Persona, Settings, ask_person_tool, sample_respondents

ROWS = (1, 60, 150, 320, 480)
QUESTIONS: dict[str, list[str]] = {
    "Would you say that most people can be trusted?": [
        "Most can be trusted",
        "One has to be careful",
    ],
    "How important is religion in your life?": [
        "Very important",
        "Rather important",
        "Not important",
    ],
    "What worries you most about the years ahead?": [],
}
TASK = (
    "You interview people. Ask each person every question below with the tool ask_person, word for "
    "word and with its options, one call for each person and question. When all have answered, say "
    "in two sentences what stands out."
)


class Interviewer(BaseChatModel):
    """Stands in for a model: asks everybody everything in one turn, then stops."""

    people: list[str]

    @property
    def _llm_type(self) -> str:
        return "interviewer"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        """Take the tools as they are: the interviewer knows the one that there is."""
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        """Call the tool for each person and question; end once there are answers."""
        message = AIMessage("Everybody was asked everything.")
        if not any(isinstance(one, ToolMessage) for one in messages):
            message = AIMessage("", tool_calls=self._calls())
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _calls(self) -> list[Any]:
        """One call of the tool for each person and question."""
        calls = []
        for person, question in product(self.people, QUESTIONS):
            given = {"person": person, "question": question, "options": QUESTIONS[question]}
            calls.append({"name": "ask_person", "args": given, "id": str(len(calls))})
        return calls


def main(arguments: Sequence[str] | None = None) -> None:
    """Interview, and print one row for each person."""
    print_anything()
    given = _parse(arguments)
    settings = Settings(chat=given.model, base_url=given.base_url)
    people: dict[str, Persona] = {}
    for row in ROWS:
        persona = Persona.from_respondent(sample_respondents(), row, settings=settings)
        people[persona.name] = persona
    agent = create_agent(_interviewer(given, people), [ask_person_tool(people)], system_prompt=TASK)
    messages = agent.invoke({"messages": [{"role": "user", "content": _task(people)}]})["messages"]
    answers = _answers(messages)
    console = Console(markup=False)
    console.print(_table(people, answers))
    console.print(messages[-1].text)
    console.print(next(iter(answers.values()))["notice"] if answers else "Nobody was asked.")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Let an agent interview five simulated people.")
    parser.add_argument(
        "--model", default="offline", help="model of the people and of the agent (default: offline)"
    )
    parser.add_argument("--base-url", help="address of an OpenAI-compatible server")
    return parser.parse_args(arguments)


def _interviewer(given: argparse.Namespace, people: Iterable[str]) -> BaseChatModel:
    """The agent's model: the one that was named, or the fixed interviewer."""
    if given.model == "offline":
        return Interviewer(people=list(people))
    return chat_model(given.model, given.base_url)


def _task(people: Iterable[str]) -> str:
    """The people and the questions with their options, one a line."""
    lines = list(people)
    for question, options in QUESTIONS.items():
        lines.append(f"{question} {' | '.join(options)}")
    return "\n".join(lines)


def _answers(messages: Iterable[BaseMessage]) -> dict[tuple[str, str], dict[str, Any]]:
    """The answers that the tool gave, by person and question."""
    answers = {}
    for message in messages:
        if isinstance(message, ToolMessage) and isinstance(message.artifact, dict):
            answer = message.artifact
            answers[answer["person"], answer["question"]] = answer
    return answers


def _table(people: Iterable[str], answers: Mapping[tuple[str, str], Mapping[str, Any]]) -> Table:
    """One row for each person, one column for each question; a dash where there is no answer."""
    table = Table("", *QUESTIONS, show_lines=True)
    for person in people:
        row = [answers.get((person, question), {}).get("answer") or "-" for question in QUESTIONS]
        table.add_row(person, *row)
    return table


if __name__ == "__main__":
    main()
