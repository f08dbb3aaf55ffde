"""How the page starts, and how it ends."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.evals.command import Outcome
from tests.graph.serve.conftest import environment
from tests.graph.serve.pages.held_model import Page

NAME = "graph.serve.page"


def tried(place: Path, code: str) -> Outcome:
    """How a page ends that does not start."""
    done = subprocess.run([sys.executable, "-c", code], cwd=place, env=environment(), capture_output=True, text=True)
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_help_is_quick_and_loads_no_graph(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom graph.serve.page import main\ntry: main(['--help'])\n"
        "except SystemExit: print([name for name in ('nicegui', 'langgraph', 'pandas') if name in sys.modules])"
    )
    found = tried(tmp_path, code=code)

    assert "--threads" in found.out and found.out.endswith("[]\n") and found.err == ""


def test_without_its_package_one_line_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['nicegui'] = None; from graph.serve.page import main; sys.exit(main([]))"
    found = tried(tmp_path, code=code)

    assert (found.code, found.out) == (2, "")
    assert found.err == f"{NAME}: the page needs NiceGUI: pip install -e '.[page]' in the checkout\n"


def test_what_keeps_it_from_starting_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("nicegui", reason="the page is not installed: pip install -e '.[page]'")
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = {
            ("--port", str(port)): f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another",
            ("--port", "99999"): "cannot listen on 127.0.0.1:99999",
            ("--port", "0", "--data", str(bad)): "bad.csv: no item columns",
            ("--port", "0", "--data", "none.csv"): "none.csv",
            ("--port", "0", "--threads", "none/talks.sqlite"): "none/talks.sqlite: No such file or directory",
            ("--port", "0", "--threads", "talks"): "give a file that ends in .sqlite",
        }
        calls = f"import sys; from graph.serve.page import main; sys.exit(sum(main(list(x)) for x in {[*refused]}))"
        found = tried(tmp_path, code=calls)
    assert (found.code, found.out) == (2 * len(refused), "")
    for said, line in zip(found.err.splitlines(), refused.values(), strict=True):
        assert said.startswith(f"{NAME}: ") and line in said


def test_it_says_where_it_is_and_how_it_is_guarded(site: Page) -> None:
    assert site.said == f"Page:  {site.url} (Ctrl-C ends it)\nGuard: off; only this machine is served\n"
