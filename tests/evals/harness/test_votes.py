"""Several draws of one question, and what most of them say."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evals.asked import agreeing, template_of
from tests.evals.command import Outcome, of_graph
from tests.server import Server

Run = Callable[..., Outcome]


def voting(replies: list[str]) -> Callable[[str], str]:
    """Answers each question with these replies, one after the other."""
    asked: Counter[str] = Counter()

    def answer(prompt: str) -> str:
        if template_of(prompt) == "story":
            return agreeing(prompt)
        asked[prompt] += 1
        return replies[(asked[prompt] - 1) % len(replies)]

    return answer


@pytest.fixture
def voted(asking: Run, server: Server, tmp_path: Path) -> Callable[..., list[dict[str, str]]]:
    """The rows of Full Info where each question is asked as often as there are replies."""

    def voted(*replies: str, graph: str = "full_info") -> list[dict[str, str]]:
        server.answer = voting(list(replies))
        config = tmp_path / "votes.json"
        config.write_text(f'{{"votes": {len(replies)}, "temperature": 1}}')
        assert asking("--config", config, graph=graph).code == 0
        return of_graph(tmp_path / "run", graph)

    return voted


ONE, TWO, NONE = "Answer: 1\nAnalysis: a", "Answer: 2\nAnalysis: b", "who knows"


@pytest.mark.parametrize(
    ("replies", "predicted"),
    [((ONE, TWO, TWO, NONE), "2"), ((NONE, NONE, NONE, ONE), "1"), ((NONE, NONE, NONE, NONE), "")],
)
def test_most_of_the_readable_replies_decide(
    voted: Callable[..., list[dict[str, str]]], server: Server, replies: tuple[str, ...], predicted: str
) -> None:
    rows = voted(*replies)

    assert {row["predicted"] for row in rows} == {predicted}
    assert {(row["variant"], row["decided_by"]) for row in rows} == {("vote4", "direct")}
    assert {row["readable"] for row in rows} == {str(bool(predicted))}
    assert len(server.prompts) == 4 * len(set(server.prompts)) == 4 * len(rows)


def test_every_draw_is_kept_and_asked_once(
    voted: Callable[..., list[dict[str, str]]], asking: Run, server: Server, tmp_path: Path
) -> None:
    first = voted(ONE, TWO, TWO)
    (tmp_path / "run" / "ledger.sqlite").unlink()

    assert voted(ONE, TWO, TWO) == first
    assert len(server.prompts) == 3 * len(first)


def test_the_story_is_told_once_for_all_draws(voted: Callable[..., list[dict[str, str]]], server: Server) -> None:
    rows = voted(ONE, ONE, ONE, graph="valuesim")

    counts = Counter(map(template_of, server.prompts))
    assert counts["story"] == 2 and counts["cognitive"] == 3 * len(rows)
