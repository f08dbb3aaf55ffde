"""Models that can be checked by eye: a chat model that answers from the prompt, embeddings that count words."""

import asyncio
from collections.abc import Callable
from typing import Any

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from graph.state import Input
from survey.profile import Answer, Option

LENSES = ("cognitive", "affective", "behavioral")


class FakeChat(BaseChatModel):
    """Answers from the prompt. `calls` holds (template, prompt) of every call, in the order of arrival."""

    answer: Callable[[str], str] = lambda prompt: "Answer: 2\nAnalysis: kin first"
    calls: list[tuple[str, str]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "fake"

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError("nodes are asynchronous")

    async def _agenerate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        assert [message.type for message in messages] == ["human"], "one user message, no system message"
        prompt = str(messages[0].text)
        self.calls.append((run_manager.metadata.get("prompt", "").removeprefix("predict/"), prompt))
        await asyncio.sleep(0)  # let the other branches in
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.answer(prompt)))])

    @property
    def templates(self) -> list[str]:
        """Names of the templates asked with, sorted."""
        return sorted(name for name, _ in self.calls)

    def prompts(self, template: str) -> list[str]:
        """What was asked with this template."""
        return [prompt for name, prompt in self.calls if name == template]

    def prompt(self, template: str) -> str:
        """The one prompt asked with this template."""
        [prompt] = self.prompts(template)
        return prompt


def by_lens(coordinator: str = "Answer: 3\nAnalysis: weighed", **said: str) -> Callable[[str], str]:
    """Answer each perspective with its own words, and whatever is no perspective with the coordinator's."""

    def answer(prompt: str) -> str:
        return next((said[lens] for lens in LENSES if f"the {lens} lens" in prompt), coordinator)

    return answer


def codes(cognitive: int, affective: int, behavioral: int, coordinator: int = 3) -> Callable[[str], str]:
    """Answer with these codes, each with an analysis that names its speaker."""
    numbers = {"cognitive": cognitive, "affective": affective, "behavioral": behavioral}
    said = {lens: f"Answer: {number}\nAnalysis: {lens} reasons" for lens, number in numbers.items()}
    return by_lens(f"Answer: {coordinator}\nAnalysis: weighed", **said)


class Words(Embeddings):
    """A text's vector is how often it says each of three words. `texts` holds all that was embedded."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.texts: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += texts
        return [[float(text.lower().count(word)) for word in self.words] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        return self.embed_documents(texts)


def option(code: int, label: str) -> Option:
    return Option(code=code, label=label)


IMPORTANCE = [
    option(1, "Very important"),
    option(2, "Rather important"),
    option(3, "Not very important"),
    option(4, "Not at all important"),
]

PROFILE = [
    Answer(
        item="Q1",
        question="How important is family in your life?",
        options=IMPORTANCE,
        code=1,
        statement="You consider family very important in your life.",
    ),
    Answer(
        item="Q57",
        question="Can most people be trusted?",
        options=[option(1, "Most can be trusted"), option(2, "Need to be careful")],
        code=2,
        statement="You believe that one must be careful with people.",
    ),
    Answer(
        item="Q262",
        question="What is your age in years?",
        options=[],
        code=47,
        statement="Your age in years is 47.",
    ),
]

INPUT = Input(profile=PROFILE, question="How important is work in your life?", options=IMPORTANCE)
