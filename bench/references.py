"""What the references reach and cost: accuracy, MAE, seconds and memory of each, in a process of
its own.

`python bench/references.py --data FILE`; without a file, the synthetic sample. Seconds are CPU
seconds without start-up and reading, memory is the peak of the whole process. It is a benchmark,
never a test.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

READING = "reading"
EVERY = ("chance", "mode", "country_mode", "demographics", "new_topic", "ridge")
TOGETHER = EVERY[-3:]
HEADS = ("", "accuracy", "MAE", "fit CPU s", "predict CPU s", "peak MB")

Figures = dict[str, Any]


def ask(names: list[str], settings: dict[str, Any]) -> Figures:
    """Prepare and ask some references; CPU seconds of both, and scores by name."""
    from evals.harness.config_file import make_experiment
    from evals.harness.methods import references_of_experiment
    from evals.harness.plan import Plan
    from evals.harness.references import answer_by_references
    from evals.metrics import summarise
    from survey.open_survey import open_survey

    experiment = make_experiment(settings | {"graph": tuple(names) or EVERY})
    people = open_survey(experiment.data)
    plan = Plan.of(experiment, people, people.codebook)
    methods = [
        each
        for each in references_of_experiment(experiment, people.several_countries)
        if each.graph in names and each.variant == "full"
    ]
    seconds = {"fit": 0.0, "predict": 0.0}
    for fitting, _ in plan.groups() if names else ():
        started = time.process_time()
        for method in methods:
            method.prepare(fitting)
        seconds["fit"] += time.process_time() - started
    started = time.process_time()
    answers = answer_by_references(plan, methods)
    seconds["predict"] = time.process_time() - started - seconds["fit"]
    scores = {}
    for name in names:
        own = answers[answers["graph"] == name]
        scores[name] = summarise(own, plan.codebook, "strict")
    return {
        "seconds": seconds,
        "scores": {name: (score.accuracy, score.mae) for name, score in scores.items()},
    }


def measure(names: tuple[str, ...], settings: dict[str, Any]) -> Figures:
    """The figures of some references, asked in a process of their own, and its peak memory in
    MB.
    """
    command = [sys.executable, __file__, "--ask", json.dumps([names, settings])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    told = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{'+'.join(names) or READING} ended with {process.returncode}")
    return {**json.loads(told), "memory": used.ru_maxrss / 1024}


def row_of(title: str, found: Figures, names: tuple[str, ...]) -> dict[str, str]:
    """One row of the table; scores where it is about one reference."""
    from evals.render.formatting import format_figure

    accuracy, mae = found["scores"][names[0]] if len(names) == 1 else (None, None)
    seconds = [f"{found['seconds'][part]:.1f}" if names else "-" for part in ("fit", "predict")]
    cells = title, format_figure(accuracy), format_figure(mae), *seconds, f"{found['memory']:.0f}"
    return dict(zip(HEADS, cells, strict=True))


def main() -> None:
    """Print one line for each reference, one for those that share a fit, and one for reading
    alone.
    """
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, help="survey by name or file (default: synthetic)")
    parser.add_argument("--respondents", type=int, default=100)
    parser.add_argument("--folds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument(
        "--boosted", action="store_true", help="grow trees too, which takes minutes"
    )
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        return print(json.dumps(ask(*json.loads(given.ask))))

    from evals.render.console import print_table, terminal
    from evals.render.table import console_table, word_column
    from survey.survey_names import is_named

    named = given.data is None or is_named(given.data)
    data = given.data and str(given.data if named else given.data.resolve())
    settings = {"data": data, "respondents": given.respondents, "folds": given.folds}
    rows = []
    single = (*EVERY, "boosted") if given.boosted else EVERY
    for names in ((), *((name,) for name in single), TOGETHER):
        title = {(): READING, TOGETHER: "the three regressions"}.get(names, "".join(names))
        found = measure(names, settings)
        if names != ("country_mode",) or found["scores"]:  # where people are of several countries
            rows.append(row_of(title, found, names))
    source = str(given.data).partition(":")[0] if given.data else "synthetic sample"
    columns = [word_column(head, head, right=bool(head), fold=False) for head in HEADS]
    table = console_table(f"{source}, {given.respondents} respondents", rows, columns)
    print_table(terminal(), table)


if __name__ == "__main__":
    main()
