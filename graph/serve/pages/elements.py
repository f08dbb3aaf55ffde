"""The elements of the page; every text is set as text, never as markup."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement


def text(words: str, kind: str = "", tag: str = "p") -> TextElement:
    """A paragraph, or another element, with these words, each script in its own direction."""
    return TextElement(tag=tag, text=words).classes(kind).props("dir=auto")


def heading(words: str, level: int) -> TextElement:
    """A heading of this level."""
    return TextElement(tag=f"h{level}", text=words)


def box(kind: str, tag: str = "div") -> ui.element:
    """An empty element that holds others."""
    return ui.element(tag).classes(kind)


def disclosure_panel(title: str, kind: str = "") -> tuple[TextElement, ui.element]:
    """A part that opens and closes: its title, and the box inside. Keys work as in any page."""
    with ui.element("details").classes(f"folded {kind}"):
        summary = TextElement(tag="summary", text=title)
        inside = box("inside")
    return summary, inside


def waiting(words: str) -> ui.element:
    """A spinner with these words, for a part that is still to come."""
    with box("waiting") as row:
        ui.spinner(size="1.1em").props("aria-hidden=true")
        text(words, tag="span")
    return row


def bullet_list(items: list[str], kind: str = "") -> ui.element:
    """Lines as a list."""
    with box(f"lines {kind}", "ul") as found:
        for item in items:
            text(item, tag="li")
    return found
