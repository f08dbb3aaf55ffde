"""The question: its form, and the asking itself, which one can stop."""

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
ROOM = 10 * QUESTION
"""Characters that the browser lets in: more than is taken, so that too much is refused and not cut
off unseen.
"""


class QuestionForm:
    """The form of a question, and the answer under it."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.running: asyncio.Task[object] | None = None
        self.board: AnswerPanel | None = None
        with box("card", "section").props('aria-labelledby="question-title"'):
            heading("Question", 2).props("id=question-title")
            question, options = next(iter(EXAMPLES.values()))
            self.question = ui.textarea("Question", value=question).props(
                f"outlined autogrow maxlength={ROOM}"
            )
            self.options = ui.textarea("Options, one a line", value=options)
            self.options.props(
                f'outlined autogrow maxlength={ROOM} hint="Without options, the answer is in '
                f'words."'
            )
            with box("bar examples"):
                text("Try", "soft", "span")
                for name in EXAMPLES:
                    ui.button(name, on_click=lambda name=name: self._take(name)).props(
                        "flat dense no-caps"
                    )
            self.ask = (
                ui.button("Ask", on_click=self._ask, color=None)
                .props("unelevated no-caps")
                .classes("go")
            )
        with box("bar progress") as self.progress:
            self.state = text("", "soft", "span").props("role=status")
            self.stop = ui.button("Stop", on_click=self.halt).props("outline no-caps dense")
            self.trouble = text("", "trouble").props("role=alert")
        self.place = box("board").props('aria-label="Answer" role=region')
        self._busy(False)
        visit.changed.append(self._forget)

    def halt(self) -> None:
        """Stop what is being asked; calls that are out are given up."""
        if self.running:
            self.running.cancel()

    def _forget(self) -> None:
        """Somebody else is there: the answer of the one before goes."""
        self.halt()
        self._clear()
        self.state.text = self.trouble.text = ""

    def _take(self, name: str) -> None:
        """Fill in an example."""
        self.question.value, self.options.value = EXAMPLES[name]

    def _busy(self, busy: bool) -> None:
        self.ask.set_enabled(not busy)
        self.stop.set_visibility(busy)

    async def _ask(self) -> None:
        """Ask, and show each step as it comes; whatever goes wrong becomes one line."""
        question = str(self.question.value or "").strip()
        options = [
            line.strip() for line in str(self.options.value or "").splitlines() if line.strip()
        ]
        self.running = asyncio.current_task()
        self._busy(True)
        self._clear()
        self.trouble.text, self.state.text = "", "Asking …"
        with self.place:
            self.board = board = AnswerPanel(question)
        ui.run_javascript(f"getHtmlElement({self.progress.id})?.scrollIntoView()")
        try:
            async for step in self.visit.persona.stream(question, options or None):
                self.state.text = board.show(step)
        except asyncio.CancelledError:
            self._over(board, "Stopped.", "")
        except (
            Exception
        ) as error:  # the edge of the page: whatever a model's client raises is told in one line
            self._over(board, "Not answered.", error_message(error, self.visit.site.settings))
        finally:
            if not self.place.is_deleted:
                self.running = None
                self._busy(False)

    def _clear(self) -> None:
        """Take the last answer away."""
        self.board = None
        self.place.clear()

    def _over(self, board: AnswerPanel, why: str, trouble: str) -> None:
        """Say that nothing more comes, and why; unless the person, or the page, has gone
        meanwhile.
        """
        if self.board is board and not self.place.is_deleted:
            self.state.text, self.trouble.text = why, trouble
            board.end(why) if board.begun else self._clear()
