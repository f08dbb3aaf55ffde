"""What the documents show is what the project does."""

import re
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from graph.persona.blocking import ask
from graph.settings import Settings
from tests.graph.fakes import INPUT

ROOT = Path(__file__).parent.parent
PACKAGES = ("survey", "prompts", "graph", "baselines", "evals", "valuesim")


GRAPHS = {
    "valuesim": "graph.valuesim",
    "full_info": "baselines.full_info",
    "rag": "baselines.rag",
    "open_question": "graph.open_question",
    "chat": "graph.chat",
}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_docs_hold_each_graphs_drawing(name: str) -> None:
    page = (ROOT / "docs/graphs.md").read_text(encoding="utf-8")
    shown = re.search(f"<!-- {name} -->\n```mermaid\n(.*?)```\n<!-- /{name} -->", page, re.DOTALL)

    assert shown and shown[1] == import_module(GRAPHS[name]).build().get_graph().draw_mermaid()


def test_the_ten_lines_of_a_persona_run_and_answer(capsys: pytest.CaptureFixture[str]) -> None:
    ten, _, chat = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/personas.md").read_text(encoding="utf-8"), re.DOTALL
    )

    exec(compile(ten, "personas.md", "exec"), {})
    shown = capsys.readouterr().out
    exec(compile(chat, "personas.md", "exec"), {})
    first, second, counts = capsys.readouterr().out.splitlines()
    assert re.match(r"Respondent 60: woman, 47, Brazil answers: (Save|Spend)\ncognitive (Save|Spend) ", shown)
    assert "work" in first and re.search(r"(?i)\b(yes|no)\b", second) and "'replies': 2" in counts


def test_links_between_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target, heading in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", page.read_text(encoding="utf-8")):
            led_to = page.parent / target if target else page
            assert led_to.exists(), f"{page.name}: {target}"
            assert not heading or heading in headings(led_to), f"{page.name}: {target}#{heading}"


def headings(page: Path) -> set[str]:
    """The names by which links lead to the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_baseline_of_contributing_is_a_graph_that_answers(tmp_path: Path) -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"<!-- example: (\S+) -->\n```\w+\n(.*?)```", page, re.DOTALL))
    template = tmp_path / "predict" / "no_profile.txt"
    template.parent.mkdir()
    template.write_text(shown["prompts/predict/no_profile.txt"], encoding="utf-8")
    code = shown["baselines/no_profile.py"]
    example: dict[str, Any] = {}
    exec(compile(code, "no_profile.py", "exec"), example)

    reply = ask(example["build"](), INPUT, Settings(prompts=str(tmp_path)))

    assert len(code.splitlines()) <= 30
    assert reply["code"] in {option["code"] for option in INPUT["options"]} and reply["decided_by"] == "direct"


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_prose_ends_at_120_columns(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)

    assert [line for line in prose.splitlines() if len(line) > 120 and not line.startswith(("|", "![", "<"))] == []


def test_nothing_is_said_to_be_installed_from_where_it_is_not() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    for path in [*pages, *chain.from_iterable((ROOT / package).rglob("*.py") for package in PACKAGES)]:
        text = " ".join(path.read_text(encoding="utf-8").split())
        # from a checkout, and so that the checkout stays the one that runs
        assert not re.search(r"pip install ('?valuesim|'?\.)", text), path.name
