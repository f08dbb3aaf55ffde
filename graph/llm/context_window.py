"""How much a model reads at once: what its server tells of it, and prompts that a server cut
without a word.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from graph.llm.errors import FaultError

if TYPE_CHECKING:
    import openai

LONG = 2_000
"""Characters from which a prompt is long enough for its tokens to tell anything."""
MOST_CHARACTERS_PER_TOKEN = 8
"""More than any tokenizer makes of a text that people read; prompts of a survey have about four."""
SMALLEST = 256
"""Tokens: fewer are no window but odd counting, such as that of a server that leaves out what it
had cached.
"""
STEP = 256
"""Windows are multiples of this."""
TWINS, SPREAD = 3, 1.2
"""So many prompts of one count, of which the longest is so many times the shortest, were cut at
that count.
"""
SURELY, ABOUT = 5, 3
"""Characters a token: no prompt of a survey has more, hardly one has fewer."""
WAIT = 10.0
"""Seconds in which a server tells its window; `LOAD` where it must load the model first."""
LOAD = 60.0
LISTED = ("max_model_len", "context_length", "context_window", "max_context_length")
"""By what names lists of models tell a window: vLLM and SGLang, and several hosted services."""

Server = Literal["Ollama", "llama.cpp", "vLLM", "this process", ""]
WAYS_OUT: Mapping[Server, str] = {
    "Ollama": "start Ollama with OLLAMA_CONTEXT_LENGTH={tokens}",
    "llama.cpp": "start llama-server with -c {tokens}",
    "vLLM": "start vLLM with --max-model-len {tokens}",
    "this process": "--set local_window={tokens}",
    "": "start the server with a larger window (OLLAMA_CONTEXT_LENGTH={tokens}, llama-server -c "
    "{tokens}, vLLM "
    "--max-model-len {tokens})",
}


@dataclass(frozen=True)
class ContextWindow:
    """The tokens that a model reads and writes at once, and the server that said so.

    `strict`: the server refuses a prompt that does not leave room for the longest reply.
    """

    tokens: int
    server: Server = ""
    strict: bool = False


@dataclass(frozen=True)
class CutPrompts:
    """Prompts that a server cut: how many, and the longest of them with the tokens that it was
    counted as.
    """

    calls: int
    characters: int
    tokens: int

    def __str__(self) -> str:
        """One line: what happened, and the way out."""
        prompts = "1 prompt" if self.calls == 1 else f"{self.calls:,} prompts"
        return (
            f"the server read only the part of {prompts} that fits its window: {self.characters:,} "
            f"characters were "
            f"counted as {self.tokens:,} tokens, so answers rest on less than the whole profile; "
            f"{way_out('', self.characters // ABOUT)}, or take a smaller --profile-size, and ask "
            f"again"
        )


def is_suspicious(characters: int, tokens: int) -> bool:
    """Whether a prompt of so many characters may have been cut, seen that the server counted so
    many tokens.
    """
    if characters <= LONG or tokens < SMALLEST:
        return False
    return characters > MOST_CHARACTERS_PER_TOKEN * tokens or tokens % STEP == 0


def cut_among(prompts: Iterable[tuple[int, int]]) -> CutPrompts | None:
    """The prompts that were cut among suspicious ones, by characters and tokens; None where none
    was.

    Cut is what has more characters a token than any text; and what is counted as the very same
    multiple of 256 as others that are much longer or shorter.
    """
    by_count: dict[int, list[int]] = defaultdict(list)
    for characters, tokens in prompts:
        by_count[tokens].append(characters)
    found = []
    for tokens, lengths in by_count.items():
        spread = len(lengths) >= TWINS and max(lengths) >= SPREAD * min(lengths)
        all_cut = spread and tokens % STEP == 0
        found += [
            (length, tokens)
            for length in lengths
            if all_cut or length > MOST_CHARACTERS_PER_TOKEN * tokens
        ]
    return CutPrompts(len(found), *max(found)) if found else None


def way_out(server: Server, tokens: int) -> str:
    """How to give a model a window of at least so many tokens."""
    enough = 1024
    while enough < tokens:
        enough *= 2
    return WAYS_OUT[server].format(tokens=enough)


async def window_of(server: "openai.AsyncOpenAI", model: str) -> ContextWindow | None:
    """Ask a server how much a model reads at once; None where it does not tell.

    An Ollama that has not loaded the model is made to, since only then it tells what window the
    model gets.
    """
    root = str(server.base_url).rstrip("/").removesuffix("/v1")
    entry = _entry(await _told(server, f"{root}/v1/models"), "data", "id", model)
    for name in LISTED:
        if tokens := _whole(entry.get(name)):
            strict = name == "max_model_len"
            return ContextWindow(tokens, "vLLM" if strict else "", strict)
    slot = (await _told(server, f"{root}/props")).get("default_generation_settings")
    if tokens := _whole(slot.get("n_ctx") if isinstance(slot, dict) else None):
        return ContextWindow(tokens, "llama.cpp")
    if tokens := await _of_ollama(server, root, model):
        return ContextWindow(tokens, "Ollama")
    meta = entry.get("meta")
    trained = _whole(meta.get("n_ctx_train") if isinstance(meta, dict) else None)
    return ContextWindow(trained, "llama.cpp") if trained else None


async def _of_ollama(server: "openai.AsyncOpenAI", root: str, model: str) -> int:
    """The window that Ollama gives a model; 0 where it does not tell, or where there is no
    Ollama.
    """
    if loaded := await _loaded(server, root, model):
        return loaded
    shown = await _told(server, f"{root}/api/show", {"model": model})
    if not isinstance(shown.get("model_info"), dict):
        return 0
    if own := re.search(r"^num_ctx\s+(\d{1,9})\s*$", str(shown.get("parameters")), re.MULTILINE):
        return int(own[1])
    await _told(server, f"{root}/api/generate", {"model": model, "stream": False}, LOAD)
    info = shown["model_info"].items()
    most = max(
        (_whole(value) for name, value in info if str(name).endswith(".context_length")), default=0
    )
    return await _loaded(server, root, model) or most


async def _loaded(server: "openai.AsyncOpenAI", root: str, model: str) -> int:
    """The window of a model that an Ollama has loaded; 0 where it has not."""
    return _whole(
        _entry(await _told(server, f"{root}/api/ps"), "models", "name", model).get("context_length")
    )


def _entry(told: Mapping[str, Any], among: str, by: str, model: str) -> dict[str, Any]:
    """What is told of a model in a list; empty where it is not there."""
    listed = told.get(among)
    entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return next((one for one in entries if one.get(by) in (model, f"{model}:latest")), {})


def _whole(value: Any) -> int:
    """A number of tokens; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


async def _told(
    server: "openai.AsyncOpenAI",
    url: str,
    body: dict[str, Any] | None = None,
    seconds: float = WAIT,
) -> dict[str, Any]:
    """What a server tells at an address; nothing where there is no such thing."""
    import openai

    from graph.llm.transport import read_object, within

    try:
        async with within(seconds):
            if body is None:
                return read_object(await server.get(url, cast_to=bytes))
            return read_object(await server.post(url, cast_to=bytes, body=body))
    except (openai.APIError, FaultError):
        return {}
