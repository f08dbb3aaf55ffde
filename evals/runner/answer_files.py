"""Writes what was said in a run: `answers.csv`, `answers.parquet` and `stories.csv`."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from evals.formats import ANSWERS, ANSWERS_PARQUET, CALLS, LEDGER, PART, STORIES, write_csv
from evals.harness.ledger import Ledger
from evals.harness.method_names import LLM_GRAPHS
from evals.harness.plan import Plan
from evals.runner.answer_lines import AnswerLine
from evals.runner.answers import AnswerLines, StoryLine
from evals.store.call_database import CallDatabase

GROUP = 20_000
"""Lines that are held at once, and written as one row group of the parquet file."""


def write_answers(plan: Plan, directory: Path) -> None:
    """Write what was said in a run, from its ledger and its call store; nothing is asked.

    Lines are written as they are read, so a large run needs no more memory than a small one. Raises
    sqlite3.Error where ledger or call store cannot be used.
    """
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(Ledger(directory / LEDGER)))
        calls = plan.experiment.calls or directory / CALLS
        store = stack.enter_context(closing(CallDatabase(calls)))
        made = AnswerLines(plan, store)
        lines = map(attrgetter(*_names(AnswerLine)), made.lines(ledger.rows_with_calls(LLM_GRAPHS)))
        with _parquet_copy(directory / ANSWERS_PARQUET, AnswerLine) as copy:
            write_csv(directory / ANSWERS, _names(AnswerLine), copy.passing(lines))
        if _tells_stories(plan):
            told = map(
                attrgetter(*_names(StoryLine)), made.stories(ledger.rows_with_calls(["valuesim"]))
            )
            write_csv(directory / STORIES, _names(StoryLine), told)


def _tells_stories(plan: Plan) -> bool:
    """Whether a graph of the run has a model tell stories."""
    return "valuesim" in plan.experiment.graph and "story" not in plan.experiment.without


def _names(line: type) -> list[str]:
    """The columns of a kind of lines."""
    return [field.name for field in fields(line)]


class _ParquetCopy:
    """Copies the lines that pass into a parquet file."""

    def __init__(self, path: Path, line: type) -> None:
        whole = {field.name: field.type is not str for field in fields(line)}
        types = {
            name: pyarrow.int64() if is_int else pyarrow.string() for name, is_int in whole.items()
        }
        self._schema = pyarrow.schema(types)
        self._batch = pyarrow.record_batch
        self._file = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def passing(self, lines: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Yield the lines, and write each GROUP of them."""
        group: list[tuple[Any, ...]] = []
        for line in lines:
            group.append(line)
            yield line
            if len(group) == GROUP:
                self._write(group)
                group = []
        if group:
            self._write(group)

    def _write(self, group: list[tuple[Any, ...]]) -> None:
        """Write lines as one row group."""
        columns = [list(column) for column in zip(*group, strict=True)]
        self._file.write_batch(self._batch(columns, schema=self._schema))

    def close(self) -> None:
        """End the file."""
        self._file.close()


@contextmanager
def _parquet_copy(path: Path, line: type) -> Iterator[_ParquetCopy]:
    """A parquet file of such lines that is there, whole, when the block has ended well."""
    part = path.with_name(path.name + PART)
    try:
        with closing(_ParquetCopy(part, line)) as copy:
            yield copy
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
