"""The tables of the outbox: batches, and the requests that go out in them."""

from evals.store.store_format import StoreFormat, TableSchema

OUTBOX_FORMAT = StoreFormat(
    "list of batches",
    0x56534254,  # VSBT
    (
        TableSchema(
            "batches",
            {"number": "INTEGER PRIMARY KEY", "file": "TEXT", "id": "TEXT", "ended": "TEXT"},
        ),
        TableSchema(
            "requests",
            {
                "key": "TEXT PRIMARY KEY",
                "prompt": "TEXT",
                "body": "TEXT",
                "batch": "INTEGER",
                "failures": "INTEGER DEFAULT 0",
                "kind": "TEXT",
                "why": "TEXT",
            },
        ),
    ),
    "move it away: batches that are out are then left, and what they asked is asked again",
    pragmas=("PRAGMA auto_vacuum = FULL",),
    indexes=("CREATE INDEX IF NOT EXISTS requests_of ON requests (batch)",),
)
"""`file` is the uploaded input of a batch, `id` the provider's name of it, `ended` its last status.
Of a request, `prompt` is the name of the template and `kind` the error code of its last failure.
"""

WANTED = 0
"""In the column `batch`: the request is still to be submitted.

NULL stands for a request that was submitted and brought no reply.
"""
