"""What was said: goes through the rows of a run and looks their replies up in its call store."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from baselines.method import Row
from evals.harness.experiment import Experiment
from evals.harness.plan import Plan
from evals.runner.answer_lines import COORDINATOR, AnswerLine, HeardReply, answer_line, reply_line
from evals.store.call_database import CallDatabase
from graph.nodes.call import read_message
from graph.nodes.story import story_text
from graph.state import Reply
from survey.item import Item
from survey.profile import options_of

STORY = "story"
NOT_KEPT = "the call store does not hold this reply"


@dataclass(frozen=True, slots=True)
class StoryLine:
    """The backstory of one respondent in one fold, as `stories.csv` holds it.

    `known` counts the known answers that it tells, `words` its words between spaces.
    """

    respondent: int
    fold: int
    variant: str
    model: str
    known: int
    prompt_hash: str
    words: int
    story: str


class AnswerLines:
    """Makes the lines of a run's answers from rows with their calls, and from its call store."""

    def __init__(self, plan: Plan, store: CallDatabase) -> None:
        self._plan, self._store = plan, store
        self._coordinator = coordinator_model(plan.experiment)

    def lines(self, rows: Iterable[Row]) -> Iterator[AnswerLine]:
        """Yield a line for each reply behind these rows, then one for the answer of each."""
        for row in rows:
            item = self._plan.codebook.items[row.item]
            heard = self._heard(row, item)
            for one in heard:
                model = self._coordinator if one.call == COORDINATOR else row.model
                yield reply_line(row, item, one, model)
            yield answer_line(row, item, heard)

    def stories(self, rows: Iterable[Row]) -> Iterator[StoryLine]:
        """Yield the story of each respondent in each fold of these rows, which are sorted."""
        for _, own in groupby(rows, key=lambda row: (row.respondent, row.fold)):
            if line := self._story_line(list(own)):
                yield line

    def _heard(self, row: Row, item: Item) -> list[HeardReply]:
        """Read the replies behind a row again; the store holds them as the model wrote them."""
        options, protocol = options_of(item), self._plan.experiment.protocol
        heard = []
        for call, draw, key in row.calls:
            if call == STORY:
                continue
            message = self._store.find_reply(key)
            if message is None:
                reply = Reply(code=None, analysis="", raw="", problem=NOT_KEPT, cause="")
            else:
                reply = read_message(call, message, options, protocol)
            heard.append(HeardReply(call, draw, key, reply))
        return heard

    def _story_line(self, rows: list[Row]) -> StoryLine | None:
        """The story of one respondent in one fold; None where none was told."""
        first = rows[0]
        [fold] = [each for each in self._plan.folds if each.number == first.fold]
        known = len(self._plan.person(first.respondent, fold).profile)
        key = next((key for row in rows for call, _, key in row.calls if call == STORY), "")
        message = self._store.find_reply(key) if key else None
        if known and message is None:
            return None
        story = story_text(message) if message else ""
        return StoryLine(
            respondent=first.respondent,
            fold=first.fold,
            variant=first.variant,
            model=first.model,
            known=known,
            prompt_hash=key,
            words=len(story.split()),
            story=story,
        )


def coordinator_model(experiment: Experiment) -> str:
    """Return the name of the model that coordinates."""
    return experiment.coordinator_at[0] if experiment.coordinator_at else experiment.chat
