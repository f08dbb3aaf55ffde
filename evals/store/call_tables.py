"""The tables of a call store, and what a row says of a reply."""

import sqlite3

from langchain_core.messages import AIMessage

from evals.store.store_format import StoreFormat, TableSchema
from graph.llm.reply_check import passes_check

CALLS_TABLE = TableSchema(
    "calls",
    {
        "key": "TEXT",
        "prompt": "TEXT",
        "run": "TEXT",
        "text": "TEXT",
        "prompt_tokens": "INTEGER",
        "completion_tokens": "INTEGER",
        "cached_tokens": "INTEGER",
        "finish_reason": "TEXT",
        "served_model": "TEXT",
        "system_fingerprint": "TEXT",
        "seconds": "REAL",
        "at": "REAL",
        "estimated": "INTEGER",
        "reasoning": "TEXT",
    },
    key=("key",),
)
"""Replies by cache key. `prompt` is the name of the template, `run` the run that paid."""
UNKEPT_TABLE = TableSchema(
    "unkept",
    {
        "run": "TEXT",
        "prompt": "TEXT",
        "kind": "TEXT",
        "prompt_tokens": "INTEGER",
        "cached_tokens": "INTEGER",
        "completion_tokens": "INTEGER",
        "estimated": "INTEGER",
    },
)
"""What replies cost that were paid and cannot be used; `kind` is the error code that says why."""
VECTORS_TABLE = TableSchema(
    "vectors", {"key": "TEXT", "run": "TEXT", "vector": "BLOB"}, key=("key",)
)
SUSPECTS_TABLE = TableSchema(
    "suspects",
    {"run": "TEXT", "key": "TEXT", "characters": "INTEGER", "tokens": "INTEGER"},
    key=("run", "key"),
)
"""Prompts that the server may have cut: their characters, and the tokens that it counted."""
EMBEDDED_TABLE = TableSchema("embedded", {"run": "TEXT", "texts": "INTEGER", "tokens": "INTEGER"})
CALL_STORE_FORMAT = StoreFormat(
    "call store",
    0x56534343,  # VSCC
    (CALLS_TABLE, UNKEPT_TABLE, VECTORS_TABLE, SUSPECTS_TABLE, EMBEDDED_TABLE),
    "move it away, or name another with --calls: what it held is asked again",
)


def load_reply(db: sqlite3.Connection, key: str) -> AIMessage | None:
    """The reply stored under this cache key, marked as a hit in its metadata.

    None where there is none, or where it does not pass the check of replies.
    """
    row = db.execute(
        "SELECT prompt, text, reasoning, prompt_tokens, cached_tokens, completion_tokens, "
        "finish_reason, served_model "
        "FROM calls WHERE key = ?",
        (key,),
    ).fetchone()
    if row is None:
        return None
    template, text, reasoning, prompt_tokens, cached, completion_tokens, reason, served_model = row
    message = AIMessage(
        text or "",
        additional_kwargs={"reasoning_content": reasoning} if reasoning else {},
        response_metadata={
            "hit": True,
            "key": key,
            "finish_reason": reason,
            "model_name": served_model,
        },
    )
    if prompt_tokens is not None:
        message.usage_metadata = {
            "input_tokens": prompt_tokens,
            "output_tokens": completion_tokens or 0,
            "total_tokens": prompt_tokens + (completion_tokens or 0),
            "input_token_details": {"cache_read": cached or 0},
        }
    return message if passes_check(template, message) else None


def read_token_counts(message: AIMessage) -> tuple[int | None, int | None, int | None]:
    """Tokens of the prompt, those of them that the server had cached, and tokens of the reply.

    All are None where the message tells no usage.
    """
    usage = message.usage_metadata
    if not usage:
        return None, None, None
    cached = (usage.get("input_token_details") or {}).get("cache_read", 0)
    return usage["input_tokens"], cached, usage["output_tokens"]
