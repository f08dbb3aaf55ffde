"""What `valuesim` alone prints: what it is, what to type first, and where to go from there."""

from textwrap import wrap
from typing import NamedTuple

ABOUT = (
    "ValueSim asks language models what the people of a survey would answer, and scores the "
    "replies against what these people really answered."
)
FIRST, THEN, HELP = "First:", "Then:", "Help:"
WIDTH = 80


class Line(NamedTuple):
    """One line to type, or to open, and what it gives."""

    typed: str
    gives: str


GUIDE = {
    FIRST: (
        Line(
            "valuesim run",
            "real people of the General Social Survey; a small real model in this process "
            "answers in their place",
        ),
    ),
    THEN: (
        Line("valuesim run --model NAME", "your own model: openai:NAME, ollama:NAME"),
        Line("valuesim run --data FILE", "your own survey file, best with your own model"),
        Line("valuesim run --items 1", "one question to each person: done sooner"),
        Line("valuesim run --dry-run", "what a run would take: calls, money, time"),
        Line(
            "valuesim page",
            "one simulated person in the browser, to ask and to talk with; in Python: Persona",
        ),
        Line("valuesim report RUN", "a page with tables and figures of a run"),
    ),
    HELP: (
        Line("valuesim --help", "all commands"),
        Line("valuesim run --help", "the flags of one command"),
        Line("docs/README.md", "the documentation, by task"),
    ),
}


def guide_text() -> str:
    """Return the guide: at most 22 lines of 80 columns."""
    lines = wrap(ABOUT, WIDTH)
    for title, shown in GUIDE.items():
        lines += ["", title]
        for line in shown:
            lines += _lines_of(line)
    return "\n".join(lines)


def _lines_of(line: Line) -> list[str]:
    """Return what is typed beside what it gives, which may take several lines."""
    wide = 2 + max(len(typed) for shown in GUIDE.values() for typed, _ in shown)
    first, *more = wrap(line.gives, WIDTH - wide - 2)
    return [f"  {line.typed:{wide}}{first}", *(" " * (wide + 2) + rest for rest in more)]
