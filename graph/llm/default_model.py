"""The model that commands ask where none is named: a real one, and never the stand-in unasked."""

import platform
import sys

from graph.llm.addresses import SMOLLM2, ModelError
from graph.llm.local.weights import INSTALL_ENGINE, INSTALL_WEIGHTS, is_smollm2_installed

DEFAULT = SMOLLM2
STAND_IN = "--model offline (fixed rules, no language model)"


def default_model() -> str:
    """The small model in this process. Raises ModelError, one line, where it is not installed."""
    if is_smollm2_installed():
        return DEFAULT
    if has_no_wheel():
        raise ModelError(
            f"no model is named, and the small one, {DEFAULT}, does not come for this kind of "
            f"machine: name one, such as --model ollama:llama3.1, or {STAND_IN}"
        )
    raise ModelError(
        f"no model is named, and the small one, {DEFAULT}, is not installed: {INSTALL_ENGINE}, and "
        f"{INSTALL_WEIGHTS}; or name one, such as --model ollama:llama3.1, or {STAND_IN}"
    )


def has_no_wheel() -> bool:
    """Whether the engine of local models would have to be compiled on this machine."""
    machine = platform.machine().lower()
    if sys.platform == "darwin":
        return machine != "arm64"
    return machine not in ("x86_64", "amd64")
