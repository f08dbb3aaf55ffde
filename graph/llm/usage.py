"""What a server says beside its reply, made plain: odd values cost no reply, and unknown tokens are
estimated.
"""

import re
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata

MOST_CHARACTERS = 100_000
"""Of a reply's text; what is behind them is cut off."""
MOST_TOKENS = 100_000_000
"""More than any one call takes: a larger count is an error of the server's."""
BYTES_PER_TOKEN = 2
"""So few that an estimate is rather too high: what is unknown must not pass a limit on money."""
ESTIMATED = "estimated"
"""In a message's metadata: its tokens are no count of the server's."""
FORM = 20
"""Tokens of a request that no text of ours makes: roles and marks between messages."""
NO_TEXT = re.compile("[\\ud800-\\udfff\\0]")
"""What neither a file nor a data base takes: halves of characters, and the null character."""

Reply = dict[str, Any]


def clean_text(text: str) -> str:
    """A text without what cannot be written down; marks stand in its place."""
    return NO_TEXT.sub("\ufffd", text)


def tidy_completion(reply: Reply) -> tuple[Reply, list[str]]:
    """A completion with plain metadata and clean texts, and the names of what was odd."""
    reply = _clean(reply)
    odd = [
        name
        for name in ("model", "system_fingerprint")
        if not isinstance(reply.get(name), str | None)
    ]
    plain: Reply = {name: _plain(reply[name]) for name in odd}
    if usage := reply.get("usage"):
        plain["usage"], wrong = _usage(usage)
        odd += ["usage"] if wrong else []
    choices = reply.get("choices")
    if isinstance(choices, list):
        plain["choices"] = [_choice(choice) for choice in choices]
        if any(isinstance(choice, Mapping) and _is_odd(choice) for choice in choices):
            odd.append("finish_reason")
    return reply | plain, odd


def _clean(value: Any) -> Any:
    """A value with clean texts at every depth."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(name): _clean(part) for name, part in value.items()}
    return [_clean(part) for part in value] if isinstance(value, list) else value


def _is_odd(choice: Mapping[str, Any]) -> bool:
    """Whether a choice says in no word how it ended."""
    return not isinstance(choice.get("finish_reason"), str | None)


def _choice(choice: Any) -> Any:
    """A choice with a plain word for its end, and a text that is not too long; a cut is said to be
    one.
    """
    if not isinstance(choice, dict):
        return choice
    if _is_odd(choice):
        choice = choice | {"finish_reason": _plain(choice["finish_reason"])}
    message = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else None
    if isinstance(text, str) and len(text) > MOST_CHARACTERS:
        cut = message | {"content": text[:MOST_CHARACTERS]}
        choice = choice | {"message": cut, "finish_reason": "length"}
    return choice


def _plain(value: Any) -> str | None:
    """A value as a word: of an object the first text in it, of anything else what it looks like."""
    if isinstance(value, Mapping):
        return next((text for text in value.values() if isinstance(text, str)), "unknown")
    return None if value is None else str(value)[:200]


def _usage(usage: Any) -> tuple[dict[str, Any], bool]:
    """The counts among what a server tells of tokens, and whether anything else stood there in
    their place.
    """
    if not isinstance(usage, Mapping):
        return {}, True
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else None
    told = {
        "prompt_tokens": usage.get("prompt_tokens"),
        "completion_tokens": usage.get("completion_tokens"),
    }
    counts: dict[str, Any] = {name: token_count(value) for name, value in told.items()}
    hit = token_count(cached) or 0
    wrong = any(value is not None and counts[name] is None for name, value in told.items())
    wrong |= cached is not None and token_count(cached) is None
    if hit > (counts["prompt_tokens"] or 0):
        hit, wrong = 0, True
    return counts | {"prompt_tokens_details": {"cached_tokens": hit}}, wrong


def token_count(value: Any) -> int | None:
    """A number of tokens; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= MOST_TOKENS or value != int(value):
        return None
    return int(value)


def with_usage(message: AIMessage, size: int) -> AIMessage:
    """The message with the tokens of its call: as reported, or estimated, rather too high, where
    that is no count.

    `size` is that of the request in bytes. No tokens for a text are not believed. A message with an
    estimate says so in its metadata.
    """
    told: Mapping[str, Any] = message.usage_metadata or {}
    prompt, completion = (
        token_count(told.get("input_tokens")),
        token_count(told.get("output_tokens")),
    )
    details = told.get("input_token_details")
    cached = token_count(details.get("cache_read")) if isinstance(details, Mapping) else None
    text = str(message.text)
    if not prompt or (not completion and text):
        message.response_metadata[ESTIMATED] = 1
    prompt = prompt or size // BYTES_PER_TOKEN + FORM
    completion = completion or estimate_tokens(text)
    message.usage_metadata = UsageMetadata(
        input_tokens=prompt,
        output_tokens=completion,
        total_tokens=prompt + completion,
        input_token_details=InputTokenDetails(
            cache_read=cached if cached and cached <= prompt else 0
        ),
    )
    return message


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many."""
    return len(text.encode(errors="replace")) // BYTES_PER_TOKEN
