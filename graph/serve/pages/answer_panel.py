"""The panel of one answer, filled as it comes: evidence, backstory, three views, and the answer."""

from collections.abc import Callable, Sequence

from nicegui import ui

from graph.persona.response import PerspectiveView, Response, Step
from graph.serve.pages.elements import box, disclosure_panel, heading, text, waiting
from graph.serve.pages.error_messages import as_sentence
from graph.state import Evidence
from graph.variants import PERSPECTIVES

TITLES = {
    "cognitive": ("Cognitive", "what the person thinks", "psychology"),
    "affective": ("Affective", "what the person feels", "favorite_border"),
    "behavioral": ("Behavioral", "what the person does", "directions_walk"),
}
DECISIONS = {
    "unanimous": "All views that could be read agree.",
    "single": "Only one view could be read, and it stands.",
    "coordinator": "The coordinator weighed the three views.",
    "average": "The average of the views.",
    "disclosed": "A fixed sentence: no model was asked.",
}
MOST_LISTED = 12
"""Options up to which the answer lists the votes."""


class AnswerPanel:
    """The panel of one answer; each part waits from the start, and a step fills it."""

    def __init__(self, question: str) -> None:
        self.views: dict[str, PerspectiveView] = {}
        self.has_begun = False
        text(question, "asked")
        with box("card", "section"):
            heading("Evidence", 3)
            text(
                "What is known that comes closest to the question, and how close (1 is the same).",
                "soft hint",
            )
            self.evidence = _waiting_box("Looking through what is known")
        with box("card story", "section"):
            self.story_title, self.story = disclosure_panel("Backstory: being told …")
        with box("views"):
            self.view_boxes = {name: _view_card(name) for name in PERSPECTIVES}
        with box("card answer", "section").props(
            'aria-live=polite aria-atomic=true data-part="answer"'
        ):
            heading("Answer", 3)
            self.answer = _waiting_box("Waiting for the three views")

    def show(self, step: Step) -> str:
        """Fill the part that this step gives; return a line that says what comes next."""
        value, self.has_begun = step.value, True
        if isinstance(value, Response):
            _fill(self.answer, lambda: _show_answer(value))
            self.end("Not asked.")  # where the answer came at once
            return "Answered."
        if isinstance(value, PerspectiveView):
            self.views[step.node] = value
            _fill(self.view_boxes[step.node], lambda: _show_view(value))
            left = len(PERSPECTIVES) - len(self.views)
            if left:
                return f"{left} of 3 views to come …"
            return "The views are in; the coordinator decides …"
        if isinstance(value, str):
            self.story_title.text = f"Backstory ({len(value.split()):,} words)"
            _fill(self.story, lambda: text(value, "prose"))
            return "3 of 3 views to come …"
        _fill(self.evidence, lambda: _show_evidence(value))
        return "The backstory is being told …"

    def end(self, why: str) -> None:
        """Say in every part that still waits that nothing comes."""
        for place in (self.evidence, *self.view_boxes.values(), self.answer):
            if any("waiting" in child.classes for child in place):
                _fill(place, lambda: text(why, "soft"))
        if self.story_title.text.endswith("…"):
            self.story_title.text = f"Backstory: {why.lower()}"


def _waiting_box(words: str) -> ui.element:
    """A part that waits."""
    with box("place") as place:
        waiting(words)
    return place


def _fill(place: ui.element, write: Callable[[], object]) -> None:
    """Put something in place of what was there."""
    place.clear()
    with place:
        write()


def _view_card(name: str) -> ui.element:
    """The card of one perspective, waiting."""
    title, about, icon = TITLES[name]
    with box(f"card view {name}", "section").props(f"data-part={name}"):
        with box("bar head"):
            ui.icon(icon).props("aria-hidden=true")
            heading(title, 3)
        text(about, "soft hint")
        return _waiting_box("Thinking")


def _show_view(view: PerspectiveView) -> None:
    """Show what one perspective answered, and why."""
    if view.problem and not view.answer:
        text("Could not be read", "said unread")
        text(as_sentence(view.problem), "soft")
    else:
        text(view.answer, "said")
    text(view.analysis, "prose")


def _show_evidence(found: Sequence[Evidence]) -> None:
    """List the closest known answers with their options and how close they are."""
    if not found:
        text("Nothing is known of this person.", "soft")
    with box("lines", "ol"):
        for one in found:
            line, _, options = one["line"].partition(" [options: ")
            with box("", "li"):
                text(line, tag="span")
                if options:
                    text(f"of {options.rstrip(']')}", "soft options", "span")
                text(f"{one['similarity']:.2f}", "soft figure", "span").props('title="similarity"')


def _show_answer(response: Response) -> None:
    """Show the answer, how it was decided, the votes, and that it is a simulation."""
    if response.answer:
        text(response.answer, "final")
        text(DECISIONS.get(response.decided_by, ""), "decided")
    else:
        text("No answer could be read", "final unread")
        text(as_sentence(response.problem), "decided")
    if response.options and len(response.options) <= MOST_LISTED:
        _show_votes(response)
    text(response.analysis, "prose")
    text(response.notice, "soft hint")


def _show_votes(response: Response) -> None:
    """List every option, and which views chose it."""
    with box("tally", "ul"):
        for option in response.options:
            with box("chosen" if option["code"] == response.code else "", "li"):
                text(option["label"], tag="span")
                for name, view in response.views.items():
                    if view.code == option["code"]:
                        title = TITLES[name][0]
                        text(title, f"badge {title.lower()}", "span")
