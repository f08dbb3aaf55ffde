"""Rules for the templates that predict: the known statements closest to a question decide."""

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
"""Stands in a prompt whose question has no options and asks for words."""


def _story(prompt: str, name: str) -> str:
    """All facts in the order given, a paragraph for every eight."""
    facts = prompt_facts(prompt)
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
    """The median of the perspectives' answers, in the order of the options; in words, what most of
    them say.
    """
    if OPEN in prompt:
        heard_words = Counter(
            re.findall(r"^Answer: ([^\[\n].*)", prompt, re.MULTILINE)
        ).most_common(1)
        return (
            f"Answer: {heard_words[0][0] if heard_words else ''}\nAnalysis: what most of the "
            f"perspectives say."
        )
    heard = [int(code) for code in re.findall(r"^Answer: (\d+)", prompt, re.MULTILINE)]
    codes = [code for code, _ in prompt_options(prompt)] or sorted(heard) or [0]
    places = sorted(codes.index(code) for code in heard if code in codes)
    chosen = codes[places[len(places) // 2]] if places else codes[len(codes) // 2]
    return f"Answer: {chosen}\nAnalysis: the middle one of the perspectives' answers."


def _number_alone(prompt: str, name: str) -> str:
    """The closest answer's option, as its number alone."""
    said = re.search(r"Answer: (\S*)", _vote(prompt, name, 1))
    return said[1] if said else ""


def _vote(prompt: str, name: str, many: int) -> str:
    """Answer with the option to which most of the `many` closest known statements point, or with
    the closest itself.
    """
    options = [] if OPEN in prompt else prompt_options(prompt)
    blocks = prompt.split("\n\n")
    question = next((block for block in blocks if is_question(block, options)), "")
    closest = closest_statements(
        rare_words(OPTION.sub("", question)),
        tuple(block for block in blocks if block != question),
        name,
        many,
    )
    if OPEN in prompt:
        return _in_words(closest)
    if not options:
        numbers = [int(number) for sentence in closest for number in re.findall(r"\d+", sentence)]
        return (
            f"Answer: {numbers[0] if numbers else 0}\nAnalysis: the first number in the closest "
            f"known statement."
        )
    votes = Counter(
        code
        for sentence in closest
        for code in [option_pointed_to(sentence, options)]
        if code is not None
    )
    if not votes:
        return (
            f"Answer: {options[len(options) // 2][0]}\nAnalysis: no known statement is close, so "
            f"the middle option."
        )
    return (
        f"Answer: {votes.most_common(1)[0][0]}\nAnalysis: the closest known statement is this. "
        f"{closest[0]}"
    )


def _in_words(closest: Sequence[str]) -> str:
    """Answer with the closest known statement as the person would say it."""
    if not closest:
        return "Answer: I have no opinion on that.\nAnalysis: no known statement is close."
    return (
        f"Answer: {to_first(closest[0])}\nAnalysis: the closest known statement is this. "
        f"{closest[0]}"
    )


def is_question(block: str, options: Sequence[tuple[int, str]]) -> bool:
    """Whether this paragraph holds the question: with its options, or under its heading where there
    are none.
    """
    return (
        f"\n{options[0][0]}: {options[0][1]}" in block if options else block.startswith("Question:")
    )


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
