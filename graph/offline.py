"""The stand-in that answers without key or network: fixed rules over the prompt's own words, no language model.

It exists so that every graph, command and page can be tried and tested at no cost. What it answers says nothing about
people or about models, and everything made with it says so.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import sqrt
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from prompts import names, template

NOTICE = (
    "made with the offline stand-in, which is no language model: "
    "these figures test the software and say nothing about people"
)

OPTION = re.compile(r"^(\d+): (.+)$", re.MULTILINE)
COMMON = frozenset(
    """
    a about an and any are as at be been but by can do does for from had has have how i if in is it its many
    much more most no not of on one or other out own people person please say scale so some than that the their
    them then there these they this to up very was were what when where which who will with would you your
    answer question options option place
    """.split()  # noqa: SIM905  # a list of words reads better than a list of strings
)
SIZE = 256


class Offline(BaseChatModel):
    """Deterministic chat model: one rule for each template, chosen by the name in the call's metadata."""

    @property
    def _llm_type(self) -> str:
        return "offline"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        name = (getattr(run_manager, "metadata", None) or {}).get("prompt", "")
        text = RULES.get(name, _most_similar)(str(messages[-1].text), name)
        message = AIMessage(text, response_metadata={"model_name": "offline", "finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, stop, run_manager)  # it never waits, so it needs no thread


class OfflineEmbeddings(Embeddings):
    """Bags of words hashed to unit vectors of 256 numbers: texts that share rare words are close."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of these texts, in their order."""
        return [_vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one text."""
        return _vector(text)

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """As `embed_documents`; it never waits."""
        return self.embed_documents(texts)


def _story(prompt: str, name: str) -> str:
    """All facts in the order given, a paragraph for every eight."""
    facts = [line.removeprefix("- ").split(" [options: ")[0] for line in prompt.splitlines() if line.startswith("- ")]
    return "\n\n".join(" ".join(facts[start : start + 8]) for start in range(0, len(facts), 8))


def _most_similar(prompt: str, name: str) -> str:
    """The option that the closest known answer points to."""
    return _vote(prompt, name, 1)


def _three_closest(prompt: str, name: str) -> str:
    """The option that most of the three closest known answers point to."""
    return _vote(prompt, name, 3)


def _seven_closest(prompt: str, name: str) -> str:
    """The option that most of the seven closest known answers point to."""
    return _vote(prompt, name, 7)


def _coordinate(prompt: str, name: str) -> str:
    """The median of the perspectives' answers, in the order of the options."""
    heard = [int(code) for code in re.findall(r"^Answer: (\d+)", prompt, re.MULTILINE)]
    codes = [int(code) for code, _ in OPTION.findall(prompt)] or sorted(heard) or [0]
    places = sorted(codes.index(code) for code in heard if code in codes)
    chosen = codes[places[len(places) // 2]] if places else codes[len(codes) // 2]
    return f"Answer: {chosen}\nAnalysis: the middle one of the perspectives' answers."


def _number_alone(prompt: str, name: str) -> str:
    """The closest answer's option, as its number alone."""
    said = re.search(r"Answer: (\S*)", _vote(prompt, name, 1))
    return said[1] if said else ""


def _recalled(prompt: str, name: str) -> str:
    """The option that the sentence closest to the question points to; the last one, untold, where none is close."""
    options = [(int(code), label) for code, label in OPTION.findall(prompt)]
    asked = next((block for block in prompt.split("\n\n") if _asks(block, options)), "").splitlines()
    words = _words(" ".join(asked[1:] or asked).partition("Please answer")[0].partition("1: ")[0])
    shares = {
        sentence: len(words & _words(sentence)) / max(min(len(words), len(_words(sentence))), 1)
        for sentence in _sentences(_told(prompt))
    }
    closest = max(shares, key=lambda sentence: shares[sentence], default="")
    if not options or shares.get(closest, 0) < 0.6:
        return f"Answer: {options[-1][0] if options else 0}\nAnalysis: no sentence is close."
    said = _named(re.sub(r"scale from .*?\) to .*?\)|\(.*?\)", "", closest), options)
    return f"Answer: {said}\nAnalysis: the closest sentence is this. {closest}"


def _named(sentence: str, options: Sequence[tuple[int, str]]) -> str:
    """What a sentence answers: an option but the last, a number or name where there is no other; else the last."""
    *real, (untold, _) = options
    code = _points_to(sentence, real)
    if code is None and len(real) == 2:
        code = real[1 if re.search(r"\b(not|no|never)\b", sentence) else 0][0]
    if code is None:
        every = set(re.findall(r"[a-z]+", sentence.lower()))
        held = [(len(label), code) for code, label in real if set(re.findall(r"[a-z]+", label.lower())) <= every]
        code = max(held, default=(0, None))[1]
    open_end = None if real else re.search(r"(\d+)\W*$|\bis ([A-Z][\w ]+)\W*$", sentence)
    return str(next(filter(None, open_end.groups()))) if open_end else str(untold if code is None else code)


def _repaired(prompt: str, name: str) -> str:
    """The story with the facts that it lacks behind it, as one paragraph."""
    facts = [line.removeprefix("- ") for line in prompt.split("</story>")[-1].splitlines() if line.startswith("- ")]
    return f"{_told(prompt)}\n\n{' '.join(fact.split(' [options: ')[0] for fact in facts)}"


def _told(prompt: str) -> str:
    """The story that a prompt holds between its marks."""
    found = re.search(r"<story>\n(.*)\n</story>", prompt, re.DOTALL)
    return found[1] if found else ""


RULES: dict[str, Callable[[str, str], str]] = {
    "predict/story": _story,
    "audit/recall": _recalled,
    "audit/repair": _repaired,
    "predict/cognitive": _most_similar,
    "predict/affective": _three_closest,
    "predict/behavioral": _seven_closest,
    "predict/coordinator": _coordinate,
    "predict/direct_published": _number_alone,
    "predict/full_info_published": _number_alone,
    "predict/rag_published": _number_alone,
}


def _vote(prompt: str, name: str, many: int) -> str:
    """Answer with the option to which most of the `many` closest known statements point."""
    options = [(int(code), label) for code, label in OPTION.findall(prompt)]
    blocks = prompt.split("\n\n")
    question = next((block for block in blocks if _asks(block, options)), "")
    closest = _closest(tuple(block for block in blocks if block != question), name, _words(question), many)
    if not options:
        numbers = [int(number) for sentence in closest for number in re.findall(r"\d+", sentence)]
        return f"Answer: {numbers[0] if numbers else 0}\nAnalysis: the first number in the closest known statement."
    votes = Counter(code for sentence in closest for code in [_points_to(sentence, options)] if code is not None)
    if not votes:
        return f"Answer: {options[len(options) // 2][0]}\nAnalysis: no known statement is close, so the middle option."
    return f"Answer: {votes.most_common(1)[0][0]}\nAnalysis: the closest known statement is this. {closest[0]}"


def _asks(block: str, options: Sequence[tuple[int, str]]) -> bool:
    """Whether this paragraph holds the question: with its options, or under its heading where there are none."""
    return f"\n{options[0][0]}: {options[0][1]}" in block if options else block.startswith("Question:")


def _closest(blocks: tuple[str, ...], name: str, words: frozenset[str], many: int) -> list[str]:
    """The known statements that share most rare words with the question, best first; ties as they stand."""
    sentences, held_by = _known(blocks, name)
    closeness: dict[int, float] = defaultdict(float)
    for word in sorted(words & held_by.keys()):
        for place in held_by[word]:
            closeness[place] += 1 / len(held_by[word])
    best = sorted(closeness, key=lambda place: (-closeness[place] / sqrt(len(_words(sentences[place]))), place))
    return [sentences[place] for place in best[:many]]


@lru_cache(maxsize=64)
def _known(blocks: tuple[str, ...], name: str) -> tuple[list[str], dict[str, list[int]]]:
    """The statements about `you` that are not the template's own, and by word the places of those that hold it."""
    own = set(_sentences(template(name))) if name in set(names()) else set()
    sentences = [
        sentence
        for block in blocks
        for sentence in _sentences(block)
        if sentence not in own and re.search(r"\byour?\b", sentence, re.IGNORECASE)
    ]
    held_by: dict[str, list[int]] = defaultdict(list)
    for place, sentence in enumerate(sentences):
        for word in _words(sentence):
            held_by[word].append(place)
    return sentences, dict(held_by)


def _sentences(text: str) -> list[str]:
    """The sentences of a text, one or more a line."""
    return re.split(r"(?<=[.!?])\s+|\n", text)


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    """The words that tell what a text is about."""
    return frozenset(word for word in re.findall(r"[a-z]{2,}", text.lower()) if word not in COMMON)


def _points_to(sentence: str, options: Sequence[tuple[int, str]]) -> int | None:
    """The option whose label stands in a sentence, or whose number ends it; None when there is none."""
    low = sentence.lower()
    named = [(len(label), code) for code, label in options if label.lower() in low and not label.isdecimal()]
    if named:
        return max(named)[1]
    number = re.search(r"(\d+)\D*$", sentence.split(" [options: ")[0])
    return int(number[1]) if number and int(number[1]) in {code for code, _ in options} else None


def _vector(text: str) -> list[float]:
    """A unit vector of hashed words; a text without words points along the first axis."""
    vector = [0.0] * SIZE
    for word in re.findall(r"[^\W_]{2,}", text.lower()):
        if word not in COMMON:
            digest = blake2b(word.encode(), digest_size=4).digest()
            vector[int.from_bytes(digest[:2]) % SIZE] += 1 if digest[2] % 2 else -1
    length = sqrt(sum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0] + [0.0] * (SIZE - 1)
