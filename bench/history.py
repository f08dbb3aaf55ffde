"""Figures of earlier benches, kept in `bench/results.csv`, and shown beside those of today."""

import csv
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).with_name("results.csv")
COLUMNS = ("date", "commit", "machine", "load", "setting", "figure", "value")
UNKNOWN = "unknown"

Row = dict[str, str]


def machine_name() -> str:
    """The machine in words: processor, cores, Python."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = " ".join(line.partition(":")[2].split())
                break
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}"


def commit_name() -> str:
    """The commit of the code that is measured, with a plus where files differ from it."""

    def ask(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = ask("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench")
        return ask("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN


def read_results(path: Path = RESULTS) -> list[Row]:
    """All figures kept so far, oldest first; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class History:
    """Shows each figure beside the last one of other code on this machine, and keeps it."""

    def __init__(self, path: Path = RESULTS, machine: str = "", commit: str = "") -> None:
        self._path = path
        self._machine, self._commit = machine or machine_name(), commit or commit_name()
        self._former: dict[tuple[str, str], Row] = {}
        for row in read_results(path):
            if row["machine"] == self._machine and row["commit"] != self._commit:
                self._former[row["setting"], row["figure"]] = row

    def show(self, setting: str, figures: Mapping[str, float]) -> None:
        """Print the figures of one setting, with former ones and ratios, and keep them."""
        print(f"\n{setting}")
        print(f"  {'':34} {'today':>10} {'before':>10} {'ratio':>7}")
        for figure, value in figures.items():
            print(self._line(setting, figure, value), flush=True)
        self._keep(setting, figures)

    def _line(self, setting: str, figure: str, value: float) -> str:
        """One figure, beside the former one."""
        line = f"  {figure:34} {value:10,.2f}"
        former = self._former.get((setting, figure))
        if former is None:
            return f"{line} {'-':>10} {'-':>7}"
        before = float(former["value"])
        ratio = f"{value / before:.2f}" if before else "-"
        return f"{line} {before:10,.2f} {ratio:>7}  ({former['commit']}, {former['date']})"

    def _keep(self, setting: str, figures: Mapping[str, float]) -> None:
        """Add the figures to the file."""
        is_new = not self._path.is_file()
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        with self._path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            if is_new:
                writer.writerow(COLUMNS)
            for figure, value in figures.items():
                known = today, self._commit, self._machine, f"{load:.1f}"
                writer.writerow([*known, setting, figure, f"{value:.4g}"])
