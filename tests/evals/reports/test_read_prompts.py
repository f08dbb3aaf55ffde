"""Prompts that a run does not keep, made again from its data."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from evals.harness.errors import ExperimentError
from evals.reports.read_prompts import read_prompts


def said(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_reply_of_an_answer_has_its_prompt(answered: Path) -> None:
    first = said(answered, "answers.csv")[0]
    lines = [
        line
        for line in said(answered, "answers.csv")
        if (line["respondent"], line["item"]) == (first["respondent"], "Q2") and line["prompt_hash"]
    ]
    [story] = [
        line
        for line in said(answered, "stories.csv")
        if (line["respondent"], line["fold"]) == (first["respondent"], lines[0]["fold"])
    ]

    prompts = read_prompts(str(answered), int(first["respondent"]), "Q2")

    assert prompts.keys() == {line["prompt_hash"] for line in lines} | {story["prompt_hash"]}
    assert all(lines[0]["question"] in prompts[line["prompt_hash"]] for line in lines)
    told = {line["perspective"]: prompts[line["prompt_hash"]] for line in lines if line["graph"] == "valuesim"}
    assert story["story"] in told["cognitive"] and "Facts:" in prompts[story["prompt_hash"]]
    assert story["story"].endswith(f" {len(prompts[story['prompt_hash']])}")  # the server counted it


def test_what_cannot_be_made_again_is_said_in_a_line(answered: Path, tmp_path: Path) -> None:
    respondent = int(said(answered, "answers.csv")[0]["respondent"])
    with pytest.raises(ExperimentError, match=r"^--explain 99 Q2: respondent 99 was not drawn in answered$"):
        read_prompts(answered, 99, "Q2")
    shutil.copytree(answered, copy := tmp_path / "copy")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"temperature": 0.5}))
    with pytest.raises(ExperimentError, match="call store does not hold its replies"):
        read_prompts(copy, respondent, "Q2")
