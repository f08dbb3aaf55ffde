"""Runs on a cluster of two worker processes: the results of one process, whatever is lost on the way."""

import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from evals.cluster import connection
from evals.store import shards
from tests.evals.asked import by_template, disagreeing
from tests.evals.cluster.crew import KEY, Crew, crew
from tests.evals.command import ROOT, Outcome, calls, metrics, started
from tests.server import Server, error
from tests.waiting import SAFETY, wait_until

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
Flags = Callable[..., list[object]]
ALL = "valuesim,full_info,rag"
LIMIT = 8


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with crew(tmp_path_factory.mktemp("crew")) as found:
        yield found


@pytest.fixture
def two(standing: Crew) -> Crew:
    """Two workers, whoever was killed before."""
    standing.fill(2)
    return standing


@pytest.fixture
def flags(server: Server, wave: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flags:
    """Arguments of a run; on a cluster where one is given."""
    server.answer = disagreeing
    monkeypatch.setenv("OPENAI_API_KEY", "the-drivers-own-key")

    def flags(
        crew: Crew | None, *more: object, graph: str = "valuesim", people: int = 4, out: str = "run"
    ) -> list[object]:
        on = [] if crew is None else ["--cluster", crew.file]
        return [
            "--graph", graph, "--data", wave, "--respondents", people, "--concurrency", LIMIT, "--model", "openai:test",
            "--base-url", server.url, "--out", tmp_path / out, *on, *more,
        ]  # fmt: skip

    return flags


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The arguments of every task that is sent out."""
    seen, submit = list[bytes](), Client.submit

    def spy(client: Client, *arguments: Any, **how: Any) -> Any:
        seen.append(pickle.dumps((arguments, how)))
        return submit(client, *arguments, **how)

    monkeypatch.setattr(Client, "submit", spy)
    return seen


def written(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("predictions.csv", "answers.csv", "stories.csv")]


def as_in_one_process(run: Run, server: Server, flags: Flags, tmp_path: Path, **how: Any) -> None:
    """The result is that of one process; every prompt was paid for, and only those in flight more than once."""
    server.latency = 0.0
    twice = Counter(server.prompts)
    assert sum(twice.values()) - len(twice) <= LIMIT
    server.requests.clear()
    assert run(*flags(None, out="whole", **how)).code == 0
    assert set(twice) == set(server.prompts)
    assert written(tmp_path / "run") == written(tmp_path / "whole")
    assert calls(tmp_path / "run") == calls(tmp_path / "whole")
    assert not (tmp_path / "run" / "shards").exists()


def test_two_workers_answer_as_one_process_does(
    run: Run, server: Server, flags: Flags, two: Crew, wave: Path, tmp_path: Path, sent: list[bytes]
) -> None:
    server.latency = 0.1  # long enough for several at once
    done = run(*flags(two, graph=ALL, people=3))

    assert done.code == 0, done.err
    assert 2 < server.most <= LIMIT
    assert {headers["Authorization"] for _, headers, _ in server.requests} == {f"Bearer {KEY}"}
    assert len(sent) == 3 and not any(word in b"".join(sent) for word in (b"own-key", bytes(wave.parent)))
    as_in_one_process(run, server, flags, tmp_path, graph=ALL, people=3)


def test_a_cluster_asks_the_chosen_items_of_the_chosen_people(
    run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path
) -> None:
    chosen = ("--items", 2, "--where", "Q1=1", "--people-seed", 3)
    assert run(*flags(two, *chosen, people=3)).code == 0
    assert run(*flags(None, *chosen, people=3, out="whole")).code == 0

    assert written(tmp_path / "run") == written(tmp_path / "whole")
    assert written(tmp_path / "run")[0].count(b"valuesim,full") == 6


@pytest.mark.parametrize("tries", [3, 0], ids=["Dask tries elsewhere", "the driver sends again"])
def test_what_a_lost_worker_did_is_done_elsewhere_and_not_paid_again(
    run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path, tries: int
) -> None:
    two.tries(tries)
    server.latency = 0.05
    with started(server, 30, *flags(two)) as process:
        two.workers[0].kill()
        _, err = process.communicate(timeout=SAFETY)

    assert process.returncode == 0, err
    assert "Traceback" not in err and "distributed" not in err
    as_in_one_process(run, server, flags, tmp_path)


def test_workers_stop_when_the_driver_is_killed_and_the_same_command_goes_on(
    run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path
) -> None:
    server.latency = 0.5  # so that what goes on by itself would go on for long
    kept = tmp_path / "run" / "shards"
    with started(server, 20, *flags(two)) as process:
        wait_until(lambda: len(list(kept.glob("*.sqlite"))) == 2)
        process.kill()
        process.communicate()
    wait_until(two.idle)
    wait_until(lambda: server.now == 0)

    assert len(server.prompts) < 4 * 25
    server.latency = 0.0
    held = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert b"own-key" not in held and "own-key" not in two.said()

    assert run(*flags(two)).code == 0
    as_in_one_process(run, server, flags, tmp_path)


def test_without_a_shared_path_the_workers_hand_over_what_they_kept(
    run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "mark_folder", lambda folder, job: None)

    assert run(*flags(two, people=2)).code == 0
    as_in_one_process(run, server, flags, tmp_path, people=2)


def test_a_run_takes_up_what_another_paid_for(
    run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path
) -> None:
    assert run(*flags(None, people=2, out="first")).code == 0
    server.requests.clear()

    store = tmp_path / "first" / "calls.sqlite"
    assert run(*flags(two, "--calls", store, "--without", "cognitive", people=2)).code == 0
    assert set(by_template(server.prompts)) == {"coordinator"}


def test_a_fault_that_every_call_would_meet_stops_all_workers(
    run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path
) -> None:
    server.latency = 0.02
    server.fault = lambda path, body: error(401, "invalid_api_key") if len(server.requests) > 30 else None
    done = run(*flags(two))

    assert done.code == 2 and done.last.startswith("evals.run: stopped: the key was refused ")
    sent = len(server.requests)
    wait_until(two.idle)
    wait_until(lambda: server.now == 0)
    assert len(server.requests) == sent < 4 * 25

    server.fault = lambda path, body: None
    server.requests = server.requests[:30]
    assert run(*flags(two)).code == 0
    as_in_one_process(run, server, flags, tmp_path)


def test_a_failed_call_is_an_error_in_its_row(
    run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path
) -> None:
    server.fault = lambda path, body: error(400) if "coordinator" in body["messages"][-1]["content"] else None
    done = run(*flags(two, people=2))

    assert done.code == 3 and "incomplete" in done.out
    assert metrics(tmp_path / "run")["failed"] == {"http_400": 12}
    server.fault = lambda path, body: None
    assert run(*flags(two, "--retry-failed", people=2)).code == 0
    server.requests.clear()
    assert run(*flags(None, people=2, out="whole")).code == 0
    assert written(tmp_path / "run") == written(tmp_path / "whole")


def test_the_driver_keeps_the_budget(run: Run, server: Server, flags: Flags, two: Crew, tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("model,prompt,cached,completion\ntest,1000,1000,1000\n")
    done = run(*flags(two, "--prices", prices, "--max-cost", 50, "--yes", people=5))
    assert done.code == 2 and done.last.startswith("evals.run: stopped: --max-cost 50 may be passed: "), done.err

    spent = sum(len(prompt.split()) + len(server.answer(prompt).split()) for prompt in server.prompts) / 1000
    assert 25 < spent <= 50, spent
    assert run(*flags(two, "--prices", prices, "--max-cost", 5000, "--yes", people=5)).code == 0
    as_in_one_process(run, server, flags, tmp_path, people=5)


def test_a_cluster_that_cannot_be_used_is_told_in_one_line(
    run: Run, server: Server, flags: Flags, standing: Crew, two: Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hurry:
        hurry.setattr(connection, "PATIENCE", 0.5)
        alone = run(*flags(None, "--cluster", "tcp://127.0.0.1:9"))
    assert alone.refused().startswith("evals.run: --cluster tcp://127.0.0.1:9: no scheduler answers there in 0.5 s")
    assert "nor a file of one" in run(*flags(None, "--cluster", tmp_path / "absent.json")).refused()

    (tmp_path / "other.json").write_text("{}")
    assert "not a file that a scheduler wrote" in run(*flags(None, "--cluster", tmp_path / "other.json")).refused()
    assert "TLS needs certificates" in run(*flags(None, "--cluster", "tls://127.0.0.1:9")).refused()
    assert "--batch and --cluster do not go together" in run(*flags(two, "--batch")).refused()

    few = run(*flags(two, "--concurrency", 1)).refused()
    assert few == "evals.run: --concurrency 1 is less than one for each of 2 workers\n"
    server.key = "another"
    assert "refused the key: check OPENAI_API_KEY" in run(*flags(two)).refused()
    assert server.requests == []


def test_a_missing_package_is_told_in_one_line() -> None:
    code = "import sys; sys.modules['distributed'] = None; from evals.run import main; main(['--cluster', 'tcp://a:1'])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=SAFETY).stderr

    assert told == "evals.run: --cluster needs the package distributed: pip install -e '.[cluster]' in the checkout\n"


def test_without_workers_or_without_the_scheduler_a_run_ends_in_one_line(
    run: Run, server: Server, flags: Flags, tmp_path: Path
) -> None:
    with crew(tmp_path) as lonely:
        lonely.fill(0)
        assert "has no worker" in run(*flags(lonely)).refused()
        lonely.fill(1)
        server.replies = 20  # fewer than the first person takes
        with started(server, 21, *flags(lonely)) as process:
            lonely.scheduler.kill()
            _, err = process.communicate(timeout=SAFETY)
        server.replies = None
        wait_until(lambda: lonely.workers[0].poll() is not None)

    assert process.returncode == 2
    assert err.strip().splitlines()[-1].startswith("evals.run: stopped: the scheduler is gone; 0 of 24 answers are")
    assert run(*flags(None)).code == 0
    as_in_one_process(run, server, flags, tmp_path)
