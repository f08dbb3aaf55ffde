"""Draws the rooms of the code and the imports between them: `make architecture`.

The floors come from `docs/layers.toml`, the arrows from the code's own imports; the drawing goes
into `docs/architecture.svg`. An arrow that follows from others is left out.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = ROOT / "docs" / "layers.toml"
DRAWING = ROOT / "docs" / "architecture.svg"

Floors = Sequence[Sequence[str]]
Imports = Mapping[str, set[str]]

GAP, MARGIN, TITLE = 10, 20, 34
BOX_HEIGHT, FLOOR_HEIGHT = 24, 62
CHARACTER, PADDING = 6.6, 16
"""The width of a character of a room's name, and of the space beside the name."""


def read_layers() -> tuple[Floors, Mapping[str, Floors]]:
    """Return the floors of packages, and of the rooms of each package that has any."""
    layers = tomllib.loads(LAYERS.read_text(encoding="utf-8"))
    return layers["packages"], layers["rooms"]


def imported_modules(module: Path) -> Iterator[tuple[str, str]]:
    """Yield every (module, name) that a file imports, in functions too; `import x` has name ""."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield "." * node.level + (node.module or ""), alias.name


def room_of(source: str, name: str = "") -> str:
    """Return the room inside its package that an import names; "" for the package itself."""
    parts = source.split(".")
    if len(parts) > 1:
        return parts[1]
    inside = ROOT / parts[0] / name
    return name if name and (inside.is_dir() or inside.with_suffix(".py").is_file()) else ""


def package_imports(packages: Floors) -> Imports:
    """Return the packages of ours that each package imports."""
    ours = {package for floor in packages for package in floor}
    found: dict[str, set[str]] = {package: set() for package in ours}
    for package in ours:
        for path in (ROOT / package).rglob("*.py"):
            for source, _ in imported_modules(path):
                found[package] |= {source.partition(".")[0]} & ours - {package}
    return found


def room_imports(package: str) -> Imports:
    """Return the rooms of a package that each of its rooms imports."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / package).rglob("*.py"):
        room = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        imports = found.setdefault(room, set())
        for source, name in imported_modules(path):
            if source.partition(".")[0] == package:
                imports |= {room_of(source, name)} - {room, ""}
    return found


def reduce_imports(imports: Imports) -> Imports:
    """Leave out what follows from other imports: where a imports b and b imports c, a to c."""
    reduced = {}
    for room, direct in imports.items():
        implied: set[str] = set()
        for between in direct:
            implied |= reachable(imports, between) - {between}
        reduced[room] = direct - implied
    return reduced


def reachable(imports: Imports, start: str) -> set[str]:
    """Return every room that `start` imports, itself or through others, and `start`."""
    seen, left = {start}, [start]
    while left:
        new = imports.get(left.pop(), set()) - seen
        seen |= new
        left += sorted(new)
    return seen


@dataclass(frozen=True)
class Box:
    """A room in the drawing; `x` and `y` are its upper left corner."""

    name: str
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        """The middle of the box from left to right."""
        return self.x + self.width / 2


def box_width(name: str) -> float:
    """Return the width of the box that holds this name."""
    return len(name) * CHARACTER + PADDING


def floor_width(floor: Sequence[str]) -> float:
    """Return the width of the boxes of a floor, side by side."""
    return sum(map(box_width, floor)) + GAP * (len(floor) - 1)


def place_boxes(floors: Floors, left: float, bottom: float) -> dict[str, Box]:
    """Place the rooms of a panel from its bottom up, each floor in the middle of the panel."""
    widest = max(map(floor_width, floors))
    boxes = {}
    for number, floor in enumerate(floors):
        x = left + (widest - floor_width(floor)) / 2
        y = bottom - (number + 1) * FLOOR_HEIGHT + FLOOR_HEIGHT - BOX_HEIGHT
        for name in floor:
            boxes[name] = Box(name, x, y, box_width(name))
            x += box_width(name) + GAP
    return boxes


def draw_panel(title: str, floors: Floors, imports: Imports, left: float, bottom: float) -> str:
    """Draw one panel: its title, the arrows, and the boxes above them."""
    boxes = place_boxes(floors, left, bottom)
    top = min(box.y for box in boxes.values())
    parts = [f'<text class="title" x="{left:.0f}" y="{top - 16:.0f}">{escape(title)}</text>']
    arrows = reduce_imports(imports)
    for floor in reversed(floors):
        for room in floor:
            for target in sorted(arrows.get(room, ())):
                parts.append(draw_arrow(boxes[room], boxes[target]))
    parts += map(draw_box, boxes.values())
    return "\n".join(parts)


def draw_arrow(start: Box, end: Box) -> str:
    """Draw the import of one room by another, from the upper box down to the lower one."""
    across = (end.middle - start.middle) / 6
    x1 = start.middle + max(-start.width / 3, min(start.width / 3, across))
    x2 = end.middle - max(-end.width / 3, min(end.width / 3, across))
    y1, y2 = start.y + BOX_HEIGHT, end.y - 2
    return f'<path class="arrow" d="M{x1:.1f} {y1:.1f} L{x2:.1f} {y2:.1f}"/>'


def draw_box(box: Box) -> str:
    """Draw one room."""
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{BOX_HEIGHT}"/>'
        f'<text x="{box.middle:.1f}" y="{box.y + 16:.1f}">{escape(box.name)}</text>'
    )


STYLE = """
rect { fill: #fff; stroke: #456; rx: 3 }
text { font: 11px ui-monospace, monospace; text-anchor: middle; fill: #123 }
.title { font: bold 13px sans-serif; text-anchor: start }
.arrow { stroke: #89a; stroke-width: 0.9; fill: none; marker-end: url(#head) }
"""
HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" '
    'orient="auto"><path d="M0 1 L7 4 L0 7 z" fill="#89a"/></marker></defs>'
)


def draw_architecture() -> str:
    """Return the drawing: the packages, and the rooms of each package that has any, as SVG."""
    packages, rooms = read_layers()
    panels = [("packages", packages, package_imports(packages))]
    panels += [(f"{package}/", floors, room_imports(package)) for package, floors in rooms.items()]
    height = max(len(floors) for _, floors, _ in panels) * FLOOR_HEIGHT + TITLE
    left: float = MARGIN
    parts = []
    for title, floors, imports in panels:
        parts.append(draw_panel(title, floors, imports, left, height))
        left += max(map(floor_width, floors)) + 2 * MARGIN
    size = (
        f'width="{left:.0f}" height="{height + MARGIN}" viewBox="0 0 {left:.0f} {height + MARGIN}"'
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>\n{HEAD}'
    ground = '<rect width="100%" height="100%" style="stroke: none"/>'
    return "\n".join([head, ground, *parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    DRAWING.write_text(draw_architecture(), encoding="utf-8")
    print(f"Written to {DRAWING.relative_to(ROOT)}")
