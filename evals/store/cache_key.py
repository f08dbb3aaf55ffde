"""The key under which a call store keeps the reply to a call."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def cache_key(identity: Mapping[str, Any], content: Any) -> str:
    """Hash who is asked and how (`identity`) together with what is asked (`content`).

    Returns the SHA-256 of their JSON as 64 hexadecimal digits.
    """
    call = json.dumps([identity, content], sort_keys=True, ensure_ascii=False, default=str)
    return sha256(call.encode()).hexdigest()
