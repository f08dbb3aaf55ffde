"""How people and answers are shown where only a line is wanted, as in a notebook."""

from survey.profile import single_line

SHOWN = 60
"""Characters of a text that are shown."""


def cut_short(text: str) -> str:
    """The text on one line, not longer than is shown."""
    plain = single_line(text)
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 3] + "..."


def chat_name(chat: object) -> str:
    """The name of a chat model that is given by name or as an object."""
    if isinstance(chat, str):
        return chat
    told = getattr(chat, "model_name", None) or getattr(chat, "model", None)
    kind = type(chat).__name__
    return f"{kind} {cut_short(told)}" if isinstance(told, str) else kind
