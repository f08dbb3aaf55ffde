"""Finds the known answers that a reply contradicts: by rule in English, else with the model."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from graph.conversation.history import remove_marks
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
    r"\b(?:people|some|many|others|friends?|everybody|everyone|neighbou?rs?|"
    r"mother|father|parents|husband|wife|he|she|they)\b"
    r"[^.!?]{0,30}\b(?:says?|said|thinks?|thought|believes?|believed|"
    r"claims?|claimed|tells?|told|feels?|felt)\b",
    re.IGNORECASE,
)
"""A sentence that tells what other people think."""
ADDRESSED = re.compile(
    r"(?:you are|you['’]re|your)\b(?!.*\b(?:I|me|my|mine|we|our|us)\b)", re.IGNORECASE | re.DOTALL
)
"""A sentence that is about the listener alone."""
VERDICT = re.compile(r"contradicted\W*:\W*(none\b|\d[\d\s,;]*(?:and\s+\d+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class ContradictionVerdict:
    """The positions, in the profile, of the answers that a reply contradicts.

    `unread`: the model's verdict could not be read.
    """

    places: tuple[int, ...]
    unread: bool = False


async def find_contradictions(
    reply: str, question: str, profile: Sequence[Answer], settings: Settings
) -> ContradictionVerdict:
    """Check a reply against the known answers of the person who gives it.

    Rules check English replies against answers to questions with options. In one call the model
    checks the rest: known answers in free words, and replies in any other language.
    """
    english = is_english(reply)
    by_rule: dict[int, Answer] = {}
    by_model: dict[int, Answer] = {}
    for place, answer in enumerate(profile):
        has_options = english and _has_options(answer)
        (by_rule if has_options else by_model)[place] = answer
    places: set[int] = set()
    if by_rule:
        found = await asyncio.to_thread(find_contradicted, reply, list(by_rule.values()))
        places.update(list(by_rule)[number] for number in found)
    if not by_model or not reply.strip():
        return ContradictionVerdict(tuple(sorted(places)))
    judged = await _ask_model(reply, question, list(by_model.values()), settings)
    if judged is None:
        return ContradictionVerdict(tuple(sorted(places)), unread=True)
    places.update(list(by_model)[number] for number in judged)
    return ContradictionVerdict(tuple(sorted(places)))


def find_contradicted(reply: str, profile: Sequence[Answer]) -> list[int]:
    """The positions of the answers that an English reply in the first person contradicts.

    Questions, and sentences about other people or the listener, say nothing about the speaker.
    """
    sentences = map(str.strip, SENTENCE.findall(reply))
    own = " ".join(filter(_is_about_speaker, sentences))
    facts = check_story(to_second(own), profile).facts
    return [place for place, fact in enumerate(facts) if fact.verdict in ("altered", "unsure")]


def _is_about_speaker(sentence: str) -> bool:
    """Whether a sentence may say something about the person who speaks."""
    if not sentence or sentence.rstrip('"”’)').endswith("?"):
        return False
    return not (OTHERS.search(sentence) or ADDRESSED.match(sentence))


def _has_options(answer: Answer) -> bool:
    """Whether rules can read an answer, by its options or its item; free words have neither."""
    return bool(answer["options"] or answer.get("item"))


async def _ask_model(
    reply: str, question: str, profile: Sequence[Answer], settings: Settings
) -> list[int] | None:
    """The positions of the answers that the model calls contradicted; None if it is not clear."""
    facts = [f"{number}. {statement_of(answer)}" for number, answer in enumerate(profile, 1)]
    message = await complete(
        "chat/check",
        settings,
        facts="\n".join(facts),
        question=remove_marks(question),
        reply=remove_marks(reply),
    )
    verdict = VERDICT.search(without_thoughts(str(message.text)))
    if not verdict or was_cut(message):
        return None
    places = [int(number) - 1 for number in re.findall(r"\d{1,6}", verdict[1])]
    if any(place not in range(len(profile)) for place in places):
        return None
    return places
