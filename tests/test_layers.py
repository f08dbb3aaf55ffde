"""Who may import whom, read from `docs/layers.toml` and from the code itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.draw_architecture import (
    ROOT,
    draw_architecture,
    imported_modules,
    package_imports,
    reachable,
    read_layers,
    room_imports,
    room_of,
)

PACKAGE_FLOORS, ROOM_FLOORS = read_layers()
OURS = {package for floor in PACKAGE_FLOORS for package in floor}
STARTED = {"survey", "graph", "evals"}
"""The packages with modules that `python -m` starts, which see to `sys.path` before all else."""
ONE_USER = {"langchain_community": "graph/retrieval.py"}
MODULES = sorted(path.relative_to(ROOT).as_posix() for folder in OURS for path in (ROOT / folder).rglob("*.py"))
PACKAGES = [module.removesuffix("/__init__.py") for module in MODULES if module.endswith("/__init__.py")]


def imports(module: str) -> Iterator[tuple[str, str]]:
    """Every (module, name) that a module imports, anywhere in it; the name is "" for plain imports."""
    return imported_modules(ROOT / module)


def floors_below(floors: list[list[str]], name: str) -> set[str]:
    """What stands on the floors below that of this package or room."""
    [own] = [number for number, floor in enumerate(floors) if name in floor]
    return {below for floor in floors[:own] for below in floor}


def test_all_the_folders_are_looked_at() -> None:
    assert {module.partition("/")[0] for module in MODULES} == OURS
    assert {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").is_file()} - {"tests"} == OURS
    assert not list(ROOT.glob("*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_upward_or_sideways(module: str) -> None:
    folder = module.partition("/")[0]
    for source, name in imports(module):
        top = source.partition(".")[0]
        assert top != "", f"{module}: relative import of {source}"
        assert top != "tests", f"{module}: {source}"
        assert top not in OURS - {folder} - floors_below(PACKAGE_FLOORS, folder), f"{module} imports {source}"
        assert name != "*", f"{module}: star import of {source}"
        assert (source, name) != ("typing", "TypedDict"), f"{module}: TypedDict comes from typing_extensions"
        assert ONE_USER.get(top, module) == module, f"{module}: {top} is for {ONE_USER.get(top)}"


@pytest.mark.parametrize("package", ROOM_FLOORS)
def test_every_room_stands_on_one_floor(package: str) -> None:
    rooms = [room for floor in ROOM_FLOORS[package] for room in floor]

    assert sorted(rooms) == sorted(room_imports(package))


@pytest.mark.parametrize("module", [module for module in MODULES if module.partition("/")[0] in ROOM_FLOORS])
def test_a_room_imports_only_rooms_below_it(module: str) -> None:
    package, room, *_ = module.removesuffix(".py").split("/")
    if room == "__init__":
        return
    below = floors_below(ROOM_FLOORS[package], room)
    for source, name in imports(module):
        if source.partition(".")[0] == package:
            imported = room_of(source, name)
            assert imported in below | {room}, f"{module} imports {source} {name}: not on a floor below {room}"


@pytest.mark.parametrize("package", ["", *ROOM_FLOORS])
def test_no_rooms_import_one_another_in_a_circle(package: str) -> None:
    every = room_imports(package) if package else package_imports(PACKAGE_FLOORS)
    for room, imported in every.items():
        for other in imported:
            assert room not in reachable(every, other), f"{room} and {other} import one another"


def test_the_drawing_shows_every_package_and_room() -> None:
    drawing = draw_architecture()

    assert drawing == draw_architecture()
    names = [name for floors in (PACKAGE_FLOORS, *ROOM_FLOORS.values()) for floor in floors for name in floor]
    assert all(f">{name}</text>" in drawing for name in names)


@pytest.mark.parametrize("package", [package for package in PACKAGES if package not in {"prompts", "valuesim"}])
def test_a_package_imports_nothing_by_itself(package: str) -> None:
    allowed = {("os", ""), ("sys", "")} if package in STARTED else set()
    if package == "evals":
        allowed |= {("evals", "early")}  # Ctrl-C is taken before a command loads the rest
    assert set(imports(f"{package}/__init__.py")) == allowed
    assert {module for module, _ in imports("evals/early.py")} == {"gc", "os", "signal", "sys"}


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    stems = {Path(module).stem for module in MODULES}

    assert not stems & {"utils", "util", "helpers", "common", "misc"} and not {s for s in stems if s.endswith("_v2")}
