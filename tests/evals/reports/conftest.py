"""Finished runs to report on: one that a server answered, with stories and reasons of the worst kind, one offline."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evals.report import main as report_main
from evals.run import main as run_main
from tests.evals.asked import asks, template_of
from tests.evals.command import Outcome, in_process
from tests.server import Server, serving

NASTY = "<script>document.title = 'caught'</script><img src=x onerror=alert(1)> 50% of $x_1$ & \\textbf{you} \x1b[31m"
"""What no text of a model may do to a page, a table or a terminal."""
MODEL = "test-<b>$x_1$</b>"
PEOPLE = 12


def nasty(prompt: str) -> str:
    """Perspectives that agree on Q62, differ on Q2 and Q51, cannot be read on Q90, and reasons that are markup."""
    name = template_of(prompt)
    if name == "story":
        return f"You were told: {NASTY}. {len(prompt)}"
    if asks(prompt, "Q90"):
        return "I would rather not say."
    second = name == "affective" and (asks(prompt, "Q2") or asks(prompt, "Q51"))
    return f"Answer: {2 if second else 1}\nAnalysis: as {NASTY} says."


@pytest.fixture(scope="session")
def answered(wave: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that a server answered; the server is gone."""
    folder = tmp_path_factory.mktemp("answered") / "answered"
    with serving(Server(answer=nasty)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-not-to-be-seen")
        flags = ["--data", wave, "--respondents", PEOPLE, "--folds", "1,2", "--out", folder]
        flags += ["--model", f"openai:{MODEL}", "--base-url", server.url, "--embeddings", "offline"]
        assert run_main([str(flag) for flag in flags]) == 0
    return folder


@pytest.fixture(scope="session")
def offline(wave: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the offline stand-in, of valuesim alone."""
    folder = tmp_path_factory.mktemp("offline") / "offline"
    flags = ["--data", wave, "--respondents", 3, "--graph", "valuesim", "--out", folder]
    assert run_main([str(flag) for flag in flags]) == 0
    return folder


@pytest.fixture(scope="session")
def made(answered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the answered run."""
    folder = tmp_path_factory.mktemp("made") / "report"
    assert report_main([str(answered), "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """`evals.report` in this process."""

    return in_process(report_main, capsys)


class Page(HTMLParser):
    """A page as a reader has it: its tags, its text, and the cells of each table under the name of its csv."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: list[str] = []
        self._cell = False
        self._csv = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "table":
            self._csv = given["data-csv"] or ""
            self.tables[self._csv] = []
        if tag == "tr":
            self.tables[self._csv].append([])
        if tag in {"td", "th"}:
            self._cell = True
            self.tables[self._csv][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._cell = False

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._cell:
            self.tables[self._csv][-1][-1] += data

    @property
    def text(self) -> str:
        """All text on one line."""
        return re.sub(r"\s+", " ", " ".join(self.texts))
