"""Rules for the templates of a chat: the person says the closest known statement in the first
person.
"""

import re
from collections.abc import Callable, Mapping

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
    """The decided option; else the statement closest to the last message, in the first person."""
    if decided := DECIDED.findall(system.rpartition("</story>")[2]):
        return f"I would say: {decided[-1]}."
    closest = closest_statements(rare_words(last), (prompt_story(system),), "chat/speak", 1)
    return to_first(closest[0]) if closest else NOTHING


def _corrected(prompt: str, name: str) -> str:
    """What the facts say, in the first person."""
    facts = prompt_facts(prompt.rpartition("</reply>")[2])
    return " ".join(to_first(sentence) for fact in facts for sentence in prompt_sentences(fact))


def _nothing_contradicted(prompt: str, name: str) -> str:
    """It reads no reply, and so finds none that contradicts."""
    return "Contradicted: none"


RULES: Mapping[str, Callable[[str, str], str]] = {
    "chat/check": _nothing_contradicted,
    "chat/correct": _corrected,
}
CONVERSATIONS: Mapping[str, Callable[[str, str], str]] = {"chat/speak": _spoken}
"""Rules for templates with a conversation behind them: the template and the last message."""
