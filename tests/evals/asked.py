"""What was asked: prompts told apart by template and item, and replies that depend on them."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from string import Formatter

from prompts import template, template_names
from survey.codebook import wvs7

WORDS = {
    name.removeprefix("predict/"): [text for text, *_ in Formatter().parse(template(name)) if text]
    for name in template_names("predict")
    if name != "predict/answer_format"
}


def template_of(prompt: str) -> str:
    """The template that a prompt was made from."""
    [name] = [name for name, words in WORDS.items() if all(text in prompt for text in words)]
    return name


def by_template(prompts: Iterable[str]) -> dict[str, int]:
    """How many prompts were made from each template."""
    return dict(Counter(map(template_of, prompts)))


def asks(prompt: str, item: str) -> bool:
    """Whether the words of an item stand in a prompt."""
    return wvs7().items[item].question in prompt


def agreeing(prompt: str) -> str:
    """A story of its own for each profile, and the first option from whoever is asked."""
    mark = hashlib.sha256(prompt.encode()).hexdigest()[:8]
    return f"You were born in {mark}." if template_of(prompt) == "story" else f"Answer: 1\nAnalysis: as {mark} says."


def disagreeing(prompt: str) -> str:
    """As `agreeing`, but the affective perspective takes the second option."""
    said = agreeing(prompt)
    return said.replace("Answer: 1", "Answer: 2") if template_of(prompt) == "affective" else said
