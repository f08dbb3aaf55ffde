"""Bring the perspectives together into one answer."""

from dataclasses import dataclass
from math import ceil

from langgraph.runtime import Runtime

from graph.llm.factory import chat_of
from graph.nodes.call import ask_question
from graph.settings import Settings, settings_of
from graph.state import (
    Cause,
    DecidedBy,
    Output,
    Replies,
    Reply,
    State,
    commonest_cause,
    make_output,
)
from graph.variants import PERSPECTIVES, Integrate

LABELS = {"cognitive": "Cognitive", "affective": "Emotional", "behavioral": "Behavioral"}

NONE_READ = "no perspective could be read"
"""The problem of an answer for which no perspective has one."""


@dataclass(frozen=True)
class Coordinator:
    """Decide between the perspectives, as `integrate` says unless the run's settings say otherwise.

    on_disagreement: an answer on which all who gave one agree is final, and so is a single one;
    with none there is no answer; otherwise the model decides. always: the model decides every time.
    average: the mean of the answers' codes, rounded up.
    """

    integrate: Integrate = "on_disagreement"

    async def __call__(self, state: State, runtime: Runtime[Settings]) -> Output:
        """Decide; the model is asked only where the rule leaves it to the model."""
        settings = settings_of(runtime)
        said = state["perspectives"]
        replies = {name: said[name] for name in PERSPECTIVES if name in said}
        rule = settings.integrate or self.integrate
        if settled := _without_model(replies, rule):
            return settled
        chat = chat_of(settings, coordinator=True)
        reply = await ask_question(
            "coordinator", state, settings, chat, perspectives=_tell(replies, state)
        )
        return make_output(reply, "coordinator")


def _without_model(replies: Replies, rule: Integrate) -> Output | None:
    """The answer where no model is needed; None where the coordinator must speak."""
    codes = [reply["code"] for reply in replies.values() if reply["code"] is not None]
    if rule == "always":
        return None
    if not codes:
        cause = commonest_cause(reply["cause"] for reply in replies.values())
        return _output(None, "", "", NONE_READ, cause)
    if rule == "average":
        return _output(ceil(sum(codes) / len(codes)), "", "average", "")
    if len(set(codes)) == 1:
        speaker = next(reply for reply in replies.values() if reply["code"] == codes[0])
        by: DecidedBy = "single" if len(codes) == 1 else "unanimous"
        return _output(codes[0], speaker["analysis"], by, "")
    return None


def _output(
    code: int | None, analysis: str, by: DecidedBy, problem: str, cause: Cause = ""
) -> Output:
    """An answer that no call of its own gave."""
    return make_output(
        Reply(code=code, analysis=analysis, raw="", problem=problem, cause=cause), by
    )


def _tell(replies: Replies, state: State) -> str:
    """The perspectives' answers and analyses as the coordinator reads them; never the backstory."""
    labels = {option["code"]: option["label"] for option in state["options"]}
    return "\n\n".join(_paragraph(name, reply, labels) for name, reply in replies.items())


def _paragraph(name: str, reply: Reply, labels: dict[int, str]) -> str:
    """One perspective's answer and analysis."""
    code = reply["code"]
    if code is None:
        said = "none that could be read"
    elif code in labels:
        said = f"{code}: {labels[code]}"
    else:
        said = str(code)
    return f"{LABELS[name]} perspective\nAnswer: {said}\nAnalysis: {reply['analysis']}"
