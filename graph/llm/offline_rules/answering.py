"""Rules for the templates of `predict/`: the known statements closest to a question decide."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from graph.llm.offline_rules.words import (
    OPTION,
    closest_statements,
    option_pointed_to,
    prompt_facts,
    prompt_options,
    rare_words,
)
from survey.pronouns import to_first

OPEN = "Answer: [one to three sentences]"
"""Text of a prompt whose question has no options and asks for an answer in words."""
CLOSEST = "the closest known statement is this."
CLOSE = "a close known statement is this."
MIDDLE = "the middle one of the perspectives' answers."
GUESS = "no known statement is close, so this is a guess."


def _story(prompt: str, name: str) -> str:
    """All facts in the order given, each a sentence, a paragraph for every eight."""
    facts = [
        fact if fact.endswith((".", "!", "?")) else f"{fact}." for fact in prompt_facts(prompt)
    ]
    return "\n\n".join(" ".join(facts[start : start + 8]) for start in range(0, len(facts), 8))


def most_similar(prompt: str, name: str) -> str:
    """The option that the closest known answer points to."""
    return _vote(prompt, name, 1)


def _three_closest(prompt: str, name: str) -> str:
    """The option that most of the three closest known answers point to."""
    return _vote(prompt, name, 3)


def _seven_closest(prompt: str, name: str) -> str:
    """The option that most of the seven closest known answers point to."""
    return _vote(prompt, name, 7)


def _coordinate(prompt: str, name: str) -> str:
    """The median of the perspectives' answers, in the order of the options; to a question without
    options, what most of them say.
    """
    if OPEN in prompt:
        return _commonest_words(prompt)
    answers = [int(code) for code in re.findall(r"^Answer: (\d+)", prompt, re.MULTILINE)]
    codes = [code for code, _ in prompt_options(prompt)] or sorted(answers) or [0]
    ranks = sorted(codes.index(code) for code in answers if code in codes)
    middle = ranks[len(ranks) // 2] if ranks else len(codes) // 2
    most = ranks.count(middle) > len(ranks) / 2
    why = "what most of the perspectives say." if most else MIDDLE
    return _reply(codes[middle], why)


def _commonest_words(prompt: str) -> str:
    """The answer that most perspectives gave in words."""
    answers = Counter(re.findall(r"^Answer: ([^\[\n].*)", prompt, re.MULTILINE))
    commonest = answers.most_common(1)[0][0] if answers else ""
    return _reply(commonest, "what most of the perspectives say.")


def _reply(answer: object, analysis: str) -> str:
    """A reply of the form that prompts ask for."""
    return f"Answer: {answer}\nAnalysis: {analysis}"


def _number_alone(prompt: str, name: str) -> str:
    """The closest answer's option, as its number alone."""
    said = re.search(r"Answer: (\S*)", _vote(prompt, name, 1))
    return said[1] if said else ""


def _vote(prompt: str, name: str, count: int) -> str:
    """The option to which most of the `count` closest known statements point.

    Without options, the closest statement itself is the answer, or its first number.
    """
    options = [] if OPEN in prompt else prompt_options(prompt)
    topic, known = _topic_and_known(prompt, options)
    closest = closest_statements(topic, known, name, count)
    if OPEN in prompt:
        return _in_words(closest)
    if not options:
        return _first_number(closest)
    if closest and topic <= rare_words(closest[0]):
        closest = _told_by_first(closest, options)
    return _commonest_option(closest, options)


def _told_by_first(closest: list[str], options: Sequence[tuple[int, str]]) -> list[str]:
    """The first statement alone where it points to an option: it is about the very question."""
    return closest[:1] if option_pointed_to(closest[0], options) is not None else closest


def _commonest_option(closest: Sequence[str], options: Sequence[tuple[int, str]]) -> str:
    """Answer with the option to which most statements point, and quote one that points to it."""
    pointing: dict[int, list[str]] = {}
    for statement in closest:
        code = option_pointed_to(statement, options)
        if code is not None:
            pointing.setdefault(code, []).append(statement)
    if not pointing:
        return _reply(options[len(options) // 2][0], GUESS)
    decided = max(pointing, key=lambda code: len(pointing[code]))
    evidence = pointing[decided][0]
    return _reply(decided, f"{CLOSEST if evidence == closest[0] else CLOSE} {evidence}")


def _topic_and_known(
    prompt: str, options: Sequence[tuple[int, str]]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The rare words of the question of a prompt, and the paragraphs beside the question."""
    blocks = prompt.split("\n\n")
    question = next((block for block in blocks if is_question(block, options)), "")
    known = tuple(block for block in blocks if block != question)
    return rare_words(OPTION.sub("", question)), known


def _first_number(closest: Sequence[str]) -> str:
    """Answer with the first number in the closest known statement that holds one."""
    numbers = re.findall(r"\d+", "\n".join(closest))
    return _reply(
        int(numbers[0]) if numbers else 0, "the first number in the closest known statement."
    )


def _in_words(closest: Sequence[str]) -> str:
    """Answer with the closest known statement in the first person."""
    if not closest:
        return _reply("I have no opinion on that.", "no known statement is close.")
    return _reply(to_first(closest[0]), f"{CLOSEST} {closest[0]}")


def is_question(block: str, options: Sequence[tuple[int, str]]) -> bool:
    """Whether a paragraph holds the question: with its options, or under the heading "Question:"
    where there are none.
    """
    if not options:
        return block.startswith("Question:")
    code, label = options[0]
    return f"\n{code}: {label}" in block


RULES: Mapping[str, Callable[[str, str], str]] = {
    "predict/story": _story,
    "predict/cognitive": most_similar,
    "predict/affective": _three_closest,
    "predict/behavioral": _seven_closest,
    "predict/coordinator": _coordinate,
    "predict/direct_published": _number_alone,
    "predict/full_info_published": _number_alone,
    "predict/rag_published": _number_alone,
}
