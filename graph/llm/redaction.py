"""What others wrote, made fit to be shown and kept: on one line, of bearable length, and without
secrets.
"""

import os
import re

LONGEST = 300
SHORTEST_KEY = 6
SECRET_VARIABLE = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)\Z", re.IGNORECASE)
HIDDEN = "[hidden]"

FORMS = (
    re.compile(r"(?<=://)[^/?#\s]*@"),  # user:password@ of an address
    re.compile(
        r"(?<=authorization)(?P<mark>[\"']?\s*[:=]\s*[\"']?)(?:(?:bearer|basic)\s+)?[^\s\"',;}]+",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<mark>bearer\s+)[\w.~+/=-]{6,}", re.IGNORECASE),
    re.compile(
        r"(?P<mark>(?:api[-_]?key|access[-_]?token|[?&](?:key|token|secret|password))"
        r"[\"']?\s*[:=]\s*[\"']?)"
        r"[^\s\"'&,;}]{6,}",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:sk|pk|rk|gsk|hf|xai|AIza)[-_][\w-]{12,}"),
)
"""Secrets that are told by where they stand or how they begin."""


def redact(text: str) -> str:
    """A text without keys of the environment, passwords in addresses, and what was sent to prove
    who asks.
    """
    for name, value in os.environ.items():
        secret = value.strip()
        if len(secret) >= SHORTEST_KEY and SECRET_VARIABLE.search(name):
            text = text.replace(secret, f"[{name}]")
    for form in FORMS:
        mark = r"\g<mark>" if "mark" in form.groupindex else ""
        text = form.sub(mark + HIDDEN + ("@" if form is FORMS[0] else ""), text)
    return text


def shorten(text: str) -> str:
    """A text on one line, without secrets, not longer than a person reads."""
    plain = redact(" ".join(text.split()))
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 3] + "..."
