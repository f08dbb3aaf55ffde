"""Nothing that only Unix has is needed: every module loads, and no call goes to what Windows lacks."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("survey", "prompts", "graph", "baselines", "evals", "valuesim")
MODULES_OF_UNIX = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog", "crypt"}
NAMES_OF_UNIX = {
    "os": {
        "fork",
        "geteuid",
        "getuid",
        "killpg",
        "setsid",
        "getpgid",
        "mkfifo",
        "sched_getaffinity",
        "sysconf",
        "uname",
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGQUIT", "alarm"},
    "loop": {"add_signal_handler"},
}
LOAD = """
import builtins, importlib, pkgutil
lacking, packages, imported = {lacking}, {packages}, builtins.__import__

def without_unix(name, globals=None, *rest, **more):
    # a package of others may ask which system this is; ours do not
    if name in lacking and (globals or {{}}).get("__name__", "").partition(".")[0] in packages:
        raise ImportError("Windows has no module " + name)
    return imported(name, globals, *rest, **more)

builtins.__import__ = without_unix
loaded = []
for package in packages:
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if found.name.rpartition(".")[2] != "__main__":
            try:
                loaded.append(importlib.import_module(found.name))
            except ModuleNotFoundError as error:  # of an extra that is not installed
                if error.name.partition(".")[0] in packages:
                    raise
print(len(loaded))
"""


def test_every_module_loads_without_the_modules_of_unix() -> None:
    code = LOAD.format(lacking=sorted(MODULES_OF_UNIX), packages=PACKAGES)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 200


@pytest.mark.parametrize("package", PACKAGES)
def test_no_call_goes_to_what_windows_lacks(package: str) -> None:
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.relative_to(ROOT)}: {name}" for name in unix_names(text) if f'"{name}"' not in text]

    assert found == []  # one that is asked for by hasattr(os, "name") before is let through


def unix_names(text: str) -> Iterator[str]:
    """The names that only Unix has, as a source uses them."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in NAMES_OF_UNIX.get(node.value.id, ()):
                yield node.attr
        elif isinstance(node, ast.Import):
            yield from MODULES_OF_UNIX.intersection(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES_OF_UNIX:
            yield node.module


def test_a_name_of_unix_would_be_noticed() -> None:
    text = "import fcntl, os\nfrom resource import getrusage\nos.sched_getaffinity(0)\n"

    assert sorted(unix_names(text)) == ["fcntl", "resource", "sched_getaffinity"]
