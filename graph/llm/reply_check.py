"""Check each reply of a server before it is kept or used.

An error that a server sends as a reply, and a reply that it withheld or broke off, fail like a
call. A reply that the model ended itself, or that was cut, passes, also an empty one: the reader of
replies says what it lacks.
"""

import re
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage

from graph.llm.errors import CallFailedError, code_of, server_message
from graph.llm.finish_reasons import Ending, ending, finish_reason, was_cut
from graph.llm.redaction import shorten
from graph.reply_reader.thoughts import without_thoughts

STORY, REPAIR = "predict/story", "audit/repair"
"""The templates whose replies are stories."""

REASONING = ("reasoning_content", "reasoning")
"""Where servers put what the model thought."""

REFUSAL = "refusal"
"""Where servers put what a model says in place of a reply that it refuses."""

TRIES = 3
"""Tries of a prompt whose reply is broken; a server may bill each of them."""

STATUS_OF = {
    "rate_limit": 429,
    "too_many_requests": 429,
    "resource_exhausted": 429,
    "insufficient_quota": 429,
    "overloaded": 503,
    "unavailable": 503,
    "timeout": 504,
    "authentication": 401,
    "invalid_api_key": 401,
    "permission": 403,
    "not_found": 404,
    "context_length": 400,
    "invalid_request": 400,
}
"""The number that an error without one means, by what stands in its code or type."""


def check_body(body: Any) -> None:
    """Check a completion as the server sent it.

    Raises CallFailedError for an error with status 200, and where there are no choices.
    """
    if not isinstance(body, Mapping):
        raise _broken("empty", "the server sent no reply")
    if body.get("error"):
        raise _error(body["error"])
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        if _number(body) or server_message(body):
            raise _error(body)
        raise _broken("empty", "the server sent a reply without choices")
    choice = choices[0]
    message = choice.get("message")
    for part in (choice, message):
        if isinstance(part, Mapping) and part.get("error"):
            raise _error(part["error"])
    if not isinstance(message, Mapping):
        reason = choice.get("finish_reason")
        _check_ending(ending(reason) if isinstance(reason, str) else "ended", reason, "")
        raise _broken("empty", "the server sent a choice without a message")
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    if not isinstance(content, str | list | None) or not all(
        isinstance(part, str | dict) for part in parts
    ):
        raise _broken("bad_reply", "the server sent a message whose content is no text")


def check_reply(message: AIMessage) -> None:
    """Check a reply. Raises CallFailedError where the server withheld, refused or broke it off."""
    said = _refusal(message)
    if said:
        raise CallFailedError("refused", shorten(f"the model refused: {said}"))
    reason = finish_reason(message)
    _check_ending(ending(reason), reason, str(message.text).strip())


def check_reply_to(prompt: str, message: AIMessage) -> None:
    """Check the reply to a template; a story must be whole as well. Raises CallFailedError."""
    if prompt in (STORY, REPAIR):
        _check_story(message)
    else:
        check_reply(message)


def passes_check(prompt: str, message: AIMessage) -> bool:
    """Whether a reply passes the check; older call stores hold some that do not."""
    try:
        check_reply_to(prompt, message)
    except CallFailedError:
        return False
    return True


def reasoning_of(message: AIMessage) -> str:
    """Return the model's thoughts that the server sent beside the reply; they are no answer."""
    beside = (message.additional_kwargs, message.response_metadata)
    found = (part.get(name) for part in beside for name in REASONING)
    return next((words for words in found if isinstance(words, str) and words.strip()), "")


def _check_story(message: AIMessage) -> None:
    """Check a reply that should be a story. Raises CallFailedError also for an empty or cut one."""
    check_reply(message)
    reason, text = finish_reason(message), without_thoughts(str(message.text)).strip()
    if was_cut(message) and ending(reason) != "cut":
        raise CallFailedError(
            "filtered", f'the story was broken off by a filter (finish_reason "{reason}")'
        )
    if was_cut(message):
        raise CallFailedError(
            "cut_off", f'the story is longer than the model may write (finish_reason "{reason}")'
        )
    if not text:
        thoughts = (
            " but the model's thoughts"
            if reasoning_of(message) or str(message.text).strip()
            else ""
        )
        raise _broken("empty", f"the story has no text{thoughts}")


def _check_ending(end: Ending, reason: Any, text: str) -> None:
    """Raise CallFailedError for an end that leaves no reply."""
    if end in ("ended", "cut"):
        return
    word = shorten(str(reason))
    if end == "refused" and not text:
        raise CallFailedError("refused", f'the model refused (finish_reason "{word}")')
    if end == "filtered" and not text:
        raise CallFailedError("filtered", f'a filter withheld the reply (finish_reason "{word}")')
    if end == "failed":
        raise _broken("server_error", f'the server broke off (finish_reason "{word}")')


def _refusal(message: AIMessage) -> str:
    """The server's own words for a refusal; empty where it tells of none."""
    told = message.additional_kwargs.get(REFUSAL)
    if isinstance(told, str) and told.strip():
        return told
    parts = message.content if isinstance(message.content, list) else []
    found = (
        part.get("refusal")
        for part in parts
        if isinstance(part, dict) and part.get("type") == "refusal"
    )
    return next((words for words in found if isinstance(words, str)), "")


def _error(said: Any) -> CallFailedError:
    """An error that came with status 200, as what it is."""
    words = shorten(server_message(said)) or "the server sent an error without words"
    code = code_of(said)
    if re.search(r"content[ _-]?(?:filter|policy)|safety|moderation", code, re.IGNORECASE):
        return CallFailedError("filtered", words)
    number = _number(said) or next(
        (status for word, status in STATUS_OF.items() if word in code.lower()), None
    )
    if number is None:
        return _broken("server_error", words, code)
    return CallFailedError(f"http_{number}", words, status_code=number, code=code)


def _number(said: Any) -> int | None:
    """The status of HTTP that an error tells, under whatever name."""
    if not isinstance(said, Mapping):
        return None
    for name in ("code", "status", "status_code", "http_status"):
        told = said.get(name)
        if isinstance(told, int | str) and re.fullmatch(r"[45]\d\d", str(told)):
            return int(told)
    return None


def _broken(kind: str, words: str, code: str = "") -> CallFailedError:
    """A reply that another try may bring whole."""
    return CallFailedError(kind, words, again=True, tries=TRIES, code=code)
