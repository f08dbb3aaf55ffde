"""Files of a user's own in the working directory hide no module: neither ours, nor Python's, nor a package's."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.graph.serve.conftest import environment, free_port
from tests.waiting import SAFETY, wait_until

ROOT = Path(__file__).parents[2]
OURS = {"survey", "prompts", "graph", "baselines", "evals", "valuesim"}
PACKAGES = set(
    """
    click httpx jinja2 langchain_core langchain_openai langgraph langgraph_api langgraph_cli matplotlib mcp nicegui
    numpy openai pandas pydantic rich scipy sklearn typing_extensions uvicorn yaml
    """.split()  # noqa: SIM905  # a list of words reads better than a list of strings
)
HIDING = "raise SystemExit('loaded in place of the module: ' + __file__)\n"


@pytest.fixture(scope="module")
def python_modules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of Python's own that are not loaded yet when `python -m` loads its first module."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "first.py").write_text("import sys; print(*sys.modules)")
    done = subprocess.run([sys.executable, "-m", "first"], cwd=folder, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    names = sys.stdlib_module_names - loaded - set(sys.builtin_module_names) - {"antigravity", "this"}
    return {name for name in names if find_spec(name)}


@pytest.fixture
def hide(python_modules: set[str], tmp_path: Path) -> Callable[[str], Path]:
    """Make a working directory with a file of every name but this one, which Python itself would look for there."""

    def hide(but: str) -> Path:
        for name in (python_modules | OURS | PACKAGES) - {but}:
            (tmp_path / f"{name}.py").write_text(HIDING)
        return tmp_path

    return hide


def run(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in this directory, by `python -m`."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SAFETY,
        stdin=subprocess.DEVNULL,
    )


def test_what_is_tested_here_would_be_noticed(hide: Callable[[str], Path]) -> None:
    folder = hide("")
    (folder / "mine.py").write_text("import queue")

    assert run(folder, "mine").stderr.endswith("queue.py\n")


def test_commands_of_the_bench_work_to_the_end(hide: Callable[[str], Path]) -> None:
    folder = hide("evals")
    sample = str(ROOT / "survey/wvs7/sample.csv.gz")
    calls = [
        ("evals.run", "--data", "synthetic", "--respondents", "1", "--graph", "rag", "--out", "made"),
        (
            "evals.score",
            "--no-references",
            "--truth",
            sample,
            "--predictions",
            "made/predictions.csv",
            "--out",
            "scored",
        ),
        ("evals.audit", "--respondents", "1", "--out", "audited"),
        ("evals.report", "made"),
        ("evals.study", "controls", "--dry-run"),
    ]

    for module, *arguments in calls:
        done = run(folder, module, *arguments)
        assert done.returncode == 0, (module, done.stdout, done.stderr)
    assert (folder / "made/report/report.html").is_file()


@pytest.mark.parametrize(
    ("module", "own"),
    [("valuesim", "valuesim"), ("graph.serve.page", "graph"), ("graph.serve.studio", "graph")],
)
def test_help_is_shown(hide: Callable[[str], Path], module: str, own: str) -> None:
    done = run(hide(own), module, "--help")

    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("usage: ")


def test_synthetic_people_are_written(hide: Callable[[str], Path]) -> None:
    done = run(hide("survey"), "survey.synthetic", "--people", "12", "--out", "people.csv")

    assert (done.returncode, done.stdout) == (0, "people.csv: 12 people who never lived\n"), done.stderr


@pytest.mark.parametrize("command", [("graph.serve.mcp",), ("valuesim", "mcp")])
def test_the_mcp_server_serves_until_its_client_hangs_up(hide: Callable[[str], Path], command: tuple[str, ...]) -> None:
    if not find_spec("mcp"):
        pytest.skip("the server is not installed: pip install -e '.[mcp]'")
    module, *arguments = command
    done = run(hide(module.partition(".")[0]), module, *arguments)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@contextmanager
def serving(folder: Path, *command: str, ready: str) -> Iterator[str]:
    """A server in this directory, once it answers at the path `ready`; gives what it has written at its end."""
    port, log = free_port(), folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(port)],
            cwd=folder,
            env=environment(),
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=SAFETY) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    try:
        wait_until(lambda: process.poll() is not None or answers())
        yield log.read_text(errors="replace")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=SAFETY)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize(
    ("needs", "command", "ready"),
    [
        ("nicegui", ("valuesim", "page"), "/"),
        ("langgraph_api", ("valuesim", "studio"), "/ok"),
    ],
)
def test_servers_serve(hide: Callable[[str], Path], needs: str, command: tuple[str, ...], ready: str) -> None:
    if not find_spec(needs):
        pytest.skip(f"the server is not installed: pip install -e '.[{command[1]}]'")
    with serving(hide("valuesim"), *command, ready=ready) as said:
        assert "http://127.0.0.1:" in said and "Traceback" not in said and "loaded in place" not in said


def test_in_a_checkout_all_packages_are_those_of_the_checkout(tmp_path: Path) -> None:
    for name in ("evals", "survey"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_bytes((ROOT / name / "__init__.py").read_bytes())
    (tmp_path / "evals/early.py").write_text("")
    (tmp_path / "evals/mine.py").write_text("import survey; print(survey.__file__)")

    assert run(tmp_path, "evals.mine").stdout == f"{tmp_path / 'survey/__init__.py'}\n"


@pytest.mark.parametrize("name", ["graph", "evals", "prompts"])
def test_a_script_beside_a_file_that_hides_a_package_is_told_so_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("mine = 1\n")
    (tmp_path / "script.py").write_text("from valuesim import Persona\nprint(Persona.__name__)\n")

    def script(*flags: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *flags, "script.py"]
        return subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=SAFETY)

    said = f"{tmp_path / name}.py hides the package {name!r} of valuesim: rename it, or start Python with -P"
    assert script().stderr.splitlines()[-1] == f"ImportError: {said}"
    assert script("-P").stdout == "Persona\n"
