"""The tools that an MCP client sees: `ask_person`, `list_people`."""

from functools import lru_cache
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field, ValidationError

from graph.llm.errors import error_text
from graph.persona.persona import Persona
from graph.persona.sample import describe_respondent
from graph.persona.tool import ABOUT, brief_response
from graph.settings import Settings
from survey.respondents import Respondents

KEPT, PAGE = 64, 100
"""How many people keep their backstory, and how many are listed at once."""
PEOPLE = "Who can be asked with ask_person: the respondents' numbers, and who they are."


class PerspectiveAnswer(BaseModel):
    """What one perspective says."""

    answer: str
    analysis: str


class PersonAnswer(BaseModel):
    """What the simulated person answered. `code` is the chosen option's place, from 1; none for a
    free question.
    """

    answer: str
    code: int | None
    analysis: str
    views: dict[str, PerspectiveAnswer]
    evidence: list[str]
    notice: str
    problem: str = ""


class RespondentSummary(BaseModel):
    """One respondent."""

    person: int
    who: str


class RespondentList(BaseModel):
    """Some of the respondents, and how many there are in all."""

    people: list[RespondentSummary]
    of: int


Question = Annotated[str, Field(description="the question, addressed to the person as you")]
Options = Annotated[
    list[str] | None, Field(description="what may be answered; none: the person's own words")
]
Row = Annotated[int | None, Field(description="the respondent's number, from list_people")]
First = Annotated[int, Field(description="from which number on")]
Count = Annotated[int, Field(description=f"how many, at most {PAGE}")]
About = Annotated[
    str | None,
    Field(description="in place of a respondent, a text about a person: notes, a biography"),
]


class OneLineErrorServer(MCPServer[Any]):
    """An MCP server whose refusals are one line each."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool by its name. Raises ToolError, one line, for arguments that do not fit."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            first = error.__cause__.errors()[0]
            raise ToolError(f"{name}: {' '.join(map(str, first['loc']))}: {first['msg']}") from None


class PersonTools:
    """The tools over these people, each with the name of its method."""

    def __init__(self, people: Respondents, settings: Settings) -> None:
        self._people = people
        self._settings = settings
        self._persona = lru_cache(maxsize=KEPT)(self._make_persona)

    def _make_persona(self, person: int | None, about: str | None) -> Persona:
        """The persona of a respondent (row from 1) or of a text."""
        if person is None:
            return Persona.from_text(about or "", settings=self._settings)
        return Persona.from_respondent(self._people, person, settings=self._settings)

    async def ask_person(
        self, question: Question, person: Row = None, about: About = None, options: Options = None
    ) -> PersonAnswer:
        """Ask one person. Raises ToolError, one line, whatever goes wrong."""
        try:
            if (person is None) == (about is None):
                raise ValueError("give either person, a respondent's number, or about, a text")
            response = await self._persona(person, about).ask(question, options)
            return PersonAnswer(**brief_response(response))
        except Exception as error:  # a model's client may raise anything: the agent reads one line
            raise ToolError(error_text(error)) from error

    async def list_people(self, first: First = 1, count: Count = 20) -> RespondentList:
        """Describe some respondents, by number."""
        start, size = max(first, 1), len(self._people)
        people = []
        for row in range(start, min(start + min(count, PAGE), size + 1)):
            who = describe_respondent(self._people, row)
            people.append(RespondentSummary(person=row, who=who))
        return RespondentList(people=people, of=size)


def make_mcp_server(people: Respondents, settings: Settings) -> OneLineErrorServer:
    """Make the MCP server over these people; each error that a client reads is one line."""
    server = OneLineErrorServer("valuesim", instructions=f"{ABOUT} {PEOPLE}", log_level="WARNING")
    tools = PersonTools(people, settings)
    server.tool(description=ABOUT)(tools.ask_person)
    server.tool(description=PEOPLE)(tools.list_people)
    return server
