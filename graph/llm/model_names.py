"""Names of models as people type them, and the full name that one without a provider stands for."""

import re
from difflib import get_close_matches

from graph.llm.addresses import LOCAL, ModelError, is_openai_compatible

WITHOUT_PROVIDER = frozenset({"offline", "smollm2"})
"""Models that are named by one word."""
FAMILIES = (
    ("openai", re.compile(r"(chat)?gpt-(?!oss)|o[1-9](-|$)|text-embedding-", re.IGNORECASE)),
    ("anthropic", re.compile(r"claude", re.IGNORECASE)),
    ("google_genai", re.compile(r"gemini", re.IGNORECASE)),
    ("vllm", re.compile(r"[\w.-]+/[\w.-]+$")),
    (
        "ollama",
        re.compile(
            r"gpt-oss|llama|qwen|qwq|mistral|mixtral|gemma|phi\d|deepseek|smollm|granite|olmo"
            r"|nomic-embed|mxbai-embed|all-minilm|bge-",
            re.IGNORECASE,
        ),
    ),
)
"""Providers by the beginning of the names of their models; the first that fits is meant."""
PROVIDERS = ("openai", *LOCAL, "gguf", "anthropic", "google_genai", "mistralai", "groq")
"""Providers whose misspelt names are recognized."""
NO_PROVIDER = "name provider and model, such as openai:gpt-4o-mini; offline needs no key"
CLOSE = 0.8
"""How much alike a misspelt word and the word meant are, from 0 to 1."""


def validate_model_name(name: str) -> None:
    """Raise ModelError, one line, for a name without a provider, and for one that is misspelt."""
    provider, _, model = name.partition(":")
    if name in WITHOUT_PROVIDER or provider in PROVIDERS:
        return
    if meant := meant_name(name):
        raise ModelError(f"model {name}: did you mean {meant}?")
    if not provider.strip() or not model.strip():
        raise ModelError(f"model {name}: {NO_PROVIDER}")


def validate_embeddings_name(name: str) -> None:
    """Raise ModelError, one line, for a name of no embeddings that can be made."""
    if name == "offline" or is_openai_compatible(name):
        return
    meant = meant_name(name)
    if is_openai_compatible(meant):
        raise ModelError(f"embeddings {name!r}: did you mean {meant}?")
    raise ModelError(
        f"embeddings {name!r}: known are offline, openai:NAME, ollama:NAME and vllm:NAME"
    )


def meant_name(name: str) -> str:
    """The full name that a wrong name most likely stands for; "" where none is likely."""
    plain = name.lower()
    provider, _, model = name.partition(":")
    known = get_close_matches(plain, WITHOUT_PROVIDER, n=1, cutoff=CLOSE)
    if known:
        return known[0]
    if plain.endswith(".gguf"):
        return f"gguf:{name}"
    for owner, beginning in FAMILIES:
        if beginning.match(name):
            return f"{owner}:{name}"
    near = get_close_matches(provider.lower(), PROVIDERS, n=1, cutoff=CLOSE)
    return f"{near[0]}:{model}" if near and model else ""
