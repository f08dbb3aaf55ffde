"""Figures of the code that hold it readable: names, lengths of functions and lines, comprehensions."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("valuesim", "survey", "prompts", "graph", "baselines", "evals")
DEFINED_OFTEN = {"main", "build", "graph"}
"""Public names that several modules may define: entry points, and the builders of graphs."""
LONGEST_LINE = 100
LONGEST_FUNCTION = 30
"""Lines that 95 of 100 functions of a package have at most."""
MOST_COMPREHENSIONS = 35
"""Comprehensions in 1,000 lines of a package, at most."""

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules(package: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules of a package, with their syntax trees."""
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def nodes(package: str, kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> Iterator[tuple[str, ast.AST]]:
    """All nodes of a kind in a package, with the places where they stand."""
    for path, tree in modules(package):
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield f"{path}:{getattr(node, 'lineno', 0)}", node


def test_no_public_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for package in PACKAGES:
        for path, tree in modules(package):
            for node in tree.body:
                if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
                    places[node.name].append(str(path))

    twice = {name: at for name, at in places.items() if len(at) > 1 and name not in DEFINED_OFTEN}
    assert not twice


@pytest.mark.parametrize("package", PACKAGES)
def test_lines_are_short(package: str) -> None:
    for path, _ in modules(package):
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            assert len(line) <= LONGEST_LINE, f"{path}:{number}"


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_short(package: str) -> None:
    lengths = []
    for place, node in nodes(package, FUNCTIONS):
        assert isinstance(node, FUNCTIONS) and node.end_lineno
        lengths.append((node.end_lineno - node.lineno + 1, place, node.name))
    lengths.sort()

    assert lengths[int(len(lengths) * 0.95)][0] <= LONGEST_FUNCTION, lengths[-len(lengths) // 20 :]


@pytest.mark.parametrize("package", PACKAGES)
def test_comprehensions_are_few(package: str) -> None:
    lines = sum(len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path, _ in modules(package))

    assert len(list(nodes(package, COMPREHENSIONS))) * 1000 / lines <= MOST_COMPREHENSIONS


@pytest.mark.parametrize("package", PACKAGES)
def test_comprehensions_hold_no_comprehension_and_no_assignment(package: str) -> None:
    dense = []
    for place, node in nodes(package, COMPREHENSIONS):
        inside = [inner for inner in ast.walk(node) if inner is not node]
        if any(isinstance(inner, (*COMPREHENSIONS, ast.NamedExpr)) for inner in inside):
            dense.append(place)

    assert not dense


def test_exceptions_end_in_error() -> None:
    classes = [node for package in PACKAGES for _, node in nodes(package, ast.ClassDef)]
    bases = {}
    for node in classes:
        assert isinstance(node, ast.ClassDef)
        bases[node.name] = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    raised = {"Exception", "BaseException", "KeyboardInterrupt", "SystemExit"}
    raised |= {name for names in bases.values() for name in names if name.endswith(("Error", "Exception"))}
    before = 0
    while before < len(raised):
        before = len(raised)
        raised |= {name for name, own in bases.items() if own & raised}

    assert {name for name in raised & bases.keys() if not name.endswith("Error")} == set()
