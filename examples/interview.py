"""An agent interviews five simulated people and tabulates what they said: `python
examples/interview.py`.

Without a model's name it runs offline: a fixed interviewer that asks everybody everything takes the
agent's place, and the stand-in, which is no language model, answers. What it prints then says
nothing about people.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from rich.console import Console
from rich.table import Table

from graph.llm.factory import chat_model
from graph.persona.persona import Persona
from graph.persona.sample import sample_respondents
from graph.persona.tool import ask_person_tool
from graph.settings import Settings
from survey.console import print_anything

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
    "word and with its "
    "options, one call for each person and question. When all have answered, say in two sentences "
    "what stands out."
)


class Interviewer(BaseChatModel):
    """In place of a model: asks everybody everything, then stops."""

    people: list[str]

    @property
    def _llm_type(self) -> str:
        return "interviewer"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        """It knows the one tool there is."""
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        asked = [
            {
                "name": "ask_person",
                "args": {"person": who, "question": question, "options": options},
            }
            for who in self.people
            for question, options in QUESTIONS.items()
        ]
        calls: Any = [call | {"id": str(place)} for place, call in enumerate(asked)]
        heard = any(isinstance(message, ToolMessage) for message in messages)
        said = (
            AIMessage("Everybody was asked everything.")
            if heard
            else AIMessage("", tool_calls=calls)
        )
        return ChatResult(generations=[ChatGeneration(message=said)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Interview, and print one row a person."""
    print_anything()
    parser = argparse.ArgumentParser(description="Let an agent interview five simulated people.")
    parser.add_argument(
        "--model", default="offline", help="model of the people and of the agent (default: offline)"
    )
    parser.add_argument("--base-url", help="address of an OpenAI-compatible server")
    given = parser.parse_args(arguments)
    settings = Settings(chat=given.model, base_url=given.base_url)
    personas = [
        Persona.from_respondent(sample_respondents(), row, settings=settings) for row in ROWS
    ]
    people = {persona.name: persona for persona in personas}
    offline = given.model == "offline"
    interviewer = (
        Interviewer(people=list(people)) if offline else chat_model(given.model, given.base_url)
    )
    agent = create_agent(interviewer, [ask_person_tool(people)], system_prompt=TASK)
    task = "\n".join(
        [*people, *(f"{question} {' | '.join(options)}" for question, options in QUESTIONS.items())]
    )
    heard = agent.invoke({"messages": [{"role": "user", "content": task}]})["messages"]

    said = {
        (one.artifact["person"], one.artifact["question"]): one.artifact
        for one in heard
        if _answers(one)
    }
    table = Table("", *QUESTIONS, show_lines=True)
    for who in people:
        table.add_row(
            who, *(said.get((who, question), {}).get("answer") or "-" for question in QUESTIONS)
        )
    console = Console(markup=False)
    console.print(table)
    console.print(heard[-1].text)
    console.print(next(iter(said.values()))["notice"] if said else "Nobody was asked.")


def _answers(message: BaseMessage) -> bool:
    """Whether a message holds an answer of a person."""
    return isinstance(message, ToolMessage) and isinstance(message.artifact, dict)


if __name__ == "__main__":
    main()
