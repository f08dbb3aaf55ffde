"""The built wheel: what it holds, and what a type checker sees of it."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("survey", "prompts", "graph", "baselines", "evals", "valuesim")
SCRIPT = """
from valuesim import Persona, Settings, read_survey

people = read_survey("wave.csv")
settings = Settings(chat="openai:gpt-4o-mini", timeout=20, max_tokens=300)
person = Persona.from_respondent(people, 1, settings=settings)
answer = person.ask_sync("Tea?", ["Yes", "No"])
reveal_type(person)
wrong: int = answer.analysis
"""
WITHOUT_OTHERS = """
[mypy]
strict = True
[mypy-{others}]
follow_imports = skip
"""
OTHERS = """
faiss langchain_community langchain_core langchain_openai langgraph numpy openai pandas pydantic pyreadstat rich scipy
sklearn
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `pip` builds it."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install -e '.[dev]'")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True, timeout=120)
    [built] = folder.glob("*.whl")
    return built


def test_every_package_of_the_wheel_tells_its_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert {"graph/serve/langgraph.json", "survey/wvs7/sample.csv.gz"} <= names


def test_a_users_script_is_checked_against_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    scripts, library = tmp_path / "env" / "bin", next((tmp_path / "env").rglob("site-packages"))
    zipfile.ZipFile(wheel).extractall(library)
    (library / "others.pth").write_text(sysconfig.get_paths()["purelib"])  # the packages that it needs
    (tmp_path / "script.py").write_text(SCRIPT)
    others = ",".join(f"{name}.*" for name in OTHERS.split())
    (tmp_path / "mypy.ini").write_text(WITHOUT_OTHERS.format(others=others))

    check = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--python-executable", str(scripts / "python")]
    done = subprocess.run([*check, "script.py"], cwd=tmp_path, capture_output=True, text=True, env={}, timeout=300)

    *found, last = done.stdout.splitlines()
    assert found == [
        'script.py:8: note: Revealed type is "graph.persona.persona.Persona"',
        'script.py:9: error: Incompatible types in assignment (expression has type "str", variable has type "int")  '
        "[assignment]",
    ], done.stdout + done.stderr
    assert last == "Found 1 error in 1 file (checked 1 source file)"
