"""One answer out of the backstory: from one perspective, or from none in particular."""

from dataclasses import dataclass

from langgraph.runtime import Runtime

from graph.nodes.call import ask_question
from graph.settings import Settings, settings_of
from graph.state import Output, PerspectiveUpdate, State, make_output


@dataclass(frozen=True)
class Perspective:
    """Answer as the respondent would, seen from one perspective."""

    name: str

    async def __call__(self, state: State, runtime: Runtime[Settings]) -> PerspectiveUpdate:
        """Ask once; the reply joins those of the other perspectives."""
        settings = settings_of(runtime)
        return {
            "perspectives": {
                self.name: await ask_question(
                    self.name, state, settings, backstory=state["backstory"]
                )
            }
        }


async def direct(state: State, runtime: Runtime[Settings]) -> Output:
    """Answer in one call straight from the backstory: the ablation without perspectives and
    coordinator.
    """
    reply = await ask_question("direct", state, settings_of(runtime), backstory=state["backstory"])
    return make_output(reply, "direct")
