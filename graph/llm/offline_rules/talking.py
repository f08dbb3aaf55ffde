"""Rules for the templates of `chat/`: the person says the closest known statement."""

import re
from collections.abc import Callable, Mapping
from itertools import chain

from graph.llm.offline_rules.words import (
    closest_statements,
    prompt_facts,
    prompt_sentences,
    prompt_story,
    rare_words,
)
from survey.pronouns import to_first

DECIDED = re.compile(r"decided for this answer: \"(.+?)\"\. What led you to it:")
NOTHING = "I have no opinion on that."


def _spoken(system: str, last: str) -> str:
    """The option that was decided, or else the statement closest to the last message."""
    if decided := DECIDED.findall(system.rpartition("</story>")[2]):
        return f"I would say: {decided[-1]}."
    closest = closest_statements(rare_words(last), (prompt_story(system),), "chat/speak", 1)
    return to_first(closest[0]) if closest else NOTHING


def _corrected(prompt: str, name: str) -> str:
    """The facts of the prompt in the first person."""
    facts = prompt_facts(prompt.rpartition("</reply>")[2])
    return " ".join(map(to_first, chain.from_iterable(map(prompt_sentences, facts))))


def _nothing_contradicted(prompt: str, name: str) -> str:
    """Never a contradiction: the stand-in does not read the reply."""
    return "Contradicted: none"


RULES: Mapping[str, Callable[[str, str], str]] = {
    "chat/check": _nothing_contradicted,
    "chat/correct": _corrected,
}
CONVERSATIONS: Mapping[str, Callable[[str, str], str]] = {"chat/speak": _spoken}
"""Rules for templates with a conversation behind them: the template and the last message."""
