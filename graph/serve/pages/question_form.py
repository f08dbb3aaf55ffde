"""The form of a question: asks the person, shows the answer as it comes, and can be stopped."""

import asyncio

from nicegui import ui

from graph.serve.pages.answer_panel import AnswerPanel
from graph.serve.pages.elements import box, heading, text
from graph.serve.pages.error_messages import error_message
from graph.serve.pages.visit import Visit
from graph.validation import QUESTION

EXAMPLES = {
    "Buses and taxes": (
        "Should your town put more money into buses and trains, even if taxes go up for it?",
        "Yes, certainly\nRather yes\nRather no\nNo, certainly not",
    ),
    "Trust in strangers": (
        "Somebody you never met before asks you to keep an eye on a suitcase. Do you?",
        "Yes\nNo\nOnly if others are around",
    ),
    "In your own words": ("What do you want children to learn at home, and why?", ""),
}
INPUT_LIMIT = 10 * QUESTION
"""Characters that the browser takes: more than a graph, which then refuses what is too much."""


class QuestionForm:
    """The form of a question, and the answer under it."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.running: asyncio.Task[object] | None = None
        self.panel: AnswerPanel | None = None
        with box("card", "section").props('aria-labelledby="question-title"'):
            heading("Question", 2).props("id=question-title")
            self._draw_fields()
        with box("bar progress") as self.progress:
            self.status = text("", "soft", "span").props("role=status")
            self.stop = ui.button("Stop", on_click=self.cancel).props("outline no-caps dense")
            self.error = text("", "trouble").props("role=alert")
        self.answer_box = box("board").props('aria-label="Answer" role=region')
        self._set_busy(False)
        visit.person_listeners.append(self._on_person_changed)

    def _draw_fields(self) -> None:
        """The fields of question and options, the examples, and the button that asks."""
        question, options = next(iter(EXAMPLES.values()))
        self.question = ui.textarea("Question", value=question).props(
            f"outlined autogrow maxlength={INPUT_LIMIT}"
        )
        self.options = ui.textarea("Options, one a line", value=options)
        self.options.props(
            f'outlined autogrow maxlength={INPUT_LIMIT} hint="Without options, the answer is in '
            f'words."'
        )
        with box("bar examples"):
            text("Try", "soft", "span")
            for name in EXAMPLES:
                ui.button(name, on_click=lambda name=name: self._fill_example(name)).props(
                    "flat dense no-caps"
                )
        self.ask = ui.button("Ask", on_click=self._ask, color=None)
        self.ask.props("unelevated no-caps").classes("go")

    def cancel(self) -> None:
        """Stop asking, and give up the calls that are out."""
        if self.running:
            self.running.cancel()

    def _on_person_changed(self) -> None:
        """Take away the answer of the person before."""
        self.cancel()
        self._clear()
        self.status.text = self.error.text = ""

    def _fill_example(self, name: str) -> None:
        """Fill in an example."""
        self.question.value, self.options.value = EXAMPLES[name]

    def _set_busy(self, busy: bool) -> None:
        self.ask.set_enabled(not busy)
        self.stop.set_visibility(busy)

    async def _ask(self) -> None:
        """Ask, and show each step as it comes, or one line on what went wrong."""
        question = str(self.question.value or "").strip()
        options = [
            line.strip() for line in str(self.options.value or "").splitlines() if line.strip()
        ]
        self.running = asyncio.current_task()
        self._set_busy(True)
        self._clear()
        self.error.text, self.status.text = "", "Asking …"
        with self.answer_box:
            self.panel = panel = AnswerPanel(question)
        ui.run_javascript(f"getHtmlElement({self.progress.id})?.scrollIntoView()")
        try:
            async for step in self.visit.persona.stream(question, options or None):
                self.status.text = panel.show(step)
        except asyncio.CancelledError:
            self._show_end(panel, "Stopped.", "")
        except Exception as error:  # a model's client may raise anything: the page shows one line
            self._show_end(panel, "Not answered.", error_message(error, self.visit.site.settings))
        finally:
            if not self.answer_box.is_deleted:
                self.running = None
                self._set_busy(False)

    def _clear(self) -> None:
        """Take the last answer away."""
        self.panel = None
        self.answer_box.clear()

    def _show_end(self, panel: AnswerPanel, why: str, error: str) -> None:
        """Say that nothing more comes, and why, unless the person or the page has changed."""
        if self.panel is panel and not self.answer_box.is_deleted:
            self.status.text, self.error.text = why, error
            panel.end(why) if panel.has_begun else self._clear()
