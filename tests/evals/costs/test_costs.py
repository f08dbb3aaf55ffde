"""Prices, estimates before a run, the limit during it, and the account after it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evals.costs.estimate import CACHED_BY, REPLY, CostEstimate
from evals.costs.prices import NOTHING, Tokens, quote_for, tariff_of
from evals.costs.spending import CostLine, money_range
from evals.costs.stored_calls import StoredCalls, done_keys
from evals.harness.config_file import make_experiment
from evals.harness.errors import ExperimentError
from evals.harness.method_names import LLM_GRAPHS
from evals.harness.plan import Plan
from evals.store.budget import FREE, Price
from evals.store.refusals import PROBE_PROMPT
from prompts import template, template_names
from survey.codebook import wvs7
from survey.respondents import read_survey
from tests.evals.command import Outcome, metrics
from tests.server import Fault, Server, error, serving

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
ALL = "valuesim,full_info,rag"
HEADER = "model,prompt,cached,completion"
CLOSED = "http://127.0.0.1:9/v1"


PARTS = {
    name.removeprefix("predict/"): [part for part in template(name).split("\n\n") if "{" not in part]
    for name in template_names("predict")
    if name != "predict/answer_format"
}


def node_of(prompt: str) -> str:
    """The node that asked, in whatever order its template's paragraphs stand."""
    found = {name: len("".join(parts)) for name, parts in PARTS.items() if all(part in prompt for part in parts)}
    return max(found, key=lambda name: found[name]).removesuffix("_published")


def as_assumed(prompt: str) -> str:
    """A story as long as its facts, and 80 tokens an answer; the affective perspective differs from the others."""
    if prompt == PROBE_PROMPT:
        return "OK"
    node = node_of(prompt)
    if node == "story":
        return next(part for part in prompt.split("\n\n") if part.startswith("Facts:\n"))
    mark = sha256(prompt.encode()).hexdigest()
    return f"Answer: {2 if node == 'affective' else 1}\nAnalysis: {'because ' * 30}{mark}"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server(answer=as_assumed, tokens=lambda text: len(text) // 4)) as server:
        yield server


@pytest.fixture
def asking(small: Run, server: Server) -> Run:
    """`evals.run` on two people of the wave, asking a priced model of the server."""

    def asking(*arguments: object, graph: str = "valuesim", out: str = "run", model: str = "gpt-4o-mini") -> Outcome:
        return small("--model", f"openai:{model}", "--base-url", server.url, *arguments, graph=graph, out=out)

    return asking


def table(folder: Path, *lines: str) -> Path:
    """A table of prices of one's own."""
    path = folder / "prices.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return path


def paid(server: Server, price: Price) -> float:
    """What the server would bill for all that it was asked to write."""
    bill = 0.0
    for path, _, body in server.requests:
        if path.endswith("/chat/completions"):
            prompt = body["messages"][-1]["content"]
            bill += price.of(len(prompt) // 4, 0, server.written(body, server.answer(prompt)))
    return bill


# Prices


def known_price(model: str, file: Path | None = None) -> Price | None:
    """The price of a model; None where it is not known."""
    quote = quote_for(model, file)
    return None if quote is None else quote.price


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("openai:gpt-4o-mini", Price(0.15, 0.075, 0.6)),
        ("gpt-4o-mini", Price(0.15, 0.075, 0.6)),
        ("openai:gpt-3.5-turbo", Price(0.5, 0.5, 1.5)),
        ("openai:text-embedding-ada-002", Price(0.1, 0.1, 0)),
        ("ollama:llama3.1:8b", FREE),
        ("vllm:gpt-4o-mini", FREE),
        ("offline", FREE),
        ("openai:another", None),
    ],
)
def test_the_price_of_a_model(model: str, price: Price | None) -> None:
    assert known_price(model) == price


def test_a_table_of_ones_own_goes_first_and_the_shipped_one_stays(tmp_path: Path) -> None:
    own = table(
        tmp_path, "# mine", "gpt-4o-mini,1,,2", "", "ollama:llama3.1:8b,3,2,1", "deepseek:x,5,4,6", "gpt-4.1,9,9,9"
    )

    assert known_price("openai:gpt-4o-mini", own) == Price(1, 1, 2)
    assert known_price("ollama:llama3.1:8b", own) == Price(3, 2, 1)
    assert known_price("deepseek:x", own) == Price(5, 4, 6)
    assert known_price("vllm:gpt-4.1", own) == Price(9, 9, 9)
    assert known_price("openai:gpt-4o", own) == known_price("openai:gpt-4o") == Price(2.5, 1.25, 10)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEADER}\ngpt,1,1\n", "line 2: 3 cells for 4 columns"),
        (f"{HEADER}\n# note\n\ngpt,1,1,free\n", "line 4: completion 'free' is no price"),
        (f"{HEADER}\ngpt,-1,1,1\n", "line 2: prompt '-1' is no price"),
        (f"{HEADER}\ngpt,nan,1,1\n", "line 2: prompt 'nan' is no price"),
        (f"{HEADER}\n,1,1,1\n", "line 2: no model"),
        (f"{HEADER}\ngpt,1,1,1\ngpt,1,1,1\n", "line 3: gpt stands there twice"),
        ("model,price\ngpt,1\n", "line 1: columns model,price: wanted are model,prompt,cached,completion"),
        ("", "line 1: no columns"),
        (None, "No such file"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_one_line(
    asking: Run, server: Server, tmp_path: Path, text: str | None, told: str
) -> None:
    path = tmp_path / "own.csv"
    if text is not None:
        path.write_text(text)

    for also in ((), ("--dry-run",)):
        line = asking("--prices", path, *also).refused()
        assert str(path) in line and told in line
    assert not server.requests and not (tmp_path / "run").exists()


def test_a_table_that_is_no_text_is_refused_in_one_line(asking: Run, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_bytes(b"\xff\xfe\x00model")

    assert "own.csv" in asking("--prices", tmp_path / "own.csv").refused()


def test_a_batch_costs_half() -> None:
    prices = tariff_of(make_experiment({"graph": ("full_info",), "model": "openai:gpt-4o-mini", "batch": True}))

    assert prices.chat is not None and prices.chat.price == Price(0.075, 0.0375, 0.3)
    assert prices.embeddings == NOTHING


def test_money_by_hand() -> None:
    prices = tariff_of(make_experiment({"graph": ("full_info", "rag"), "model": "openai:gpt-4o-mini"}))
    one, two = Tokens(10, 2_000_000, 1_000_000, 500_000), Tokens(20, 4_000_000, 1_000_000, 1_000_000)
    texts = Tokens(7, 3_000_000)

    first = 0.15 + 0.075 + 0.3
    assert money_range([CostLine("full_info", "full_info", one, two)], prices) == pytest.approx(
        (first, 0.45 + 0.075 + 0.6)
    )
    embedded = CostLine("rag", "embeddings", texts, texts)
    assert money_range([embedded], prices) == pytest.approx((0.3, 0.3))
    without_chat = tariff_of(make_experiment({"graph": ("rag",), "model": "openai:another"}))
    assert money_range([CostLine("rag", "rag", one, two), embedded], without_chat) is None
    without_texts = tariff_of(
        make_experiment({"graph": ("rag",), "model": "openai:gpt-4o-mini", "embeddings": "openai:another"})
    )
    assert money_range([CostLine("rag", "rag", one, one), embedded], without_texts) == pytest.approx((first, first))


# Estimates


def estimate(server: Server, wave: Path, out: Path, **given: Any) -> CostEstimate:
    """The estimate of what `asking` would do."""
    settings = {"graph": LLM_GRAPHS, "model": "openai:gpt-4o-mini", "base_url": server.url, "respondents": 2} | given
    experiment = make_experiment(settings)
    plan = Plan.of(experiment, read_survey(wave, wvs7()), wvs7())
    with StoredCalls(experiment.calls or out / "calls.sqlite", experiment) as kept:
        return CostEstimate(plan, done_keys(out / "ledger.sqlite", experiment.retry_failed), kept)


def sent(server: Server) -> dict[str, list[int]]:
    """Tokens of the prompts that were sent, by node."""
    found: dict[str, list[int]] = {}
    for prompt in server.prompts:
        found.setdefault(node_of(prompt), []).append(len(prompt) // 4)
    return found


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"order": "cacheable", "folds": (1, 2), "respondents": 1},
        {"protocol": "published", "without": ("cab",), "respondents": 1, "profile_size": 40},
        {"without": ("story",), "graph": ("valuesim",)},
        {"without": ("cab",), "graph": ("valuesim",)},
        {"without": ("cognitive", "affective"), "graph": ("valuesim",)},
        {"integrate": "always", "graph": ("valuesim",)},
        {"integrate": "average", "graph": ("valuesim",)},
        {"profile_size": 0, "respondents": 3},
        {"profile_size": 9, "top_k": 5, "graph": ("rag",)},
    ],
    ids=lambda given: "-".join(given) or "default",
)
def test_the_calls_of_a_run_are_as_estimated(
    asking: Run, server: Server, wave: Path, tmp_path: Path, given: dict[str, Any]
) -> None:
    expected = {line.node: line for line in estimate(server, wave, tmp_path / "run", **given).lines}
    flags = [
        word
        for name, value in given.items()
        if name != "graph"
        for word in (f"--{name.replace('_', '-')}", ",".join(map(str, value)) if isinstance(value, tuple) else value)
    ]
    assert asking(*flags, graph=",".join(given.get("graph", LLM_GRAPHS))).code == 0

    texts = expected.pop("embeddings", None)
    assert (texts.low.calls if texts else 0) == len(server.embedded)
    made = sent(server)
    assert set(made) <= set(expected)
    for node, line in expected.items():
        asked = made.get(node, [])
        assert line.low.calls <= len(asked) <= line.high.calls, node
        if asked:
            told = line.high.prompt * len(asked) / line.high.calls
            assert told == pytest.approx(sum(asked), rel=0.25), node


def test_the_coordinator_speaks_on_none_to_all_questions(server: Server, wave: Path, tmp_path: Path) -> None:
    lines = {line.node: line for line in estimate(server, wave, tmp_path / "run", graph=("valuesim",)).lines}

    assert (lines["coordinator"].low.calls, lines["coordinator"].high.calls) == (0, 12)
    assert [lines[lens].high.calls for lens in ("cognitive", "affective", "behavioral")] == [12, 12, 12]
    assert lines["cognitive"].low.completion == 12 * REPLY


@pytest.mark.parametrize(("order", "cached"), [("paper", False), ("cacheable", True), ("question_last", True)])
def test_what_prompts_to_one_person_begin_with_is_cached_by_the_first(
    asking: Run, server: Server, wave: Path, tmp_path: Path, order: str, cached: bool
) -> None:
    """The profile goes after the question in the paper's order of Full Info, and before it in the other."""
    [line] = estimate(server, wave, tmp_path / "run", graph=("full_info",), respondents=1, order=order).lines
    assert asking("--respondents", 1, "--order", order, graph="full_info").code == 0

    letters = zip(*server.prompts, strict=False)
    shared = next(place for place, found in enumerate(letters) if len(set(found)) > 1)
    assert line.low.cached == (5 * (shared // 4 // CACHED_BY * CACHED_BY) if cached else 0)


def test_short_beginnings_are_not_cached(server: Server, wave: Path, tmp_path: Path) -> None:
    lines = estimate(server, wave, tmp_path / "run", order="cacheable", profile_size=5).lines

    assert lines and not any(line.high.cached for line in lines)


def test_a_dry_run_sends_nothing_and_writes_nothing(small: Run, tmp_path: Path) -> None:
    """Where nobody listens, and without a key."""
    done = small("--model", "openai:gpt-4o-mini", "--base-url", CLOSED, "--dry-run", graph=ALL)
    assert done.code == 0
    assert "ESTIMATE" in done.out and "US$" in done.out and "Time: about" in done.out and "as of 20" in done.out
    assert small("--model", "openai:gpt-4o-mini", "--dry-run", graph=ALL).code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_of_the_stand_in_and_of_references_names_no_money(small: Run, run: Run) -> None:
    done = small("--dry-run", graph=ALL)
    assert done.code == 0 and "ESTIMATE" in done.out and "US$" not in done.out and "Time" not in done.out
    assert "No model is to be asked" in run("--graph", "mode", "--dry-run").out


def test_a_model_without_a_price_is_estimated_in_tokens_alone(asking: Run, server: Server) -> None:
    done = asking("--dry-run", model="test")

    assert done.code == 0 and not server.requests
    assert "price of the chat model is not known" in " ".join(done.out.split()) and "US$" not in done.out


def test_what_is_answered_is_not_estimated_again(asking: Run, server: Server, tmp_path: Path) -> None:
    first = asking("--respondents", 1, graph="full_info,rag")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    server.requests.clear()

    done = asking("--respondents", 1, "--dry-run", graph="full_info,rag")

    assert (first.code, done.code) == (0, 0) and "No model is to be asked" in done.out and not server.requests
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    assert asking("--respondents", 1, graph="full_info,rag").out == first.out


def test_failed_questions_are_estimated_where_they_are_asked_again(
    asking: Run, server: Server, wave: Path, tmp_path: Path
) -> None:
    failing = iter([True] * 3)

    def refuse(path: str, body: dict[str, Any]) -> Fault:
        return error(422) if body["messages"][-1]["content"] != PROBE_PROMPT and next(failing, False) else None

    server.fault = refuse
    assert asking(graph="full_info").code == 3

    folder = tmp_path / "run"
    assert estimate(server, wave, folder, graph=("full_info",)).lines == []
    [line] = estimate(server, wave, folder, graph=("full_info",), retry_failed=True).lines
    assert line.low.calls == line.high.calls == 3


def test_replies_that_another_run_paid_for_are_not_estimated(
    asking: Run, server: Server, wave: Path, tmp_path: Path
) -> None:
    calls = tmp_path / "shared.sqlite"
    assert asking("--calls", calls).code == 0
    server.requests.clear()

    given = {"graph": ("valuesim",), "calls": calls, "without": ("cognitive",), "integrate": "always"}
    [line] = estimate(server, wave, tmp_path / "other", **given).lines
    assert (line.node, line.low.calls, line.high.calls) == ("coordinator", 0, 12)
    assert asking("--calls", calls, "--without", "cognitive", "--integrate", "always", out="other").code == 0
    assert Counter(map(node_of, server.prompts)) == {"coordinator": 12}


def test_the_directory_of_another_run_is_refused(asking: Run) -> None:
    assert asking(graph="full_info").code == 0

    assert "holds a run with other settings" in asking("--dry-run", "--seed", 7, graph="full_info").last


# The limit


def test_a_limit_without_a_price_is_refused_before_anything_is_asked(
    asking: Run, server: Server, tmp_path: Path
) -> None:
    own = table(tmp_path, "test,1,1,1")

    assert "openai:test" in asking("--max-cost", 1, model="test").refused()
    line = asking("--max-cost", 1, "--prices", own, "--embeddings", "openai:e", model="test", graph="rag").refused()
    assert "openai:e" in line and "--prices" in line
    assert not server.requests and not (tmp_path / "run").exists()


def test_the_limit_is_never_passed_and_a_higher_one_goes_on(asking: Run, server: Server, tmp_path: Path) -> None:
    price = Price(10, 10, 40)
    flags = ("--prices", table(tmp_path, "test,10,10,40"), "--concurrency", 32)
    server.latency = 0.002
    assert asking(*flags, graph="valuesim,full_info", out="whole", model="test").code == 0
    everything, whole = sorted(server.prompts), paid(server, price)
    server.requests.clear()

    for limit in (whole * 0.4, whole * 0.8):
        stopped = asking(*flags, "--max-cost", limit, graph="valuesim,full_info", model="test")
        assert stopped.code == 2 and "--max-cost" in stopped.last and "kept" in stopped.last
        assert limit - whole * 0.2 < paid(server, price) <= limit

    assert asking(*flags, "--max-cost", whole * 1.2, graph="valuesim,full_info", model="test").code == 0
    assert sorted(server.prompts) == everything
    one, two = ((tmp_path / name / "predictions.csv").read_bytes() for name in ("whole", "run"))
    assert one == two


def test_what_was_spent_before_counts(asking: Run, server: Server, tmp_path: Path) -> None:
    flags = ("--prices", table(tmp_path, "test,10,10,40"))
    assert asking(*flags, "--max-cost", 0.2, model="test").code == 2
    count = len(server.requests)

    assert asking(*flags, "--max-cost", 0.2, model="test").code == 2
    assert len(server.requests) <= count + 1


@pytest.mark.parametrize("usage", [None, "none", {"prompt_tokens": -9, "completion_tokens": None}])
def test_a_limit_holds_on_a_server_that_reports_nothing_true(
    asking: Run, server: Server, tmp_path: Path, usage: object
) -> None:
    def reply(path: str, body: dict[str, Any]) -> web.Response:
        return web.json_response(server._chat(body) | {"usage": usage})

    server.fault = reply
    flags = ("--prices", table(tmp_path, "test,10,10,40"), "--max-cost", 0.8, "--concurrency", 1)
    done = asking(*flags, model="test", graph="full_info")

    assert done.code == 2 and "--max-cost 0.8 may be passed" in done.last
    assert 1 < (count := len(server.prompts)) < 12 and paid(server, Price(10, 10, 40)) <= 0.8
    assert asking(*flags, model="test", graph="full_info").code == 2
    assert len(server.prompts) <= count + 1


def test_local_models_have_no_limit_to_hold(small: Run) -> None:
    assert small("--max-cost", 0.000001, graph="full_info").code == 0


# The account


def test_money_stands_in_the_metrics_and_in_the_table(asking: Run, server: Server, tmp_path: Path) -> None:
    server.cached = 1024
    done = asking(graph=ALL)

    usage = metrics(tmp_path / "run")["usage"]
    told = sum(len(prompt) // 4 for prompt in server.prompts if node_of(prompt) == "full_info")
    heard = sum(len(server.answer(prompt)) // 4 for prompt in server.prompts if node_of(prompt) == "full_info")
    by_hand = ((told - 12 * 1024) * 0.15 + 12 * 1024 * 0.075 + heard * 0.6) / 1e6
    assert usage["predict/full_info"] == {
        "calls": 12,
        "prompt_tokens": told,
        "cached_tokens": 12 * 1024,
        "completion_tokens": heard,
        "money": round(by_hand, 6),
    }
    embedded = metrics(tmp_path / "run")["embeddings"]
    assert embedded["texts"] == len(server.embedded)
    assert embedded["tokens_about"] == sum(len(text) // 4 for text in server.embedded)
    total = sum(part["money"] for part in usage.values()) + embedded["money"]
    assert metrics(tmp_path / "run")["money"] == pytest.approx(total, abs=1e-5)

    rows = [line.split() for line in done.out.splitlines()]
    assert ["full_info", "full_info", "12", f"{told:,}", "12,288", f"{heard:,}", f"{by_hand:.4f}"] in rows
    thousand = next(
        row for row in rows[rows.index(next(r for r in rows if r[:1] == ["full_info"])) :] if "answers" in row
    )
    assert thousand[2] == "1,000" and float(thousand[-1].replace(",", "")) == pytest.approx(
        by_hand / 12 * 1000, rel=0.01
    )
    assert "gpt-4o-mini" not in server.prompts[0] and "as of 2026-07-24" in done.out


def test_without_a_price_there_are_tokens_alone(asking: Run, tmp_path: Path) -> None:
    done = asking(model="test")

    assert "coordinator" in done.out and "price of the chat model is not known" in done.out and "US$" not in done.out
    assert "money" not in json.dumps({**metrics(tmp_path / "run"), "scores": None})


def test_without_reported_tokens_there_is_no_table(asking: Run, server: Server) -> None:
    server.usage = False

    assert "1,000 answers" not in asking(graph="full_info").out


def test_an_own_table_is_told_by_its_error_alone(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError):
        quote_for("openai:gpt-4o", tmp_path)
