"""Runs against a server on loopback: what it is asked, how often, and where the key goes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from survey.codebook import wvs7
from survey.folds import item_folds
from survey.respondents import read_survey
from tests.evals.asked import by_template, disagreeing, template_of
from tests.evals.command import ASKED, Outcome, calls, metrics, of_graph, predictions
from tests.server import Server, serving

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
ALL = "valuesim,full_info,rag"


def test_a_request_is_one_message_at_temperature_0_with_a_longest_reply_and_nothing_more(
    asking: Run, server: Server
) -> None:
    assert asking(graph=ALL).code == 0

    chats = [body for path, _, body in server.requests if path == "/v1/chat/completions"]
    assert chats
    for body in chats:
        [message] = body["messages"]
        assert message["role"] == "user" and message["content"]
        assert (body["model"], body["temperature"]) == ("test", 0)
        known = {"model", "messages", "temperature", "max_tokens", "stream"}
        assert not set(body) - known and not body.get("stream")


def test_a_temperature_of_none_is_not_sent(asking: Run, server: Server) -> None:
    assert asking("--temperature", "none").code == 0

    assert not any("temperature" in body for _, _, body in server.requests)


def test_three_calls_a_question_and_one_story_for_each_respondent_and_fold(asking: Run, server: Server) -> None:
    assert asking("--folds", "1,2").code == 0

    questions = 2 * (len(ASKED[1]) + len(ASKED[2]))
    lenses = dict.fromkeys(("cognitive", "affective", "behavioral"), questions)
    assert by_template(server.prompts) == {"story": 4, **lenses}
    assert len(set(server.prompts)) == len(server.prompts)


def test_a_fourth_call_where_the_perspectives_differ(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = disagreeing
    assert asking().code == 0

    assert by_template(server.prompts)["coordinator"] == 12
    assert len(server.prompts) == 2 + 12 * 4 == len(set(server.prompts))
    assert {row["decided_by"] for row in of_graph(tmp_path / "run", "valuesim")} == {"coordinator"}


def test_the_baselines_take_one_call_a_question(asking: Run, server: Server) -> None:
    assert asking(graph="full_info,rag").code == 0

    assert by_template(server.prompts) == {"full_info": 12, "rag": 12}


def test_each_text_is_embedded_once(asking: Run, server: Server, tmp_path: Path) -> None:
    assert asking("--folds", "1,2", graph="rag").code == 0

    models = {body["model"] for path, _, body in server.requests if path == "/v1/embeddings"}
    assert models == {"text-embedding-ada-002"}
    assert len(set(server.embedded)) == len(server.embedded) > 150
    server.requests.clear()
    for path in (tmp_path / "run").glob("ledger.sqlite*"):
        path.unlink()
    assert asking("--folds", "1,2", graph="rag").code == 0
    assert server.requests == []


def test_embeddings_may_be_elsewhere(asking: Run, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "for-chat")
    monkeypatch.setenv("OPENAI_EMBEDDINGS_API_KEY", "for-embeddings")
    with serving(Server()) as other:
        done = asking("--embeddings", "openai:small", "--embeddings-base-url", other.url, graph="rag")

        assert done.code == 0
        assert {path for path, _, _ in server.requests} == {"/v1/chat/completions"}
        assert {headers["Authorization"] for _, headers, _ in server.requests} == {"Bearer for-chat"}
        assert {path for path, _, _ in other.requests} == {"/v1/embeddings"}
        assert {headers["Authorization"] for _, headers, _ in other.requests} == {"Bearer for-embeddings"}
        assert {body["model"] for _, _, body in other.requests} == {"small"}


@pytest.mark.parametrize("limit", [1, 3])
def test_never_more_in_flight_than_allowed(asking: Run, server: Server, limit: int) -> None:
    server.latency = 0.01
    assert asking("--concurrency", limit, graph=ALL).code == 0

    assert server.most == limit


def test_the_concurrency_does_not_change_predictions(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = disagreeing
    asking("--concurrency", 1, out="one")
    asking("--concurrency", 12, out="many")

    one, many = ((tmp_path / name / "predictions.csv").read_bytes() for name in ("one", "many"))
    assert one == many


def test_what_was_used_is_counted_and_shown(asking: Run, server: Server, tmp_path: Path) -> None:
    done = asking()

    told = sum(len(prompt.split()) for prompt in server.prompts)
    heard = sum(len(server.answer(prompt).split()) for prompt in server.prompts)
    usage = metrics(tmp_path / "run")["usage"]
    assert sum(part["prompt_tokens"] for part in usage.values()) == told
    assert sum(part["completion_tokens"] for part in usage.values()) == heard
    assert calls(tmp_path / "run") == by_template(server.prompts)
    assert f"38 calls; {told:,} prompt and {heard:,} completion tokens" in done.out


def test_tokens_that_a_server_does_not_report_are_said_to_be_estimated(asking: Run, server: Server) -> None:
    server.usage = False
    done = asking()

    assert "38 calls; 0 prompt" not in done.out
    assert "Of all calls the server reported none that can be: they are estimated" in " ".join(done.out.split())


def test_the_same_command_again_asks_nothing(asking: Run, server: Server, tmp_path: Path) -> None:
    first = asking(graph=ALL)
    before = (tmp_path / "run" / "predictions.csv").read_bytes()
    server.requests.clear()
    again = asking(graph=ALL)

    assert (again.code, again.out) == (0, first.out)
    assert server.requests == []
    assert (tmp_path / "run" / "predictions.csv").read_bytes() == before


def test_the_stand_in_is_not_named_where_a_model_answered(asking: Run, tmp_path: Path) -> None:
    done = asking()

    assert "no language model" not in done.out + done.err
    assert "notice" not in metrics(tmp_path / "run")
    assert {row["model"] for row in of_graph(tmp_path / "run", "valuesim")} == {"openai:test"}


def test_the_answer_of_the_model_is_the_prediction(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "Answer: 2\nAnalysis: so."
    done = asking(graph="full_info")

    rows = of_graph(tmp_path / "run", "full_info")
    assert {row["predicted"] for row in rows} == {"2"}
    hits = sum(row["truth"] == "2" for row in rows) / len(rows)
    shown = next(line for line in done.out.splitlines() if line.startswith("Full Info"))
    assert shown.split()[-1] == (f"{hits:.3f}".removeprefix("0"))


@pytest.mark.parametrize("size", [0, 58, 116, None])
def test_the_profile_is_cut_to_size(asking: Run, wave: Path, server: Server, tmp_path: Path, size: int | None) -> None:
    """On fold 2, whose known items begin with those of fold 1, of which the wave holds a few."""
    flags = ("--folds", 2, "--respondents", 1, *(() if size is None else ("--profile-size", size)))
    assert asking(*flags, graph="full_info").code == 0

    fold = item_folds(list(wvs7().items))[1]
    answered = read_survey(wave, wvs7()).answers(int(predictions(tmp_path / "run")[0]["respondent"]))
    known = [item for item in fold.known[:size] if item in answered]
    for prompt in server.prompts:
        assert sum(line.startswith("- ") for line in prompt.splitlines()) == len(known)


def test_the_number_of_answers_that_rag_keeps(asking: Run, server: Server) -> None:
    assert asking("--top-k", 5, graph="rag").code == 0

    assert {prompt.count("(similarity") for prompt in server.prompts} == {5}


def test_without_a_story_the_perspectives_read_the_profile(asking: Run, server: Server) -> None:
    assert asking("--without", "story").code == 0

    assert "story" not in by_template(server.prompts)
    assert all(sum(line.startswith("- ") for line in prompt.splitlines()) > 100 for prompt in server.prompts)


def test_the_coordinator_never_sees_the_backstory(asking: Run, server: Server) -> None:
    server.answer = disagreeing
    assert asking().code == 0

    seen = {template_of(prompt) for prompt in server.prompts if "You were born in" in prompt and "writer" not in prompt}
    assert seen == {"cognitive", "affective", "behavioral"}


def test_prompts_of_ones_own_are_used(asking: Run, server: Server, tmp_path: Path) -> None:
    server.answer = lambda prompt: "Answer: 1"
    (tmp_path / "own" / "predict").mkdir(parents=True)
    text = "In my own words.\n{question}\n{profile}\n{answer_format}"
    (tmp_path / "own" / "predict" / "full_info.txt").write_text(text)
    assert asking("--prompts", tmp_path / "own", graph="full_info").code == 0

    assert len(server.prompts) == 12
    assert all(prompt.startswith("In my own words.") for prompt in server.prompts)


def test_the_address_may_come_from_the_environment(
    small: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    assert small("--model", "openai:test").code == 0

    assert len(server.prompts) == 38
    assert json.loads((tmp_path / "run" / "config.json").read_text())["base_url"] == server.url


def test_the_key_is_sent_and_written_nowhere(
    asking: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = "sk-canary-4711"
    monkeypatch.setenv("OPENAI_API_KEY", canary)
    server.key = canary

    done = asking(graph=ALL)
    assert done.code == 0
    server.key = "another"
    refused = asking(graph=ALL, out="other")

    assert {headers["Authorization"] for _, headers, _ in server.requests} == {f"Bearer {canary}"}
    assert refused.code == 2
    for told in (done.out, done.err, refused.out, refused.err):
        assert canary not in told
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 7
    for path in files:
        assert canary.encode() not in path.read_bytes(), path
