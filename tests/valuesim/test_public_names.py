"""What `import valuesim` gives, and what it costs."""

import json
import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import valuesim

ROOT = Path(__file__).parents[2]
HEAVY = {"langgraph", "langchain_core", "openai", "pandas", "numpy", "pydantic", "graph", "evals", "survey"}


def test_importing_loads_nothing_heavy() -> None:
    code = "import json, sys, valuesim; dir(valuesim); valuesim.__version__; print(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert not HEAVY & {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("name", valuesim.__all__)
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(valuesim, name)

    assert value is getattr(valuesim, name) and name in dir(valuesim)
    assert name == "__version__" or value.__doc__


def test_type_checkers_and_python_see_the_same_names() -> None:
    text = Path(valuesim.__file__).read_text(encoding="utf-8")
    typed, _, _ = text.partition("if TYPE_CHECKING:")[2].partition("__version__ =")
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    shown = {part.rpartition(" as ")[2] or part for line in lines for part in line.partition(" import ")[2].split(", ")}

    assert shown | {"__version__"} == set(valuesim.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'valuesim' has no attribute 'Person'$"):
        valuesim.Person  # type: ignore[attr-defined]  # noqa: B018


def test_the_version_stands_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert "version" not in project["project"] and project["project"]["dynamic"] == ["version"]
    assert f"version: {valuesim.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert version("valuesim") == valuesim.__version__
