"""llama.cpp in this process, by the package `cyllama`: a model's file, loaded or looked into.

llama.cpp comes as a wheel in `cyllama`; `llama-cpp-python` must be compiled where it is installed.
The package's own server is not used: it says "stop" of replies that it cut, and gives no
log-probabilities.
"""

from functools import cache
from pathlib import Path
from typing import Any

from graph.llm.addresses import ModelError

READ_AT_ONCE = 48
"""Prompt tokens computed in one step. From 64 on llama.cpp rounds otherwise than for a single
token, and a reply would depend on how much of its prompt was computed before.
"""


@cache
def load_engine() -> Any:
    """llama.cpp, silent and with its processors' code loaded."""
    from cyllama.llama import llama_cpp

    llama_cpp.disable_logging()
    llama_cpp.ggml_backend_load_all()
    return llama_cpp


def load_model(path: Path) -> Any:
    """The model in a GGUF file. Raises ModelError."""
    settings = load_engine().LlamaModelParams()
    settings.n_gpu_layers = 0
    try:
        return _model_class()(str(path), settings, False)
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(f"model {path}: llama.cpp cannot load it ({error})") from None


def open_context(model: Any, window: int, threads: int) -> Any:
    """Memory for one conversation of `window` tokens, computed with `threads` threads.

    Where it is asked to, it stops in the middle of a step.
    """
    engine = load_engine()
    settings = engine.LlamaContextParams()
    settings.n_ctx, settings.n_batch = window, READ_AT_ONCE
    settings.n_threads = settings.n_threads_batch = threads
    context = engine.LlamaContext(model, settings, False)
    context.install_cancel_callback()
    return context


def trained_window(path: Path) -> int:
    """The tokens that the model in a GGUF file was trained to read at once.

    It is read from what the file says of itself, and the model is not loaded. Raises ModelError.
    """
    try:
        about = load_engine().GGUFContext.from_file(str(path))
        return int(about.get_value(f"{about.get_value('general.architecture')}.context_length"))
    except (ValueError, RuntimeError, OSError, KeyError, TypeError) as error:
        raise ModelError(f"model {path}: llama.cpp cannot load it ({error})") from None


@cache
def _model_class() -> Any:
    """The package's model, with the size of its vocabulary where its context looks for it."""

    class Model(load_engine().LlamaModel):  # type: ignore[misc]
        """A model that knows `n_vocab`."""

        @property
        def n_vocab(self) -> int:
            """Tokens in the vocabulary."""
            size: int = self.get_vocab().n_vocab
            return size

    return Model
