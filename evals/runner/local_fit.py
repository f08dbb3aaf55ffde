"""How the prompts of a run fit the window of a model in this process, by its own tokenizer."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from evals.costs.estimate import MARK, REPLY, CostEstimate, Longest
from evals.harness.experiment import Experiment
from evals.harness.plan import Plan
from graph.llm.context_window import ABOUT, way_out
from graph.llm.local.weights import DEFAULT_WINDOW, weights_of

ROUND = 10
"""Suggested sizes of a profile are multiples of this, where they are larger."""

Counted = Callable[[Plan], CostEstimate]
"""Counts what a plan has still to ask."""


@dataclass(frozen=True)
class LocalWindow:
    """The window of a model in this process, in tokens, and the largest it was trained for."""

    tokens: int
    trained: int

    @classmethod
    def of(cls, experiment: Experiment) -> "LocalWindow":
        """Read from the model's file. Raises ModelError."""
        from graph.llm.local.engine import trained_window

        trained = trained_window(weights_of(experiment.chat))
        return cls(min(experiment.local_window or DEFAULT_WINDOW, trained), trained)


@dataclass(frozen=True)
class LocalFit:
    """How prompts fit: of `people` who are to be asked, `too_long` cannot be answered.

    `longest` is the longest prompt that was counted, `doubtful` the one that needs most room with
    the longest reply; `ratio` is in characters a token; `size` is a number of known answers that
    fits, 0 where there is none.
    """

    window: LocalWindow
    longest: Longest
    doubtful: Longest
    ratio: float
    people: int
    too_long: int
    size: int

    @property
    def is_hopeless(self) -> bool:
        """Whether most people have a prompt that cannot be answered."""
        return self.too_long * 2 > self.people

    def explain(self, name: str, sized: bool) -> str:
        """Say in one line what does not fit the model of this name, and the ways out.

        `sized`: a smaller profile is one of them.
        """
        prompt = self.longest if self.is_hopeless else self.doubtful
        room = f" and up to {prompt.limit:,} for its reply" if prompt.limit else ""
        about = (
            f"({prompt.node}, {prompt.characters:,} characters) "
            f"{'needs' if self.is_hopeless else 'may need'} about "
            f"{round(prompt.characters / self.ratio):,}{room}"
        )
        whose = (
            f", too few for {self.too_long:,} of {self.people:,} people" if self.too_long else ""
        )
        return (
            f"the window of {name} is {self.window.tokens:,} tokens{whose}; the longest prompt "
            f"{about}: {', or '.join(self._ways_out(sized))}"
        )

    def _ways_out(self, sized: bool) -> list[str]:
        """List the ways out that there are."""
        ways = []
        if sized and self.size:
            ways.append(f"show fewer known answers (--profile-size {self.size})")
        if (needed := round(_room(self.doubtful, self.ratio))) <= self.window.trained:
            ways.append(f"give it a larger window ({way_out('this process', needed)})")
        return [*ways, "ask another model (--model openai:NAME or --model ollama:NAME)"]


def find_local_misfit(plan: Plan, count: Counted) -> LocalFit | None:
    """Compare the prompts still to be asked with the window; None where all fit.

    The model is loaded only where its prompts may be too long. Raises ModelError.
    """
    window = LocalWindow.of(plan.experiment)
    found = count(plan)
    if not any(_room(one, ABOUT) > window.tokens for one in found.longest.values()):
        return None
    counted = [one for one in found.longest.values() if one.sure]
    longest = max(counted or found.longest.values(), key=lambda one: one.characters)
    ratio = len(longest.text) / _tokens_of(plan.experiment, longest.text)
    doubtful = max(found.longest.values(), key=lambda one: _room(one, ratio))
    if _room(doubtful, ratio) <= window.tokens:
        return None
    lengths = found.characters.values()
    too_long = sum(length / ratio + REPLY > window.tokens for length in lengths)
    size = _fitting_size(plan, count, found, ratio, window.tokens)
    return LocalFit(window, longest, doubtful, ratio, len(lengths), too_long, size)


def _tokens_of(experiment: Experiment, text: str) -> int:
    """Count the tokens of a prompt with the model that the run asks. Raises ModelError."""
    from graph.llm.local.chat import LocalChatModel

    model = LocalChatModel(
        model=experiment.chat,
        window=experiment.local_window,
        threads=experiment.local_threads,
        parallel=experiment.local_parallel,
    )
    return model.prompt_tokens(text.replace(MARK, ""))


def _room(prompt: Longest, ratio: float) -> float:
    """Return the tokens of a prompt and of its longest reply."""
    return prompt.characters / ratio + (prompt.limit or REPLY)


def _fitting_size(
    plan: Plan, count: Counted, found: CostEstimate, ratio: float, window: int
) -> int:
    """Return the largest profile that fits the person with the longest prompt; 0 for none.

    Each reply is given its limit; half the window at most where no profile fits so.
    """
    if not found.characters or plan.known:
        return 0
    person = max(found.characters, key=lambda one: found.characters[one])

    def is_too_large(size: int, reply: int) -> bool:
        """Whether a prompt with so many known answers leaves no room for at most such a reply."""
        experiment = plan.experiment.model_copy(update={"profile_size": size})
        smaller = count(replace(plan, experiment=experiment, drawn=(person,)))
        return any(
            one.characters / ratio + min(one.limit or REPLY, reply) > window
            for one in smaller.longest.values()
        )

    whole = plan.experiment.profile_size
    most = min(len(fold.known) - fold.background for fold in plan.folds)
    sizes = range(1, most if whole is None else min(most, whole))
    size = bisect_left(sizes, True, key=lambda size: is_too_large(size, window))
    size = size or bisect_left(sizes, True, key=lambda size: is_too_large(size, window // 2))
    return size if size <= ROUND else size // ROUND * ROUND
