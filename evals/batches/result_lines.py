"""Lines of a batch's result files: which request each one answers, and why it holds no reply."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graph.llm.errors import CallFailedError, code_of, server_message
from graph.llm.redaction import shorten

NOT_ASKED = {"batch_expired", "batch_cancelled"}
"""Codes of lines whose request was not asked."""

ResultLine = Mapping[str, Any]


def read_lines(part: Path) -> Iterator[ResultLine | None]:
    """The lines of a local file, which is deleted at its end; None for one that cannot be read."""
    with part.open("rb") as content:  # as bytes: only a line feed ends a line of JSON
        for line in content:
            if line.strip():
                yield _read_line(line)
    part.unlink()


def _read_line(content: bytes) -> ResultLine | None:
    """One line, with bytes that are no text replaced; None where it names no request."""
    try:
        line = json.loads(content.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) and isinstance(line.get("custom_id"), str) else None


def was_not_asked(line: ResultLine) -> bool:
    """Whether the request of a line was not asked, since its batch had ended."""
    error = line.get("error")
    return isinstance(error, Mapping) and error.get("code") in NOT_ASKED


def failure_of_line(line: ResultLine) -> CallFailedError | None:
    """Why a line holds no reply; None where it may hold one, in the body of its response."""
    found = line.get("response")
    response = found if isinstance(found, Mapping) else {}
    status, error = response.get("status_code"), line.get("error")
    if str(status) == "200" and not error:
        return None
    told = error or response.get("body")
    words = shorten(server_message(told)) or "no reason was given"
    code = code_of(told)
    if isinstance(status, int) and status != 200:
        return CallFailedError(f"http_{status}", words, status_code=status, code=code)
    return CallFailedError("batch_error", words, again=True, code=code)
