"""What a client of the server sees, with no key, account or network: the graphs, their forms, runs step by step."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langgraph_api", reason="the server is not installed: pip install -e '.[studio]'")

from langgraph_sdk import get_client, get_sync_client
from langgraph_sdk.client import LangGraphClient, SyncLangGraphClient

from prompts import template
from tests.graph.serve.conftest import ROOT, Studio, environment, example
from tests.waiting import SAFETY

GRAPHS = {
    "valuesim": {"story", "cognitive", "affective", "behavioral", "coordinator"},
    "full_info": {"full_info"},
    "rag": {"retrieve", "rag"},
}
"""The graphs that are asked one question, and the nodes that each shows."""


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[SyncLangGraphClient]:
    with get_sync_client(url=studio.url) as client:
        yield client


def assistants(client: SyncLangGraphClient) -> dict[str, str]:
    """The ids of the assistants that come with the server, by graph."""
    return {one["graph_id"]: one["assistant_id"] for one in client.assistants.search()}


def input_of(client: SyncLangGraphClient, graph: str) -> dict[str, Any]:
    schema: Any = client.assistants.get_schemas(assistants(client)[graph])["input_schema"]
    return example(schema)


def test_it_says_where_it_is_and_how_it_is_guarded(studio: Studio) -> None:
    server, studio_at, docs, guard = studio.said.splitlines()[:4]

    assert server == f"Server: {studio.url}"
    assert studio_at.endswith(f"/studio/?baseUrl={studio.url}")
    assert docs.endswith(f"{studio.url}/docs")
    assert guard == "Guard:  off; only this machine is served"


def test_every_graph_has_a_form_for_its_input_and_its_settings(client: SyncLangGraphClient) -> None:
    found = assistants(client)

    assert found.keys() == {*GRAPHS, "chat"}
    for graph in (*GRAPHS, "chat"):
        schemas: Any = client.assistants.get_schemas(found[graph])
        for name, field in schemas["input_schema"]["properties"].items():
            assert field["description"] and field["examples"], name
        for name, field in schemas["context_schema"]["properties"].items():
            assert field["description"] and field["langgraph_nodes"], name


def test_prompts_are_edited_at_their_nodes_starting_from_the_shipped_text(client: SyncLangGraphClient) -> None:
    schemas: Any = client.assistants.get_schemas(assistants(client)["valuesim"])

    for node in ("story", "cognitive", "affective", "behavioral", "coordinator", "full_info", "rag"):
        field = schemas["context_schema"]["properties"][f"{node}_prompt"]
        assert field["langgraph_type"] == "prompt" and node in field["langgraph_nodes"]
        assert field["default"] == template(f"predict/{node}", None)


def test_the_drawing_is_the_one_in_the_docs(client: SyncLangGraphClient) -> None:
    docs = (ROOT / "docs" / "graphs.md").read_text(encoding="utf-8")

    for graph, identity in assistants(client).items():
        drawn: Any = client.assistants.get_graph(identity)
        served = {(edge["source"], edge["target"]) for edge in drawn["edges"]}
        [drawing] = re.findall(rf"<!-- {graph} -->\n(.*?)<!-- /{graph} -->", docs, re.DOTALL)
        assert served == set(re.findall(r"^\t(\w+) -[-.]+> (?:\|.*?\| )?(\w+);$", drawing, re.MULTILINE)), graph


def test_each_graph_runs_its_own_example_step_by_step(studio: Studio, client: SyncLangGraphClient) -> None:
    inputs = {graph: input_of(client, graph) for graph in GRAPHS}

    async def run(client: LangGraphClient, graph: str) -> dict[str, Any]:
        parts = [part async for part in client.runs.stream(None, graph, input=inputs[graph], stream_mode="updates")]
        assert [part.data for part in parts if part.event == "error"] == []
        return {node: added for part in parts if part.event == "updates" for node, added in part.data.items()}

    async def run_all() -> list[dict[str, Any]]:
        async with get_client(url=studio.url) as client:
            return await asyncio.gather(*(run(client, graph) for graph in GRAPHS))

    steps = dict(zip(GRAPHS, asyncio.run(run_all()), strict=True))

    assert {graph: step.keys() for graph, step in steps.items()} == GRAPHS
    assert all(steps[graph][last]["code"] in (1, 2, 3) for graph, last in [("full_info",) * 2, ("rag",) * 2])
    valuesim = steps["valuesim"]
    assert "family" in valuesim["story"]["backstory"]
    for view in ("cognitive", "affective", "behavioral"):
        assert valuesim[view]["perspectives"][view]["analysis"]
    assert valuesim["coordinator"]["code"] in (1, 2, 3) and valuesim["coordinator"]["decided_by"]
    assert steps["rag"]["retrieve"]["evidence"]


def test_the_whole_example_runs_with_the_story_it_brings(client: SyncLangGraphClient) -> None:
    schema: Any = client.assistants.get_schemas(assistants(client)["valuesim"])["input_schema"]
    asked = example(schema, only_required=False)

    answer: Any = client.runs.wait(None, "valuesim", input=asked)

    assert answer["backstory"] == asked["backstory"]


def test_a_run_takes_a_prompt_of_its_own(client: SyncLangGraphClient) -> None:
    asked = input_of(client, "valuesim")
    own = {"story_prompt": "You {profile} and nothing else."}

    answer: Any = client.runs.wait(None, "valuesim", input=asked, context=own)
    shipped: Any = client.runs.wait(None, "valuesim", input=asked)

    assert answer["backstory"] != shipped["backstory"]


def test_a_prompt_that_lacks_its_names_is_told_in_one_line(client: SyncLangGraphClient) -> None:
    own = {"story_prompt": "Tell a story."}

    failed: Any = client.runs.wait(None, "valuesim", input=input_of(client, "valuesim"), context=own, raise_error=False)

    assert failed["__error__"] == {
        "error": "PromptError",
        "message": "prompt predict/story, as given: must use ['profile'], and uses []",
    }


def part(page: str, name: str) -> str:
    """What a document shows between two marks, without the fence."""
    [shown] = re.findall(
        rf"<!-- {name} -->\n```\w+\n(.*?)```\n<!-- /{name} -->",
        (ROOT / "docs" / page).read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return str(shown)


def ran(code: str, studio: Studio) -> list[str]:
    """The lines that a document's program prints, at this server."""
    code = code.replace("http://127.0.0.1:2024", studio.url)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=SAFETY
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_docs_inputs_run_as_they_stand(client: SyncLangGraphClient) -> None:
    answer: Any = client.runs.wait(None, "full_info", input=json.loads(part("studio.md", "question")))
    talk: Any = client.runs.wait(None, "chat", input=json.loads(part("studio.md", "message")))

    assert answer["code"] in (1, 2, 3)
    assert "work" in talk["messages"][-1]["content"]


def test_one_answer_is_asked_again_from_its_story_as_the_docs_tell(studio: Studio) -> None:
    *steps, last = ran(part("studio.md", "fork"), studio)

    assert sum(step.startswith("updates") for step in steps) == 5  # story, three views, coordinator
    assert last.endswith("You plan your holidays a year ahead.")


def test_the_docs_a2a_request_is_answered(studio: Studio) -> None:
    reply, conversation = ran(part("agents.md", "a2a"), studio)

    assert "work" in reply and len(conversation) == 36


def test_a_thread_goes_on_with_its_person_until_another_profile_comes(client: SyncLangGraphClient) -> None:
    thread = client.threads.create()["thread_id"]
    schema: Any = client.assistants.get_schemas(assistants(client)["chat"])["input_schema"]
    profile = schema["properties"]["profile"]["examples"][0]

    def say(text: str, **more: Any) -> Any:
        return client.runs.wait(thread, "chat", input={"messages": [{"role": "user", "content": text}], **more})

    first = say("How important is family to you?", profile=profile)
    second = say("Do you like politics? (Yes / No)")
    third = say("How important is family to you?", profile=[profile[0] | {"code": 3}])

    assert "family" in first["backstory"] and second["backstory"] == first["backstory"]
    assert second["decision"]["label"] in ("Yes", "No")
    assert "Very important" in first["backstory"] and "Very important" not in third["backstory"]
    assert "Not at all" in third["backstory"]
    assert [message["type"] for message in third["messages"]] == ["human", "ai"] * 3


def test_the_example_of_the_chat_runs_as_it_stands(client: SyncLangGraphClient) -> None:
    schema: Any = client.assistants.get_schemas(assistants(client)["chat"])["input_schema"]

    answer: Any = client.runs.wait(None, "chat", input=example(schema, only_required=False))

    assert answer["decision"]["label"] in ("Very important", "Rather", "Not at all")
    assert answer["decision"]["label"] in answer["messages"][-1]["content"]


def test_nothing_blocks_the_server_and_nothing_leaves_it(studio: Studio, client: SyncLangGraphClient) -> None:
    client.assistants.search()

    assert "Blocking" not in studio.said
    assert "skipping metadata loop" in studio.said  # the server's word that it reports to no account


def command(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "graph.serve.studio", *arguments],
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=SAFETY,
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid"])
def test_a_place_where_it_cannot_listen_is_told_in_one_line(studio: Studio, host: str) -> None:
    done = command("--host", host, "--port", studio.url.rpartition(":")[2])

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"graph.serve.studio: cannot listen on {host}:") and done.stderr.count("\n") == 1


def test_without_its_packages_it_names_the_extra(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from graph.serve import studio\n"
        "studio.find_spec = lambda name: None\n"
        "sys.exit(studio.main(['--port', '0']))"
    )

    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "graph.serve.studio: the server is not installed: pip install -e '.[studio]' in the checkout\n"
    )


@pytest.mark.skipif(find_spec("langgraph_cli") is None, reason="langgraph-cli is not installed")
def test_langgraph_json_is_valid_for_plain_langgraph_dev() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "langgraph_cli", "validate", "--config", "langgraph.json"],
        env=environment(LANGGRAPH_CLI_NO_ANALYTICS="1"),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0 and "is valid" in done.stdout, done
    assert "warning" not in done.stdout + done.stderr
