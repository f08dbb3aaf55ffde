"""llama.cpp in this process, by the package `cyllama`: a model's file, loaded or looked into.

llama.cpp comes as a wheel in `cyllama`; `llama-cpp-python` must be compiled where it is installed.
The package's own server is not used: it says "stop" of replies that it cut, and gives no
log-probabilities.
"""

from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from graph.llm.addresses import ModelError

READ_AT_ONCE = 256
"""Prompt tokens computed in one step."""
FOUR_BITS, EIGHT_BITS = 3, 7
"""Forms of weights, as llama.cpp numbers them: Q4_1 and Q8_0."""
OFF = 0
"""Of its two ways to compute attention, the plain one."""
SMALL = 500_000_000
"""Bytes of a file that is turned into another form within a second or two."""


@cache
def load_engine() -> Any:
    """llama.cpp, silent and with its processors' code loaded."""
    from cyllama.llama import llama_cpp

    llama_cpp.disable_logging()
    llama_cpp.ggml_backend_load_all()
    return llama_cpp


def load_model(path: Path) -> Any:
    """The model in a GGUF file. Raises ModelError."""
    try:
        if _is_small_and_slow(path):
            with suppress(ValueError, RuntimeError, OSError), TemporaryDirectory() as folder:
                return _loaded(_in_eight_bits(path, Path(folder)), mapped=False)
        return _loaded(path)
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(f"model {path}: llama.cpp cannot load it ({error})") from None


def _loaded(path: Path, mapped: bool = True) -> Any:
    """The model in a GGUF file; one that is not `mapped` needs its file no longer."""
    settings = load_engine().LlamaModelParams()
    settings.n_gpu_layers, settings.use_mmap = 0, mapped
    return _model_class()(str(path), settings, False)


def _is_small_and_slow(path: Path) -> bool:
    """Whether weights are in a form that llama.cpp has no fast way to read prompts with."""
    about = load_engine().GGUFContext.from_file(str(path))
    try:
        return path.stat().st_size < SMALL and about.get_value("general.file_type") == FOUR_BITS
    except KeyError:
        return False


def _in_eight_bits(path: Path, folder: Path) -> Path:
    """A copy of weights of four bits, in eight: little is lost, and prompts are read faster."""
    settings = load_engine().LlamaModelQuantizeParams()
    settings.ftype, settings.allow_requantize = EIGHT_BITS, True
    copy = folder / path.name
    load_engine().model_quantize(str(path), str(copy), settings)
    return copy


def open_context(model: Any, window: int, threads: int) -> Any:
    """Memory for one conversation of `window` tokens, computed with `threads` threads.

    Where it is asked to, it stops in the middle of a step. A prompt has the same outcome in one
    step as in several of two tokens or more, which holds without flash attention alone.
    """
    engine = load_engine()
    settings = engine.LlamaContextParams()
    settings.n_ctx, settings.n_batch = window, READ_AT_ONCE + 1
    settings.flash_attn_type = OFF
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
