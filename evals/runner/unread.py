"""Replies that could not be read: counts by cause, and advice where one cause is behind most."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from rich.console import Console

from evals.render.labels import title_of

WORDS: Mapping[str, str] = {
    "cut_off": "cut off",
    "empty": "empty",
    "only_reasoning": "said only in reasoning",
    "no_answer": "no option named",
    "several_answers": "more than one option named",
    "contradiction": "number and label differ",
    "out_of_range": "no number of an option",
    "unknown": "cause not kept",
}
LESS_THINKING = 'let the model think less, as with --request \'{"reasoning_effort": "low"}\''
OTHER_FORM = "try a template that asks more plainly (--prompts DIR), or another model"
WAYS_OUT: Mapping[str, str] = {
    "cut_off": f"allow longer replies (--max-tokens), give the server a larger window, or "
    f"{LESS_THINKING}",
    "empty": "allow longer replies (--max-tokens), give the server a larger window, or try another "
    "model",
    "only_reasoning": f"allow longer replies (--max-tokens), or {LESS_THINKING}",
    "no_answer": OTHER_FORM,
    "several_answers": OTHER_FORM,
    "contradiction": OTHER_FORM,
    "out_of_range": OTHER_FORM,
}


@dataclass(frozen=True)
class UnreadReplies:
    """The unread replies of one method, by cause, the commonest first; `replies` counts all."""

    graph: str
    variant: str
    replies: int
    causes: Mapping[str, int]

    @property
    def count(self) -> int:
        """How many replies could not be read."""
        return sum(self.causes.values())

    @property
    def title(self) -> str:
        """The name of the method for people."""
        return title_of(self.graph, self.variant)

    def lines(self) -> Iterator[str]:
        """Yield how many there are by cause, and advice where one cause is behind most replies."""
        title = self.title
        causes = [f"{WORDS.get(cause, cause)} x {count}" for cause, count in self.causes.items()]
        counted = f"{self.count} of {self.replies} answers could not be read"
        yield f"{title}: {counted} ({', '.join(causes)})."
        cause, most = next(iter(self.causes.items()))
        if most > self.replies / 2 and cause in WAYS_OUT:
            yield f"Most answers of {title} share one cause, {WORDS[cause]}: {WAYS_OUT[cause]}."


def count_unread(answers: pd.DataFrame) -> list[UnreadReplies]:
    """Return the unread replies of each method that has any, in the order of the answers.

    Failed calls are no replies.
    """
    replies = answers[(answers["error"] == "") & (answers["decided_by"] != "reference")]
    found = []
    for (graph, variant), own in replies.groupby(["graph", "variant"], sort=False, observed=True):
        unread = own.loc[~own["readable"], "cause"].astype(object).replace("", "unknown")
        if len(unread):
            causes = dict(Counter(unread.tolist()).most_common())
            found.append(UnreadReplies(str(graph), str(variant), len(own), causes))
    return found


def record_unread(found: Sequence[UnreadReplies]) -> dict[str, dict[str, int]]:
    """Return the counts as `metrics.json` keeps them, by method."""
    return {f"{one.graph}/{one.variant}": dict(one.causes) for one in found}


def print_unread(console: Console, found: Sequence[UnreadReplies]) -> None:
    """Print how many replies could not be read, why, and advice on a cause behind most."""
    for one in found:
        for line in one.lines():
            console.print(line, style="yellow", soft_wrap=True, markup=False)
