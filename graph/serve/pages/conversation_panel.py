"""The conversation beside the question: the chat graph, on a thread that outlives a reload of the
page.
"""

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
ROOM = 10 * MESSAGE
"""Characters that the browser lets in: more than is taken, so that too much is refused and not cut
off unseen.
"""


class ConversationPanel:
    """Talk with the person one looks at."""

    def __init__(self, visit: Visit, past: ThreadHistory) -> None:
        self.visit = visit
        self.running: asyncio.Task[object] | None = None
        self.unanswered = (
            ""  # the id of a message that got no reply: sent again, it takes its own place
        )
        with box("bar head"):
            heading("Conversation", 2).props("id=talk-title")
            ui.button("New", icon="add", on_click=self._anew).props(
                'flat dense no-caps aria-label="New conversation"'
            )
        self.whom = text("", "soft whom")
        self.log = box("log").props(
            'role=log aria-live=polite aria-label="What was said" tabindex=0'
        )
        self.trouble = text(past.trouble, "trouble").props("role=alert")
        with box("say"):
            self.message = ui.textarea("Your message").props(
                f"outlined dense autogrow maxlength={ROOM}"
            )
            self.message.on("keydown.enter", self._send, js_handler=ENTER)
            self.send = (
                ui.button("Send", on_click=self._send, color=None)
                .props("unelevated no-caps")
                .classes("go")
            )
            self.stop = ui.button("Stop", on_click=self.halt).props("outline no-caps")
        for one in past.said:
            self._bubble(one)
        self._named()
        self._busy(False)
        visit.changed.append(self._met)

    def halt(self) -> None:
        """Wait for the reply no longer."""
        if self.running:
            self.running.cancel()

    def _met(self) -> None:
        """Somebody else is there: say so, in the conversation and in the address of the page."""
        self.halt()
        self.unanswered = ""
        self._named()
        if list(self.log):
            with self.log:
                text(f"From here on you talk with {self.visit.persona.name}.", "mark")
        ui.navigate.history.replace(self.visit.address)

    def _named(self) -> None:
        self.whom.text = f"with {self.visit.persona.name}"

    def _anew(self) -> None:
        """Begin another conversation; the one before keeps its address."""
        self.halt()
        self.visit.talk, self.unanswered = conversation_from_address(""), ""
        self.log.clear()
        self.trouble.text = ""
        ui.navigate.history.push(self.visit.address)

    def _busy(self, busy: bool) -> None:
        self.send.set_visibility(not busy)
        self.stop.set_visibility(busy)

    def _bubble(self, said: ThreadMessage) -> ui.element:
        """One message."""
        with self.log, box("bubble mine" if said.mine else "bubble theirs") as bubble:
            text("You:" if said.mine else "The simulated person:", "unseen", "span")
            text(said.words, "words")
            if said.note:
                text(said.note, "note")
        return bubble

    async def _send(self) -> None:
        """Send what is written."""
        words = str(self.message.value or "").strip()
        if words and not self.running:
            self.message.value = ""
            await self._exchange(words)

    async def _exchange(self, words: str) -> None:
        """Send a message, and show the reply; whatever goes wrong becomes one line."""
        self.running = asyncio.current_task()
        self._busy(True)
        self.trouble.text = ""
        for failed in [one for one in self.log if "failed" in one.classes]:
            failed.delete()
        bubble = self._bubble(ThreadMessage(True, words))
        with self.log:
            pause = waiting("Writing")
        self._down()
        try:
            self._bubble(await self._reply(words))
        except asyncio.CancelledError:
            self._over(bubble, words, "Stopped.")
        except (
            Exception
        ) as error:  # the edge of the page: whatever a model's client raises is told in one line
            self._over(bubble, words, error_message(error, self.visit.site.settings))
        finally:
            self.running = None
            if not self.log.is_deleted:
                if not pause.is_deleted:
                    pause.delete()
                self._busy(False)
                self._down()

    async def _reply(self, words: str) -> ThreadMessage:
        """What the person says to that, on the thread of this conversation."""
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
        context = ChatSettings(chat=settings.chat, base_url=settings.base_url)
        found = await self.visit.site.chat.ainvoke(given, config, context=context)
        self.unanswered = ""
        return ThreadMessage.of(found["messages"][-1])

    def _over(self, bubble: ui.element, words: str, why: str) -> None:
        """Say that no reply comes; the message can be sent again."""
        if self.log.is_deleted or bubble.is_deleted:
            return
        self.trouble.text = why
        with bubble.classes("failed"):
            ui.button("Send again", on_click=lambda: self._exchange(words)).props(
                "flat dense no-caps"
            )

    def _down(self) -> None:
        """Show the end of the conversation."""
        self.log.client.run_javascript(
            f"const log = getHtmlElement({self.log.id}); log?.scrollTo(0, log.scrollHeight)"
        )
