"""The lines of `answers.csv`: one for each reply behind an answer, and one for the answer."""

from dataclasses import dataclass
from typing import Any

from baselines.method import Row
from graph.nodes.coordinator import NONE_READ
from graph.state import Reply
from graph.variants import PERSPECTIVES
from survey.item import Item
from survey.profile import options_of

COORDINATOR, DIRECT, FINAL = "coordinator", "direct", "final"


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One reply, or one answer (`perspective` "final"), as `answers.csv` holds it.

    `prompt_hash` is the key of the reply in the call store, `reply` its text as the model wrote it.
    Those of an answer are of the reply that is the answer, empty where several replies are.
    """

    respondent: int
    fold: int
    item: str
    question: str
    options: str
    graph: str
    variant: str
    model: str
    perspective: str
    draw: int
    decided_by: str
    prompt_hash: str
    reply: str
    code: int | None
    label: str
    analysis: str
    problem: str
    cause: str
    error: str
    truth: int | None
    truth_label: str


@dataclass(frozen=True)
class HeardReply:
    """A reply behind an answer: its call, its draw, its key, and what was read from it."""

    call: str
    draw: int
    key: str
    reply: Reply

    @property
    def perspective(self) -> str:
        """The perspective that speaks; "direct" in graphs that have one call alone."""
        return self.call if self.call in (*PERSPECTIVES, COORDINATOR) else DIRECT


def label_of(item: Item, code: int | None) -> str:
    """Return the label of an answer; none for one that is no option."""
    option = None if code is None else item.by_code.get(code)
    return option.label if option else ""


def _asked(row: Row, item: Item) -> dict[str, Any]:
    """The cells that all lines of one row have in common."""
    return {
        "respondent": row.respondent,
        "fold": row.fold,
        "item": row.item,
        "question": item.question,
        "options": " | ".join(f"{each['code']}: {each['label']}" for each in options_of(item)),
        "graph": row.graph,
        "variant": row.variant,
        "decided_by": row.decided_by,
        "truth": row.truth,
        "truth_label": label_of(item, row.truth),
    }


def reply_line(row: Row, item: Item, heard: HeardReply, model: str) -> AnswerLine:
    """Return the line of one reply, which is this model's."""
    reply = heard.reply
    return AnswerLine(
        **_asked(row, item),
        model=model,
        perspective=heard.perspective,
        draw=heard.draw,
        prompt_hash=heard.key,
        reply=reply["raw"],
        code=reply["code"],
        label=label_of(item, reply["code"]),
        analysis=reply["analysis"],
        problem=reply["problem"],
        cause=reply["cause"],
        error="",
    )


def answer_line(row: Row, item: Item, heard: list[HeardReply]) -> AnswerLine:
    """Return the line of the answer itself, made from these replies."""
    decisive = _decisive(row, heard)
    return AnswerLine(
        **_asked(row, item),
        model=row.model,
        perspective=FINAL,
        draw=0,
        prompt_hash=decisive.key if decisive else "",
        reply=decisive.reply["raw"] if decisive else "",
        code=row.predicted,
        label=label_of(item, row.predicted),
        analysis=_analysis(row, heard, decisive),
        problem=_problem(row, decisive),
        cause=row.cause,
        error=row.error,
    )


def _decisive(row: Row, heard: list[HeardReply]) -> HeardReply | None:
    """The one reply that is the answer; None where the answer comes from several or from none."""
    if row.error or row.decided_by not in (COORDINATOR, DIRECT):
        return None
    speakers = [one for one in heard if one.perspective == row.decided_by]
    return speakers[0] if len(speakers) == 1 else None


def _analysis(row: Row, heard: list[HeardReply], decisive: HeardReply | None) -> str:
    """The reasoning behind an answer; of those who agree that of the first, as in the graph."""
    if decisive:
        return decisive.reply["analysis"]
    if row.decided_by in ("unanimous", "single"):
        for one in heard:
            if one.reply["code"] == row.predicted:
                return one.reply["analysis"]
    return ""


def _problem(row: Row, decisive: HeardReply | None) -> str:
    """Why there is no answer: what the server said, or why nothing was read."""
    if row.error:
        return row.message
    if decisive:
        return decisive.reply["problem"]
    if row.readable:
        return ""
    return "no reply could be read" if row.decided_by == DIRECT else NONE_READ
