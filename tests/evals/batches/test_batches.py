"""Runs through files and batches on loopback: what is submitted, how often, and what happens to what fails."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import evals.batches.runner
from evals.batches.outbox import Outbox
from evals.store.cached_chat import CachedChatModel
from evals.store.call_store import CallStore
from evals.store.refusals import PROBE_PROMPT
from graph.llm.errors import PendingReplyError
from graph.llm.factory import chat_model
from graph.settings import Settings
from graph.valuesim import build
from tests.batch_server import BatchServer
from tests.evals.asked import agreeing, by_template, disagreeing, template_of
from tests.evals.command import ROOT, Outcome, calls, metrics, of_graph
from tests.graph.fakes import INPUT
from tests.server import Server, error, serving
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
ALL = "valuesim,full_info,rag"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, and no certificates, which loopback needs none of and which take a fifth of a second a run."""
    monkeypatch.setattr(evals.batches.runner, "PAUSE", 0.002)
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **__: None)


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with serving(BatchServer(answer=disagreeing)) as server:
        assert isinstance(server, BatchServer)
        yield server


@pytest.fixture
def asking(small: Run, server: BatchServer) -> Run:
    """`evals.run` on two people of the wave, with the server's model."""

    def asking(*arguments: object, graph: str = "full_info", out: str = "run") -> Outcome:
        return small("--model", "openai:test", "--base-url", server.url, *arguments, graph=graph, out=out)

    return asking


@pytest.fixture
def batching(asking: Run) -> Run:
    """As `asking`, in batches."""

    def batching(*arguments: object, **named: str) -> Outcome:
        return asking("--batch", *arguments, **named)

    return batching


def errors(folder: Path, graph: str = "full_info") -> dict[str, int]:
    """How many rows have which error, the empty one included."""
    return dict(Counter(row["error"] for row in of_graph(folder, graph)))


def nobody_was_asked_directly(server: BatchServer) -> bool:
    return server.prompts == []


def test_batches_give_what_the_same_questions_give_directly(asking: Run, server: BatchServer, tmp_path: Path) -> None:
    asking(graph=ALL, out="direct")
    direct = {body["messages"][0]["content"]: body for path, _, body in server.requests if "chat" in path}
    server.requests.clear()
    assert asking("--batch", graph=ALL, out="batch").code == 0

    assert nobody_was_asked_directly(server)
    assert [by_template(server.batched(place)) for place in range(len(server.inputs))] == [
        {"story": 2, "full_info": 12, "rag": 12},
        {"cognitive": 12, "affective": 12, "behavioral": 12},
        {"coordinator": 12},
    ]
    assert len(set(server.batched())) == len(server.batched())
    assert {line["body"]["messages"][0]["content"]: line["body"] for lines in server.inputs for line in lines} == direct
    for name in ("predictions.csv", "answers.csv", "stories.csv"):
        assert (tmp_path / "direct" / name).read_bytes() == (tmp_path / "batch" / name).read_bytes()
    assert metrics(tmp_path / "batch") == metrics(tmp_path / "direct")
    assert calls(tmp_path / "batch") == by_template(server.batched())


def test_a_graph_without_replies_defers_every_perspective(tmp_path: Path) -> None:
    class Deferred:
        prompts: list[str] = []  # noqa: RUF012

        def put(self, key: str, template: str, body: Mapping[str, Any]) -> None:
            self.prompts.append(template)

    async def ask() -> None:
        store = CallStore(tmp_path / "calls.sqlite")
        store.deferred = Deferred()
        chat = CachedChatModel(inner=chat_model("openai:test", "http://localhost:9/v1"), store=store, identity={})
        with pytest.raises(PendingReplyError):
            await build().ainvoke({**INPUT, "backstory": "You were born."}, context=Settings(chat=chat))
        store.close()

    asyncio.run(ask())

    assert sorted(Deferred.prompts) == ["predict/affective", "predict/behavioral", "predict/cognitive"]


def test_each_change_is_told_in_a_line_and_a_second_run_has_none(batching: Run, server: BatchServer) -> None:
    first = batching()
    again = batching()

    assert [line for line in first.err.splitlines() if line.startswith("batch_")] == [
        "batch_0: submitted 12 requests; after Ctrl-C the same command goes on with them",
        "batch_0: in_progress, 0 of 12 done",
        "batch_0: finalizing, 0 of 12 done",
        "batch_0: completed, 12 of 12 done",
    ]
    assert (again.code, again.out) == (0, first.out)
    assert "batch_" not in again.err and len(server.inputs) == 1


def test_a_reply_may_hold_any_character(batching: Run, server: BatchServer, tmp_path: Path) -> None:
    server.answer = lambda prompt: "Answer: 1\u2028\nAnalysis: \x85 \U0001f600 \r ü"

    assert batching().code == 0
    assert errors(tmp_path / "run") == {"": 12}


def test_a_batch_has_a_largest_size(batching: Run, server: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evals.batches.runner, "REQUESTS", 5)
    assert batching().code == 0
    assert [len(lines) for lines in server.inputs] == [5, 5, 2]

    size = sum(made["bytes"] for made, _ in server.files.values() if made["purpose"] == "batch")
    monkeypatch.setattr(evals.batches.runner, "REQUESTS", 12)
    monkeypatch.setattr(evals.batches.runner, "SIZE", int(size / 12 * 5.9))
    assert batching(out="other").code == 0
    assert [len(lines) for lines in server.inputs[3:]] == [5, 5, 2]


def test_killed_while_it_waits(batching: Run, server: BatchServer, wave: Path, tmp_path: Path) -> None:
    server.held = True
    flags = ("--graph", "full_info", "--data", wave, "--respondents", 2, "--out", tmp_path / "run", "--batch")
    process = subprocess.Popen(
        [sys.executable, "-m", "evals.run", *map(str, flags), "--model", "openai:test", "--base-url", server.url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        wait_until(lambda: server.looks > 0 or process.poll() is not None)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    server.held = False

    assert batching().code == 0
    assert (len(server.inputs), len(server.batched())) == (1, 12)
    assert errors(tmp_path / "run") == {"": 12}


def test_left_while_it_waits(batching: Run, server: BatchServer, tmp_path: Path) -> None:
    def leave(path: str, body: dict[str, Any]) -> None:
        if path == "/v1/batches/batch_0":
            os.kill(os.getpid(), signal.SIGINT)

    server.fault = leave
    left = batching()
    server.fault = lambda path, body: None

    assert (left.code, left.out) == (130, "") and "the same command goes on" in left.last
    assert batching().code == 0
    assert (len(server.inputs), len(server.batched())) == (1, 12)
    assert errors(tmp_path / "run") == {"": 12}


def test_faults_of_files_and_batches_pass(batching: Run, server: BatchServer, tmp_path: Path) -> None:
    faults = {"/v1/batches": 1, "/v1/batches/batch_0": 1}

    def fault(path: str, body: dict[str, Any]) -> web.Response | None:
        faults[path] = faults.get(path, 0) - 1
        return None if faults[path] < 0 else error(503)

    server.fault = fault
    assert batching().code == 0

    assert (len(server.inputs), errors(tmp_path / "run")) == (1, {"": 12})


@pytest.mark.parametrize("step", ["note_upload", "note_submission"])
def test_killed_between_a_request_and_the_note_of_it(
    batching: Run, server: BatchServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Outbox, step, killed)
        assert batching().code == 130
    assert batching().code == 0

    assert len(server.inputs) == 1


def test_what_was_not_submitted_is_asked_once(batching: Run, asking: Run, server: BatchServer) -> None:
    server.fault = lambda path, body: error(403) if path == "/v1/batches" else None
    stopped = batching()
    server.fault = lambda path, body: None

    assert stopped.code == 2 and "access was refused" in stopped.last
    assert batching().code == 0
    assert (len(server.inputs), nobody_was_asked_directly(server)) == (1, True)


def test_what_was_not_even_uploaded_may_be_asked_directly(
    batching: Run, asking: Run, server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "write_batch", lambda *_: _leave())
        assert batching().code == 130
    assert asking().code == 0 and len(server.prompts) == 12
    assert batching().code == 0

    assert server.inputs == []


def test_without_batch_a_run_whose_batches_are_out_is_refused(
    batching: Run, asking: Run, server: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(evals.batches.runner.BatchRunner, "_tell", lambda *_: _leave())
        assert batching().code == 130
    told = asking()

    assert told.code == 2 and "batches under way there: 1" in told.last
    assert nobody_was_asked_directly(server)
    assert batching().code == 0
    assert asking().code == 0 and nobody_was_asked_directly(server)


def _leave() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("status", "tries", "kind"),
    [
        (lambda prompt, before: 500 if before < 2 else 200, 3, ""),
        (lambda prompt, before: 500, 3, "http_500"),
        (lambda prompt, before: "", 3, "batch_error"),
        (lambda prompt, before: 400, 1, "http_400"),
    ],
    ids=["passing", "lasting", "silent", "refused"],
)
def test_a_line_that_fails_is_asked_again_and_then_an_error(
    batching: Run, server: BatchServer, tmp_path: Path, status: Callable[[str, int], int | str], tries: int, kind: str
) -> None:
    one: list[str] = []

    def of_one(prompt: str, before: int) -> int | str:
        one[:] = one or [prompt]
        return status(prompt, before) if prompt == one[0] else 200

    server.status = of_one
    done = batching()

    assert done.code == (3 if kind else 0)
    assert [len(lines) for lines in server.inputs] == [12] + [1] * (tries - 1)
    assert errors(tmp_path / "run") == ({"": 11, kind: 1} if kind else {"": 12})
    server.status = lambda prompt, before: 200
    assert batching("--retry-failed").code == 0
    assert errors(tmp_path / "run") == {"": 12}
    assert len(server.inputs) == tries + bool(kind)


BAD_LINES = {
    "cut": lambda line: line[: len(line) // 2],
    "html": lambda line: b"<html><body>502</body></html>",
    "a list": lambda line: b"[1, 2]",
    "null": lambda line: b"null",
    "no id": lambda line: line.replace(b'"custom_id"', b'"custom"'),
    "no text": lambda line: b"\xff\xfe" + line,
    "no response": lambda line: line.replace(b'"response"', b'"answer"'),
    "response of text": lambda line: re.sub(rb'"response": .*', b'"response": "none"}', line),
    "no choices": lambda line: re.sub(rb'"choices": \[.*\], "usage"', b'"choices": [], "usage"', line),
    "an error": lambda line: line.replace(b'"choices"', b'"error": {"message": "busy", "code": 503}, "c"'),
    "broken off": lambda line: line.replace(b'"finish_reason": "stop"', b'"finish_reason": "error"'),
}


@pytest.mark.parametrize("kind", BAD_LINES)
def test_a_bad_line_is_asked_again_and_the_good_ones_are_used(
    batching: Run, server: BatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def spoil(content: bytes, purpose: str, name: str) -> Any:
        if name == "output.jsonl" and len(server.inputs) == 1:
            *good, last = content.splitlines()
            content = b"\n".join([*good, BAD_LINES[kind](last)])
        return store(content, purpose, name)

    store = server._store
    monkeypatch.setattr(server, "_store", spoil)
    done = batching()

    assert done.code == 0 and "Traceback" not in done.err
    assert [len(lines) for lines in server.inputs] == [12, 1]
    assert errors(tmp_path / "run") == {"": 12}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"says", rb"\\ud83d"),
        (rb'"prompt_tokens": \d+', rb'"prompt_tokens": "12"'),
        (rb'"prompt_tokens": \d+', rb'"prompt_tokens": NaN'),
        (rb'"usage": {[^}]*}', rb'"usage": []'),
        (rb'"model": "[^"]*"', rb'"model": {"name": "test"}'),
    ],
    ids=["half a character", "tokens of text", "no number of tokens", "usage a list", "model an object"],
)
def test_odd_words_in_a_line_cost_no_reply(
    batching: Run, server: BatchServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes
) -> None:
    def spoil(content: bytes, purpose: str, name: str) -> Any:
        found = re.sub(old, new, content) if name == "output.jsonl" else content
        return store(found, purpose, name)

    store = server._store
    monkeypatch.setattr(server, "_store", spoil)

    assert batching().code == 0
    assert [len(lines) for lines in server.inputs] == [12]
    assert errors(tmp_path / "run") == {"": 12}


def test_an_account_that_is_empty_stops_and_the_same_command_goes_on(batching: Run, server: BatchServer) -> None:
    server.status = lambda prompt, before: 402 if len(server.asked) > 5 else 200
    done = batching()

    assert done.code == 2 and "http_402: status 402" in done.last
    server.status = lambda prompt, before: 200
    assert batching().code == 0
    assert len(server.batched()) < 24


def test_a_batch_of_refusals_alone_is_rows_where_a_tiny_prompt_passes(
    batching: Run, server: BatchServer, tmp_path: Path
) -> None:
    server.status = lambda prompt, before: 403
    server.answer = lambda prompt: "OK" if prompt == PROBE_PROMPT else disagreeing(prompt)

    assert batching().code == 3
    assert errors(tmp_path / "run") == {"http_403": 12}
    assert server.prompts == [PROBE_PROMPT]


def test_a_story_that_fails_costs_its_own_person_only(batching: Run, server: BatchServer, tmp_path: Path) -> None:
    first: list[str] = []

    def failing(prompt: str, before: int) -> int:
        if template_of(prompt) == "story":
            first[:] = first or [prompt]
        return 500 if prompt in first else 200

    server.status, server.answer = failing, agreeing
    assert batching(graph="valuesim").code == 3

    assert errors(tmp_path / "run", "valuesim") == {"": 6, "http_500": 6}
    assert by_template(server.batched()) == {"story": 4, "cognitive": 6, "affective": 6, "behavioral": 6}


def test_a_story_that_was_cut_off_is_no_story(batching: Run, server: BatchServer, tmp_path: Path) -> None:
    server.finish_reason = "length"
    assert batching(graph="valuesim").code == 3

    assert errors(tmp_path / "run", "valuesim") == {"cut_off": 12}
    assert by_template(server.batched()) == {"story": 2}
    server.finish_reason = "stop"
    assert batching("--retry-failed", graph="valuesim").code == 0


def test_a_first_batch_of_refusals_ends_the_run(batching: Run, server: BatchServer) -> None:
    server.status = lambda prompt, before: 400
    server.fault = lambda path, body: error(400) if path.endswith("/chat/completions") else None
    done = batching()

    assert done.code == 2 and "http_400: status 400" in done.last
    assert len(server.inputs) == 1
    server.status, server.fault = (lambda prompt, before: 200), (lambda path, body: None)
    assert batching().code == 0
    assert len(server.batched()) == 24


@pytest.mark.parametrize(("ended", "kept"), [("cancelled", 4), ("failed", 0)])
def test_what_a_batch_did_not_ask_is_submitted_once_more(
    batching: Run, server: BatchServer, tmp_path: Path, ended: str, kept: int
) -> None:
    server.served = 4
    server.ends = lambda place: ended if place == 0 else "completed"
    assert batching().code == 0

    assert [len(lines) for lines in server.inputs] == [12, 12 - kept]
    assert errors(tmp_path / "run") == {"": 12}


@pytest.mark.parametrize("ended", ["expired", "failed"])
def test_what_is_not_asked_twice_ends_the_run(batching: Run, server: BatchServer, tmp_path: Path, ended: str) -> None:
    server.served = 4
    server.ends = lambda place: ended if place < 2 else "completed"
    done = batching()

    assert done.code == 2 and f"batch_1 {ended}" in done.last and "for the second time" in done.last
    assert "no_luck" in done.last or ended != "failed"
    assert len(server.inputs) == 2
    assert batching().code == 0
    assert [len(lines) for lines in server.inputs] == ([12, 12, 12] if ended == "failed" else [12, 8, 4])


def test_a_full_queue_is_waited_for(
    batching: Run, server: BatchServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(evals.batches.runner, "REQUESTS", 4)
    server.queue = 9
    assert batching("--respondents", 3).code == 0

    assert errors(tmp_path / "run") == {"": 18}
    assert Counter(batch["status"] for batch in server.batches.values())["completed"] == 5
    assert len(server.asked) == 18 == server.asked.total()


def test_a_batch_larger_than_the_queue_is_made_smaller(batching: Run, server: BatchServer, tmp_path: Path) -> None:
    server.queue = 4
    assert batching().code == 0

    assert errors(tmp_path / "run") == {"": 12}
    assert len(server.asked) == 12 == server.asked.total()


@pytest.mark.parametrize("enough", [True, False])
def test_no_more_is_submitted_than_may_be_spent(
    batching: Run, server: BatchServer, tmp_path: Path, enough: bool
) -> None:
    (tmp_path / "prices.csv").write_text("model,prompt,cached,completion\ntest,2,2,2\n")
    assert batching("--prices", tmp_path / "prices.csv", out="free").code == 0
    spent = metrics(tmp_path / "free")["money"]
    limit = spent * (3 if enough else 0.75)
    done = batching("--prices", tmp_path / "prices.csv", "--max-cost", limit)

    assert len(set(server.batched())) <= 12 and len(server.inputs) > 2
    if enough:
        assert (done.code, errors(tmp_path / "run"), metrics(tmp_path / "run")["money"]) == (0, {"": 12}, spent)
    else:
        assert done.code == 2 and "--max-cost may be passed" in done.last


@pytest.mark.parametrize("model", ["offline", "ollama:test", "vllm:test", "anthropic:test"])
def test_other_models_are_refused(small: Run, tmp_path: Path, model: str) -> None:
    told = small("--batch", "--model", model).refused()

    assert "--batch" in told and model in told
    assert not (tmp_path / "run").exists()


def test_a_server_without_batches_is_told_in_a_line(small: Run) -> None:
    with serving(Server()) as plain:
        told = small("--batch", "--model", "openai:test", "--base-url", plain.url)

    assert told.code == 2 and "no Batch API" in told.last


def test_a_reply_with_all_tokens_that_were_allowed_was_cut_in_a_batch_too(
    batching: Run, server: BatchServer, tmp_path: Path
) -> None:
    server.answer, server.tokens, server.fills = (lambda prompt: "Answer: 1"), (lambda text: 40), True
    assert batching("--max-tokens", 40, graph="full_info").code == 0

    assert nobody_was_asked_directly(server)
    assert metrics(tmp_path / "run")["unread"] == {"full_info/full": {"cut_off": 12}}
