"""Errors as a caller's program or notebook shows them: one line that says what to do.

Between the caller and a model's server stand an event loop, a graph and an HTTP client, whose
hundred lines of traceback say nothing about the cause.
"""

from typing import NoReturn

from graph.llm.errors import LOST, FaultError, error_code, status_of

ADDED_BY_GRAPHS = "During task with name"
"""The beginning of the note that LangGraph adds to an error that passes through it."""
WAYS_OUT = {
    401: "the key was refused: check the variable that holds it",
    402: "the account is empty: fill it up, or name another model",
    404: "no such model or address: check the name of the model, and base_url",
    429: "too many requests, or no money left: wait, or name another model",
}
UNREACHABLE = "is the model's server running, and is base_url its address?"


def raise_briefly(error: Exception) -> NoReturn:
    """Raise the error again: without frames where it is foreseen, and else as it is."""
    __tracebackhide__ = True  # for notebooks and pytest
    if not is_foreseen(error):
        raise error
    raise _without_frames(error) from None


def is_foreseen(error: Exception) -> bool:
    """Whether a model's server, its name or the input is the cause, so that no frame is needed."""
    ours = isinstance(error, FaultError | ValueError) and _is_ours(error)
    return ours or status_of(error) is not None or error_code(error) in LOST


def _without_frames(error: Exception) -> Exception:
    """The same error without traceback and the notes of graphs, and with a note on a way out."""
    notes = [note for note in getattr(error, "__notes__", []) if ADDED_BY_GRAPHS not in note]
    way_out = _way_out(error)
    if way_out and way_out not in notes:
        notes.append(way_out)
    error.__notes__ = notes
    return error.with_traceback(None)


def _way_out(error: Exception) -> str:
    """What to do about the error of a client, whose own text does not say it; else ""."""
    if _is_ours(error):
        return ""
    if error_code(error) in LOST:
        return UNREACHABLE
    return WAYS_OUT.get(status_of(error) or 0, "")


def _is_ours(error: Exception) -> bool:
    """Whether the kind of error is of this project, whose errors say what to do."""
    return type(error).__module__.partition(".")[0] in {"graph", "survey", "prompts"}
