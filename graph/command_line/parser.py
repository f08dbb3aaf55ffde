"""The parser of every command: a wrong flag is one line on standard error and exit code 2."""

import argparse
import sys
from textwrap import fill
from typing import Any, NoReturn

from survey.console import print_anything


class HelpFormatter(argparse.HelpFormatter):
    """Wraps paragraphs, and leaves indented lines, such as examples, as they stand."""

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, max_help_position=26, **more)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            line if line.startswith(" ") else fill(line, width) for line in text.splitlines()
        )


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and ends with code 2; its flags are never abbreviated."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        more.setdefault("formatter_class", HelpFormatter)
        more.setdefault("allow_abbrev", False)
        super().__init__(*arguments, **more)
        print_anything()

    def error(self, message: str) -> NoReturn:
        """Print one line on standard error and exit with code 2."""
        raise SystemExit(refuse(self.prog, message))


def refuse(name: str, problem: str, code: int = 2) -> int:
    """Say in one line on standard error why nothing more is done, and return the exit code."""
    sys.stderr.write(f"{name}: {' '.join(problem.split())}\n")
    return code
