"""`make demo`: what it asks, and that an installation that fails ends it."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from evals.run import main
from tests.evals.command import in_process

ROOT = Path(__file__).parents[1]
PIP = """#!/bin/sh
case "$*" in
*" -e "*) echo "Collecting numpy>=2 (from valuesim==0.1)"; echo "Installing collected packages: numpy"; exit $CODE;;
esac
"""


def test_it_asks_ten_people_three_questions_of_a_model_that_is_not_named_in_its_settings(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = ROOT / "examples" / "demo.toml"
    run = in_process(main, capsys)

    done = run("--config", config, "--data", "gss2018", "--model", "offline", "--dry-run", "--out", tmp_path / "run")

    assert done.code == 0, done.err
    assert re.search(r" story +10 ", done.out) and re.search(r"^full_info +full_info +30 ", done.out, re.MULTILINE)
    assert "model" not in tomllib.loads(config.read_text())
    assert "--config examples/demo.toml $(ARGS)" in (ROOT / "Makefile").read_text()


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize("code", [0, 1])
def test_an_installation_names_its_packages_and_ends_as_pip_does(code: int, tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PIP.replace("$CODE", str(code)))
    python.chmod(0o755)

    # as from a terminal, also where make runs the tests: it would name the directory first
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", ".venv/demo"], cwd=tmp_path, env=own, capture_output=True, text=True, timeout=60)

    assert (done.returncode == 0) == (code == 0) == (tmp_path / ".venv" / "demo").exists()
    weights, packages, *shown = done.stdout.splitlines()
    assert "SmolLM2-135M-Instruct" in weights and "about 80 packages" in packages
    assert shown[:2] == ["  numpy", "  unpacking ..."]
