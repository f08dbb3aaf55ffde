"""The layout of the page: person and question on one side, the conversation on the other."""

from collections.abc import Callable
from pathlib import Path

from nicegui import ui

from graph.persona.response import simulation_notice
from graph.serve.pages.conversation_panel import ConversationPanel
from graph.serve.pages.elements import box, heading, text
from graph.serve.pages.login import LOGOUT
from graph.serve.pages.person_card import PersonCard
from graph.serve.pages.question_form import QuestionForm
from graph.serve.pages.thread_history import ThreadHistory
from graph.serve.pages.visit import Site, Visit

STYLE = Path(__file__).with_name("style.css")


def draw_page(visit: Visit, past: ThreadHistory) -> None:
    """Build the page of one visit, with what was said in its conversation so far."""
    ui.add_css(STYLE)
    _top(visit.site)
    with box("sides asks") as sides:
        with box("side ask").props('data-side="ask"') as first:
            PersonCard(visit)
            form = QuestionForm(visit)
        with box("side talk", "aside").props('data-side="talk" aria-labelledby="talk-title"'):
            conversation = ConversationPanel(visit, past)
    _bottom(visit.site, sides)
    ui.skip_link("Skip to the person and the question", target=first)
    ui.context.client.on_delete(form.cancel)
    ui.context.client.on_delete(conversation.cancel)
    ui.navigate.history.replace(visit.address)


def _top(site: Site) -> None:
    """The name of the page, the model's name, and the way to sign out of a guarded page."""
    with box("top", "header"):
        heading("ValueSim", 1)
        text("Ask a simulated person", "soft claim", "span")
        chat = site.settings.chat
        text("Offline stand-in" if chat == "offline" else str(chat), "by", "span").props(
            'title="What answers"'
        )
        if site.guarded:
            with ui.element("form").props(f"method=post action={LOGOUT}"):
                ui.button("Sign out").props("type=submit flat dense no-caps")


def _bottom(site: Site, sides: ui.element) -> None:
    """The notice that it is a simulation, and on a phone the switch between the two sides."""
    with box("bottom", "footer"):
        text(simulation_notice(site.settings), "notice").props("role=note")
        with box("switch", "nav").props('aria-label="Parts of the page"'):
            _switch("Ask", "help_outline", lambda: sides.classes("asks", remove="talks"))
            _switch("Chat", "chat_bubble_outline", lambda: sides.classes("talks", remove="asks"))


def _switch(title: str, icon: str, show: Callable[[], object]) -> None:
    """A button that shows one side, on a phone."""
    ui.button(title, icon=icon, on_click=show).props(f'flat no-caps aria-label="Show: {title}"')
