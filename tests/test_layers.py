"""Who may import whom, read from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"survey", "prompts", "graph", "baselines", "evals", "valuesim"}
MAY_IMPORT = {
    "survey": set(),
    "prompts": set(),
    "graph": {"survey", "prompts"},
    "baselines": {"graph", "survey", "prompts"},
    "evals": {"graph", "survey", "prompts", "baselines"},
    "valuesim": {"graph", "survey", "prompts", "baselines", "evals"},
}
STARTED = {"survey", "graph", "evals"}
"""The packages with modules that `python -m` starts, which see to `sys.path` before all else."""
ONE_USER = {"langchain_community": "graph/retrieval.py"}
MODULES = sorted(path.relative_to(ROOT).as_posix() for folder in OURS for path in (ROOT / folder).rglob("*.py"))
PACKAGES = [module.removesuffix("/__init__.py") for module in MODULES if module.endswith("/__init__.py")]


def imports(module: str) -> Iterator[tuple[str, str]]:
    """Every (module, name) that a module imports, anywhere in it; the name is "" for plain imports."""
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)


def test_all_the_folders_are_looked_at() -> None:
    assert {module.partition("/")[0] for module in MODULES} == OURS == MAY_IMPORT.keys()
    assert not list(ROOT.glob("*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_upward_or_sideways(module: str) -> None:
    folder = module.partition("/")[0]
    for source, name in imports(module):
        top = source.partition(".")[0]
        assert top != "", f"{module}: relative import of {source}"
        assert top != "tests", f"{module}: {source}"
        assert top not in OURS - {folder} - MAY_IMPORT[folder], f"{module} imports {source}"
        assert name != "*", f"{module}: star import of {source}"
        assert (source, name) != ("typing", "TypedDict"), f"{module}: TypedDict comes from typing_extensions"
        assert ONE_USER.get(top, module) == module, f"{module}: {top} is for {ONE_USER.get(top)}"


@pytest.mark.parametrize("package", [package for package in PACKAGES if package not in {"prompts", "valuesim"}])
def test_a_package_imports_nothing_by_itself(package: str) -> None:
    allowed = {("os", ""), ("sys", "")} if package in STARTED else set()
    if package == "evals":
        allowed |= {("evals", "early")}  # Ctrl-C is taken before a command loads the rest
    assert set(imports(f"{package}/__init__.py")) == allowed
    assert {module for module, _ in imports("evals/early.py")} == {"os", "signal", "sys"}


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    stems = {Path(module).stem for module in MODULES}

    assert not stems & {"utils", "util", "helpers", "common", "misc"} and not {s for s in stems if s.endswith("_v2")}
