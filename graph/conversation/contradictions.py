"""Which known answers a reply contradicts: by rule in English, else by asking the model."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from graph.conversation.history import escape_marks
from graph.conversation.language import is_english
from graph.fidelity.check import check_story
from graph.llm.finish_reasons import was_cut
from graph.nodes.call import complete
from graph.reply_reader.thoughts import without_thoughts
from graph.settings import Settings
from survey.profile import Answer, statement_of
from survey.pronouns import to_second

SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+[\"”’)]*|\n|\Z)")
OTHERS = re.compile(
    r"\b(?:people|some|many|others|friends?|everybody|everyone|neighbou?rs?|mother|father|parents|husband|wife|he|she|"
    r"they)\b[^.!?]{0,30}\b(?:says?|said|thinks?|thought|believes?|believed|claims?|claimed|tells?|told|feels?|felt)\b",
    re.IGNORECASE,
)
"""Tells what others think."""
ADDRESSED = re.compile(
    r"(?:you are|you['’]re|your)\b(?!.*\b(?:I|me|my|mine|we|our|us)\b)", re.IGNORECASE | re.DOTALL
)
"""Tells something of whoever is spoken to."""
VERDICT = re.compile(r"contradicted\W*:\W*(none\b|\d[\d\s,;]*(?:and\s+\d+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class ContradictionVerdict:
    """The places, in the profile, of the answers that a reply contradicts; `unread`: the model's
    word was not clear.
    """

    places: tuple[int, ...]
    unread: bool = False


async def find_contradictions(
    reply: str, question: str, profile: Sequence[Answer], settings: Settings
) -> ContradictionVerdict:
    """Hold a reply against what is known of the person who gives it.

    English is read by rule, as far as the known answers are answers to questions with options;
    known answers in words of their own, and replies in any other language, are put before the model
    in one call.
    """
    english = is_english(reply)
    by_rule = [place for place, answer in enumerate(profile) if english and _measured(answer)]
    by_model = [place for place in range(len(profile)) if place not in set(by_rule)]
    found = (
        await asyncio.to_thread(contradicted_places, reply, [profile[place] for place in by_rule])
        if by_rule
        else []
    )
    places = [by_rule[place] for place in found]
    if not by_model or not reply.strip():
        return ContradictionVerdict(tuple(places))
    heard = await _ask(reply, question, [profile[place] for place in by_model], settings)
    if heard is None:
        return ContradictionVerdict(tuple(places), unread=True)
    return ContradictionVerdict(tuple(sorted({*places, *(by_model[place] for place in heard)})))


def contradicted_places(reply: str, profile: Sequence[Answer]) -> list[int]:
    """The places of the answers that an English reply in the first person tells otherwise than they
    were given.

    Questions, and what the reply tells of others and of whoever is spoken to, say nothing of the
    person.
    """
    told = (part.strip() for part in SENTENCE.findall(reply))
    facts = check_story(to_second(" ".join(part for part in told if _own(part))), profile).facts
    return [place for place, fact in enumerate(facts) if fact.verdict in ("altered", "unsure")]


def _own(sentence: str) -> bool:
    """Whether a sentence may tell something of the person who says it."""
    asks = sentence.rstrip('"”’)').endswith("?")
    return bool(sentence) and not (asks or OTHERS.search(sentence) or ADDRESSED.match(sentence))


def _measured(answer: Answer) -> bool:
    """Whether an answer has options or an item by which rules can read it; quoted words have
    not.
    """
    return bool(answer["options"] or answer.get("item"))


async def _ask(
    reply: str, question: str, profile: Sequence[Answer], settings: Settings
) -> list[int] | None:
    """The places of the answers that the model finds contradicted; None where it does not say so
    clearly.
    """
    facts = "\n".join(
        f"{number}. {statement_of(answer)}" for number, answer in enumerate(profile, 1)
    )
    about, held = escape_marks(question), escape_marks(reply)
    message = await complete("chat/check", settings, facts=facts, question=about, reply=held)
    found = VERDICT.search(without_thoughts(str(message.text)))
    if not found or was_cut(message):
        return None
    numbers = [int(number) for number in re.findall(r"\d{1,6}", found[1])]
    return (
        None
        if any(not 1 <= number <= len(profile) for number in numbers)
        else [number - 1 for number in numbers]
    )
