"""The conversation beside the question: the chat graph, on a thread that outlives a reload."""

import asyncio
from typing import Any
from uuid import uuid4

from langchain_core.messages import HumanMessage
from nicegui import ui

from graph.conversation.settings import ChatSettings
from graph.serve.pages.elements import box, heading, text, waiting
from graph.serve.pages.error_messages import error_message
from graph.serve.pages.thread_history import ThreadHistory, ThreadMessage
from graph.serve.pages.visit import Visit, conversation_from_address
from graph.validation import MESSAGE

ENTER = (
    "(event) => { if (!event.shiftKey && !event.isComposing) { event.preventDefault(); emit() } }"
)
INPUT_LIMIT = 10 * MESSAGE
"""Characters that the browser takes: more than the graph, which then refuses what is too much."""


class ConversationPanel:
    """The messages with the person of the visit, and the field for the next one."""

    def __init__(self, visit: Visit, past: ThreadHistory) -> None:
        self.visit = visit
        self.running: asyncio.Task[object] | None = None
        # the id of a message without a reply: sent again, the message replaces itself
        self.unanswered = ""
        self._draw_head()
        self.log = box("log").props(
            'role=log aria-live=polite aria-label="What was said" tabindex=0'
        )
        self.error = text(past.error, "trouble").props("role=alert")
        with box("say"):
            self._draw_input()
        for message in past.messages:
            self._add_bubble(message)
        self._show_partner()
        self._set_busy(False)
        visit.person_listeners.append(self._on_person_changed)

    def _draw_head(self) -> None:
        """The heading, the button for a new conversation, and the partner's name."""
        with box("bar head"):
            heading("Conversation", 2).props("id=talk-title")
            ui.button("New", icon="add", on_click=self._start_new).props(
                'flat dense no-caps aria-label="New conversation"'
            )
        self.partner = text("", "soft whom")

    def _draw_input(self) -> None:
        """The field for a message, and the buttons beside it."""
        self.message = ui.textarea("Your message").props(
            f"outlined dense autogrow maxlength={INPUT_LIMIT}"
        )
        self.message.on("keydown.enter", self._send, js_handler=ENTER)
        self.send = ui.button("Send", on_click=self._send, color=None)
        self.send.props("unelevated no-caps").classes("go")
        self.stop = ui.button("Stop", on_click=self.cancel).props("outline no-caps")

    def cancel(self) -> None:
        """Stop waiting for the reply."""
        if self.running:
            self.running.cancel()

    def _on_person_changed(self) -> None:
        """Name the new partner in the conversation and in the address of the page."""
        self.cancel()
        self.unanswered = ""
        self._show_partner()
        if list(self.log):
            with self.log:
                text(f"From here on you talk with {self.visit.persona.name}.", "mark")
        ui.navigate.history.replace(self.visit.address)

    def _show_partner(self) -> None:
        self.partner.text = f"with {self.visit.persona.name}"

    def _start_new(self) -> None:
        """Begin another conversation; the one before keeps its address."""
        self.cancel()
        self.visit.conversation, self.unanswered = conversation_from_address(""), ""
        self.log.clear()
        self.error.text = ""
        ui.navigate.history.push(self.visit.address)

    def _set_busy(self, busy: bool) -> None:
        self.send.set_visibility(not busy)
        self.stop.set_visibility(busy)

    def _add_bubble(self, message: ThreadMessage) -> ui.element:
        """Add one message to the log."""
        with self.log, box("bubble mine" if message.from_visitor else "bubble theirs") as bubble:
            text("You:" if message.from_visitor else "The simulated person:", "unseen", "span")
            text(message.text, "words")
            if message.note:
                text(message.note, "note")
        return bubble

    async def _send(self) -> None:
        """Send what is written."""
        words = str(self.message.value or "").strip()
        if words and not self.running:
            self.message.value = ""
            await self._exchange(words)

    async def _exchange(self, words: str) -> None:
        """Send a message, and show the reply or one line on what went wrong."""
        self.running = asyncio.current_task()
        self._set_busy(True)
        self.error.text = ""
        for failed in [one for one in self.log if "failed" in one.classes]:
            failed.delete()
        bubble = self._add_bubble(ThreadMessage(True, words))
        with self.log:
            waiting_row = waiting("Writing")
        self._scroll_down()
        try:
            self._add_bubble(await self._reply(words))
        except asyncio.CancelledError:
            self._show_failure(bubble, words, "Stopped.")
        except Exception as error:  # a model's client may raise anything: the page shows one line
            self._show_failure(bubble, words, error_message(error, self.visit.site.settings))
        finally:
            self.running = None
            if not self.log.is_deleted:
                if not waiting_row.is_deleted:
                    waiting_row.delete()
                self._set_busy(False)
                self._scroll_down()

    async def _reply(self, words: str) -> ThreadMessage:
        """Ask the chat graph for the reply, on the thread of this conversation."""
        persona, settings = self.visit.persona, self.visit.site.settings
        config: Any = {
            "configurable": {"thread_id": self.visit.thread},
            "metadata": {"person": persona.name},
        }
        self.unanswered = self.unanswered or uuid4().hex
        given = {
            "messages": [HumanMessage(words, id=self.unanswered)],
            "profile": list(persona.profile),
        }
        context = ChatSettings(**dict(settings))
        found = await self.visit.site.chat.ainvoke(given, config, context=context)
        self.unanswered = ""
        return ThreadMessage.of(found["messages"][-1])

    def _show_failure(self, bubble: ui.element, words: str, why: str) -> None:
        """Say why no reply came, and offer to send the message again."""
        if self.log.is_deleted or bubble.is_deleted:
            return
        self.error.text = why
        with bubble.classes("failed"):
            ui.button("Send again", on_click=lambda: self._exchange(words)).props(
                "flat dense no-caps"
            )

    def _scroll_down(self) -> None:
        """Scroll to the end of the conversation."""
        self.log.client.run_javascript(
            f"const log = getHtmlElement({self.log.id}); log?.scrollTo(0, log.scrollHeight)"
        )
