"""How a reply ended: by itself, cut at a limit, withheld by a filter, refused, or by a failure of the server.

Servers name the same end in many words. A word that nobody here knows counts as a failure: it never means that the
model ended by itself.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from langchain_core.messages import BaseMessage

Ending = Literal["ended", "cut", "filtered", "refused", "failed"]

KNOWN: Mapping[Ending, frozenset[str]] = {
    "ended": frozenset(
        "stop end_turn stop_sequence stop_string eos eos_token eos_token_id end end_of_text complete completed "
        "done finish finished success succeeded".split()
    ),
    "cut": frozenset(
        "length max_tokens max_token max_output_tokens max_new_tokens max_completion_tokens max_length model_length "
        "model_context_window_exceeded context_length context_window context_length_exceeded context_window_exceeded "
        "token_limit token_limit_reached output_limit limit incomplete truncated "
        "time_limit timeout repetition".split()
    ),
    "filtered": frozenset(
        "content_filter content_filtered filter filtered content_policy content_policy_violation policy_violation "
        "safety blocklist blocked prohibited_content spii recitation sensitive toxic error_toxic flagged moderation "
        "guardrail guardrails guardrail_intervened model_armor language image_safety".split()
    ),
    "refused": frozenset({"refusal", "refused"}),
}
"""The words that servers use, in small letters with underscores."""

PLACES = ("finish_reason", "stop_reason", "done_reason", "finishReason", "stopReason")
"""Where clients of different servers keep the word."""

PREFIX = re.compile(r"^(?:finish_?reason|stop_?reason)[._]+")  # the name of an enumeration before its member


def finish_reason(message: BaseMessage) -> str:
    """The server's word for how a reply ended, as sent; empty where it sent none."""
    told = message.response_metadata
    return next((word for place in PLACES if (word := _word(told.get(place)))), "")


def ending(reason: str) -> Ending:
    """What a server's word means. No word at all, as some servers send none, counts as an end by itself."""
    plain = re.sub(r"[\s-]+", "_", reason.strip().casefold())
    word = PREFIX.sub("", plain)
    if not word:
        return "ended"
    return next((meaning for meaning, words in KNOWN.items() if word in words), "failed")


def was_cut(message: BaseMessage) -> bool:
    """Whether a reply did not end by itself, so that its last words may lack what follows."""
    return ending(finish_reason(message)) != "ended"


def _word(told: Any) -> str:
    """A reason as text; of an object, such as {"type": "length"}, the text that stands in it."""
    if isinstance(told, Mapping):
        return next((value for value in told.values() if isinstance(value, str) and value.strip()), "unknown")
    if told is None or isinstance(told, str):
        return told or ""
    return str(getattr(told, "name", told))  # a member of an enumeration
