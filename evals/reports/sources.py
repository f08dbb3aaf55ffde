"""What a report is made of: the directories of runs and studies, read as they were written."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from evals.analysis.frame import METHOD
from evals.formats import CALLS, CONFIG
from evals.harness.config_file import make_experiment, read_config
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.method_names import LLM_GRAPHS
from evals.metrics import Score
from survey.codebook import Codebook
from survey.open_survey import codebook_of

ANALYSIS_TABLES = (
    "leaks",
    "standing",
    "comparisons",
    "distributions",
    "variety",
    "subgroups",
    "gaps",
)
WORDS = {*METHOD, "scope", "against", "measure", "item", "country", "by", "group", "leak"}
WORDS |= {"high_group", "low_group", "rule", "dimension", "mae_by"}
"""Columns of words; all others hold numbers."""
LATER = {
    "standing": ("mae_by", "mae_code", "mae_code_low", "mae_code_high"),
    "comparisons": ("mae_by", "by_median", "by_median_low", "by_median_high"),
    "subgroups": ("mae_by",),
    "scores": ("mae_by", "mae_code"),
}
"""Columns that the tables of earlier versions lack, by table; they are read as empty."""


@dataclass(frozen=True)
class RunDirectory:
    """One directory of `evals.run`: its settings, and how its answers came about.

    `metrics` is what `metrics.json` holds; empty for a run of a study, whose figures stand in the
    study's own files.
    """

    name: str
    folder: Path
    experiment: Experiment
    provenance: Mapping[str, Any]
    metrics: Mapping[str, Any]

    @property
    def codebook(self) -> Codebook:
        """The codebook of the survey that it asked."""
        return codebook_of(self.experiment.data)

    @property
    def calls(self) -> Path | None:
        """Its call store: the one it was given, else that of its directory or of one above it.

        None where there is no such file.
        """
        places = [self.experiment.calls] if self.experiment.calls else []
        for folder in (self.folder, *self.folder.absolute().parents[:3]):
            places.append(folder / CALLS)
        return next((path for path in places if path.is_file()), None)


@dataclass(frozen=True)
class ReportSource:
    """One directory that the command was given: a run, or a study with runs inside.

    `tables` by name, those of `evals.analysis.tables`; `scores` by method, rule and dimension.
    `failed`: calls failed in it; `partial`: why it ended early, with how many answers of how many,
    empty where it did not; `not_worked_out`: what is missing of the tables, and why; `ridges`: the
    penalties of its regressions; `warnings`: where figures are not of the same questions.
    """

    name: str
    runs: Sequence[RunDirectory]
    tables: Mapping[str, pd.DataFrame]
    scores: pd.DataFrame
    findings: Sequence[str]
    failed: bool
    partial: str
    not_worked_out: Mapping[str, str] = field(default_factory=dict)
    ridges: Sequence[float] = ()
    warnings: Sequence[str] = ()

    @property
    def codebook(self) -> Codebook:
        """The codebook of its survey; a study asks one."""
        return self.runs[0].codebook

    @property
    def asking(self) -> list[RunDirectory]:
        """The runs that ask a model."""
        return [run for run in self.runs if run.experiment.uses_model]

    @property
    def offline(self) -> bool:
        """Whether any answer came from the offline stand-in."""
        return any(run.experiment.offline for run in self.runs)

    @property
    def as_in_paper(self) -> bool:
        """Whether people, questions and protocol are the paper's, so that its figures may stand
        beside.
        """
        return bool(self.asking) and all(run.experiment.as_in_paper for run in self.asking)

    @property
    def rule(self) -> str:
        """By what rule its tables were worked out."""
        one = len(self.runs) == 1
        paper = self.runs[0].experiment.is_paper if one else self.as_in_paper
        return "paper_tables" if paper else "strict"


def read_sources(folders: Sequence[Path]) -> list[ReportSource]:
    """Read each directory; those of the same name are told apart by the directory above.

    Raises ExperimentError, one line, for one that is no finished run or study, and for runs of
    different surveys.
    """
    counts = Counter(folder.resolve().name for folder in folders)
    sources = []
    for folder in folders:
        title = folder.resolve().name
        if counts[title] > 1:
            title = f"{folder.resolve().parent.name}/{title}"
        sources.append(_source(folder, title))
    for source in sources:
        if source.codebook is not sources[0].codebook:
            raise ExperimentError(
                f"{source.name} and {sources[0].name} asked different surveys: report each alone"
            )
    return sources


def _source(folder: Path, name: str) -> ReportSource:
    """Read one directory."""
    if (folder / "study.json").is_file():
        said = _json(folder / "study.json")
        runs = _runs_of_study(folder, bool(said.get("partial")))
        scores = read_run_table(folder / "scores.csv")
    elif (folder / CONFIG).is_file():
        said = _json(folder / "metrics.json")
        runs = [_run(folder, name, said)]
        scores = pd.DataFrame(_scores(runs[0]))
    else:
        raise ExperimentError(f"{folder}: neither a run (no {CONFIG}) nor a study (no study.json)")
    if not runs:
        raise ExperimentError(f"{folder}: a study without runs inside")
    partial = _partial(said)
    return ReportSource(
        name=name,
        runs=runs,
        tables={each: read_run_table(folder / f"{each}.csv") for each in ANALYSIS_TABLES},
        scores=scores,
        findings=tuple(said.get("findings", ())),
        failed=bool(said.get("failed")) if partial else not said.get("complete"),
        partial=partial,
        not_worked_out=said.get("not_worked_out", {}),
        ridges=said.get("ridge_lambda", ()),
        warnings=said.get("warnings", ()),
    )


def _runs_of_study(folder: Path, partial: bool) -> list[RunDirectory]:
    """The runs inside a study; of a partial one those that have answers."""
    runs = []
    for inside in sorted(path.parent for path in folder.rglob(CONFIG)):
        if partial and not (inside / "predictions.csv").is_file():
            continue  # begun last: it may have no answer yet
        runs.append(_run(inside, inside.relative_to(folder).as_posix(), {}))
    return runs


def _partial(said: Mapping[str, Any]) -> str:
    """Why a run or study ended early, and how many answers it has; empty where it did not."""
    why = str(said.get("partial", ""))
    if why and "answers_of" in said:
        return f"{said['answers']:,} of {said['answers_of']:,} answers, {why}"
    return why


def _run(folder: Path, name: str, metrics: Mapping[str, Any]) -> RunDirectory:
    """Read the settings of one run."""
    experiment: Experiment = make_experiment(read_config(folder / CONFIG))
    return RunDirectory(
        name, folder, experiment, _json(folder / CONFIG).get("provenance", {}), metrics
    )


def _scores(run: RunDirectory) -> Iterator[dict[str, Any]]:
    """The scores in `metrics.json`, a line for each method, rule and dimension."""
    empty = dict.fromkeys(asdict(Score(None, None, None, None, 0, 0, 0)))
    for method, rules in run.metrics["scores"].items():
        graph, _, variant = method.partition("/")
        model = run.experiment.model_name if graph in LLM_GRAPHS else ""
        for rule, dimensions in rules.items():
            for dimension, score in dimensions.items():
                named = {"model": model, "graph": graph, "variant": variant}
                yield named | {"rule": rule, "dimension": dimension} | empty | score


@contextmanager
def _reading(path: Path, way_out: str) -> Iterator[None]:
    """Raise ExperimentError, one line, for a file that is not there or cannot be read.

    `way_out`: what to do about one that is not there.
    """
    try:
        yield
    except OSError:
        raise ExperimentError(f"{path.parent}: no {path.name}: {way_out}") from None
    except ValueError as error:
        raise ExperimentError(f"{path}: {' '.join(str(error).split())}") from None


def _json(path: Path) -> dict[str, Any]:
    """Read a JSON file of a run."""
    with _reading(path, "the run is not finished; the command that began it goes on with it"):
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read_run_table(path: Path) -> pd.DataFrame:
    """Read a csv table of a run: words as text, all else as numbers; empty cells as "" or nan.

    Raises ExperimentError, one line.
    """
    with _reading(path, "run the command that made it again; nothing is asked twice"):
        found = pd.read_csv(
            path, keep_default_na=False, na_values={}, dtype=dict.fromkeys(WORDS, str)
        )
    for name in LATER.get(path.stem, ()):
        if name not in found:
            found[name] = "" if name in WORDS else float("nan")
    for name in found.columns.difference([*WORDS, "weighted"]):
        found[name] = pd.to_numeric(found[name], errors="coerce")
    return found
