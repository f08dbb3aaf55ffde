"""How a reply ended: by itself, cut at a limit, withheld by a filter, refused, or by a failure of
the server.

Servers name the same end in many words. A word that nobody here knows counts as a failure: it never
means that the model ended by itself.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage

Ending = Literal["ended", "cut", "filtered", "refused", "failed"]

UNCLEAR = "unclear"
"""Stands for a value that is no word, such as a number; the reply then counts as cut."""

WORDS: Mapping[Ending, str] = {
    "ended": """
        stop end_turn stop_sequence stop_string eos eos_token eos_token_id end end_of_text
        complete completed done finish finished success succeeded
    """,
    "cut": """
        length max_length max_tokens max_token max_output_tokens max_new_tokens
        max_completion_tokens
        model_length context_length context_window context_length_exceeded context_window_exceeded
        model_context_window_exceeded token_limit token_limit_reached output_limit limit
        incomplete truncated time_limit timeout repetition unclear unknown
        tool_calls tool_call tool_use function_call
    """,
    "filtered": """
        content_filter content_filtered filter filtered content_policy content_policy_violation
        policy_violation safety blocklist blocked prohibited_content spii recitation sensitive toxic
        error_toxic flagged moderation guardrail guardrails guardrail_intervened model_armor
        language
        image_safety
    """,
    "refused": "refusal refused",
}
"""The words that servers use, in lower case with underscores."""

MEANINGS = {word: meaning for meaning, words in WORDS.items() for word in words.split()}

PLACES = ("finish_reason", "stop_reason", "done_reason", "finishReason", "stopReason")
"""Where clients of different servers keep the word."""

PREFIX = re.compile(r"^(?:finish_?reason|stop_?reason)[._]+")
"""The name of an enumeration before its member."""


def finish_reason(message: BaseMessage) -> str:
    """Return the server's word for how a reply ended, as sent; "" where it sent none."""
    for place in PLACES:
        word = _word(message.response_metadata.get(place))
        if word:
            return word
    return ""


def ending(reason: str) -> Ending:
    """What a server's word means. No word at all, as some servers send none, counts as an end by
    itself.
    """
    plain = re.sub(r"[\s-]+", "_", reason.strip().casefold())
    word = PREFIX.sub("", plain)
    if not re.fullmatch(r"\w*[a-z]\w*|", word):
        word = UNCLEAR
    return MEANINGS.get(word, "failed") if word else "ended"


def was_cut(message: BaseMessage) -> bool:
    """Whether a reply did not end by itself, so that its last words may lack what follows."""
    return ending(finish_reason(message)) != "ended"


def mark_cut(message: AIMessage, limit: int | None) -> AIMessage:
    """The message, marked as cut where its server counts as many tokens as the call allowed; None:
    it set no limit.

    Some servers say "stop" of such a reply. Only the server's own count is believed here, never an
    estimate.
    """
    usage = message.usage_metadata
    full = usage is not None and limit is not None and usage["output_tokens"] >= limit
    if full and ending(finish_reason(message)) == "ended":
        message.response_metadata["finish_reason"] = "length"
    return message


def _word(told: Any) -> str:
    """A reason as text; of an object, such as {"type": "length"}, the text that stands in it."""
    if isinstance(told, Mapping):
        told = next((value for value in told.values() if isinstance(value, str)), told)
    if told is None or isinstance(told, str):
        return told or ""
    name = getattr(told, "name", "")  # of a member of an enumeration
    return name if isinstance(name, str) and name else UNCLEAR
