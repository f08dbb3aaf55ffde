"""What the three graphs have in common: one input, one kind of output, one form of settings, a known shape."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
from typing_extensions import get_type_hints

from graph.persona.blocking import ask
from graph.settings import Settings
from graph.state import DecidedBy, Output, Reply
from graph.valuesim import build
from graph.variants import Integrate, Part
from prompts import PromptError, template
from tests.graph.fakes import IMPORTANCE, INPUT, PROFILE, FakeChat, Words, codes

ROOT = Path(__file__).parent.parent.parent
GRAPHS = {"valuesim": "graph.valuesim", "full_info": "baselines.full_info", "rag": "baselines.rag"}
SHAPES = {
    "valuesim": """
        __start__ story
        affective coordinator | behavioral coordinator | cognitive coordinator
        story affective | story behavioral | story cognitive
        coordinator __end__""",
    "full_info": "__start__ full_info | full_info __end__",
    "rag": "__start__ retrieve | retrieve rag | rag __end__",
}


def graph_of(name: str) -> Any:
    return import_module(GRAPHS[name]).graph


def shape(graph: Any) -> list[str]:
    """The edges of a graph's drawing, each as "from to"."""
    drawn = graph.get_graph().draw_mermaid()
    return sorted(line.strip("\t;").replace(" --> ", " ") for line in drawn.splitlines() if " --> " in line)


def edges(text: str) -> list[str]:
    return sorted(edge.strip() for line in text.splitlines() for edge in line.split("|") if edge.strip())


@pytest.mark.parametrize("name", GRAPHS)
def test_same_input_same_kind_of_output(name: str) -> None:
    chat = FakeChat(answer=lambda prompt: "Answer: 2\nAnalysis: kin first")

    output = ask(graph_of(name), INPUT, Settings(chat=chat))

    assert (output["code"], output["analysis"], output["problem"]) == (2, "kin first", "")
    assert output["decided_by"] in set(get_args(DecidedBy)) - {""}
    assert get_type_hints(Reply).keys() <= output.keys() <= get_type_hints(Output).keys()
    assert all(INPUT["question"] in prompt for template, prompt in chat.calls if template != "story")


@pytest.mark.parametrize("name", GRAPHS)
def test_a_reply_that_cannot_be_read_is_no_answer_and_says_why(name: str) -> None:
    output = ask(graph_of(name), INPUT, Settings(chat=FakeChat(answer=lambda prompt: "Who knows?")))

    assert output["code"] is None and output["problem"]


@pytest.mark.parametrize("name", GRAPHS)
def test_a_person_of_whom_nothing_is_known_can_be_asked(name: str) -> None:
    chat = FakeChat()

    output = ask(graph_of(name), INPUT | {"profile": []}, Settings(chat=chat))

    assert output["code"] == 2
    assert "story" not in chat.templates


@pytest.mark.parametrize("name", GRAPHS)
def test_without_settings_the_offline_stand_in_answers(name: str) -> None:
    output = asyncio.run(graph_of(name).ainvoke(INPUT))

    assert output["code"] in {option["code"] for option in IMPORTANCE}


@pytest.mark.parametrize("name", GRAPHS)
def test_state_is_plain_json_all_the_way(name: str) -> None:
    async def states() -> list[dict[str, Any]]:
        settings = Settings(chat=FakeChat(answer=codes(1, 2, 3)), embeddings=Words("work", "family"))
        return [state async for state in graph_of(name).astream(INPUT, context=settings, stream_mode="values")]

    for state in asyncio.run(states()):
        assert json.loads(json.dumps(state)) == state


@pytest.mark.parametrize("name", GRAPHS)
def test_the_drawing_is_the_recorded_one(name: str) -> None:
    assert shape(graph_of(name)) == edges(SHAPES[name])


@pytest.mark.parametrize(
    ("without", "integrate", "drawn"),
    [
        (
            ["story"],
            "on_disagreement",
            """__start__ profile | profile cognitive | profile affective | profile behavioral
            cognitive coordinator | affective coordinator | behavioral coordinator | coordinator __end__""",
        ),
        (["cab"], "on_disagreement", "__start__ story | story direct | direct __end__"),
        (["story", "cab"], "on_disagreement", "__start__ profile | profile direct | direct __end__"),
        (
            ["cognitive"],
            "always",
            """__start__ story | story affective | story behavioral
            affective coordinator | behavioral coordinator | coordinator __end__""",
        ),
        (
            ["affective"],
            "on_disagreement",
            """__start__ story | story cognitive | story behavioral
            cognitive coordinator | behavioral coordinator | coordinator __end__""",
        ),
        (
            ["behavioral"],
            "on_disagreement",
            """__start__ story | story cognitive | story affective
            cognitive coordinator | affective coordinator | coordinator __end__""",
        ),
        (
            ["affective", "behavioral"],
            "on_disagreement",
            "__start__ story | story cognitive | cognitive coordinator | coordinator __end__",
        ),
        (
            [],
            "average",
            """__start__ story | story cognitive | story affective | story behavioral
            cognitive average | affective average | behavioral average | average __end__""",
        ),
    ],
)
def test_each_ablation_is_drawn_as_recorded(without: Collection[Part], integrate: Integrate, drawn: str) -> None:
    assert shape(build(without, integrate)) == edges(drawn)


@pytest.mark.parametrize(
    ("without", "message"),
    [
        (["plot"], "without plot: known parts are story, cab, cognitive, affective, behavioral"),
        (["cab", "affective"], "without cab leaves out all perspectives already: drop without affective"),
        (["cognitive", "affective", "behavioral"], "without all three perspectives nothing is left to ask"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(without: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(without)


@pytest.mark.parametrize("name", GRAPHS)
def test_studio_gets_a_form_for_input_and_for_settings(name: str) -> None:
    graph = graph_of(name)
    question, settings = graph.get_input_jsonschema(), graph.get_context_jsonschema()

    assert {"profile", "question", "options", "backstory", "backstory_of"} == question["properties"].keys()
    assert {"profile", "question", "options"} == set(question["required"])
    assert settings["properties"].keys() == Settings.model_fields.keys()
    assert all(field["description"] and field["langgraph_nodes"] for field in settings["properties"].values())
    assert all(field["description"] and field["examples"] for field in question["properties"].values())
    assert settings["properties"]["chat"]["type"] == settings["properties"]["coordinator"]["type"] == "string"
    assert {"code", "analysis", "raw", "problem", "decided_by"} <= graph.get_output_jsonschema()["properties"].keys()
    assert graph.get_name() == name


@pytest.mark.parametrize(("graph", "call"), [("valuesim", "story"), ("full_info", "full_info"), ("rag", "rag")])
def test_a_prompt_of_the_run_s_own_is_sent_in_place_of_the_shipped_one(graph: str, call: str) -> None:
    shipped = template(f"predict/{call}", None)
    ours, theirs = FakeChat(), FakeChat()

    ask(graph_of(graph), INPUT, Settings(chat=ours, **{f"{call}_prompt": f"Mine. {shipped}"}))
    ask(graph_of(graph), INPUT, Settings(chat=theirs, **{f"{call}_prompt": ""}))

    assert ours.prompt(call) == f"Mine. {theirs.prompt(call)}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Tell a story.", r"prompt predict/story, as given: must use \['profile'\], and uses \[\]"),
        ("Tell {profile} of {name}.", r"as given: must use \['profile'\], and uses \['name', 'profile'\]"),
        ("Tell {profile.__class__}.", r"as given: \{profile.__class__\} is not a plain name"),
        ("Tell {profile", "as given: expected '}' before end of string; write a literal brace twice"),
    ],
)
def test_a_prompt_with_other_names_is_refused_before_anything_is_sent(text: str, message: str) -> None:
    chat = FakeChat()

    with pytest.raises(PromptError, match=message) as refused:
        ask(graph_of("valuesim"), INPUT, Settings(chat=chat, story_prompt=text))

    assert chat.calls == [] and "\n" not in str(refused.value)


def test_langgraph_json_names_every_graph() -> None:
    listed = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]

    assert {name: entry["path"] for name, entry in listed.items()} == {
        name: f"{module}:graph" for name, module in {**GRAPHS, "chat": "graph.chat"}.items()
    }
    assert all(entry["description"] for entry in listed.values())


def test_graphs_are_imported_without_key_and_without_client() -> None:
    code = f"""
import sys
for module in {list(GRAPHS.values())}:
    __import__(module)
print(sorted({{"openai", "langchain_openai", "faiss", "langchain_community"}} & sys.modules.keys()))
"""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI", "LANG"))}

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=bare, cwd=ROOT)

    assert (run.stdout, run.stderr) == ("[]\n", "")


@pytest.mark.parametrize("name", GRAPHS)
def test_settings_may_be_a_plain_dict(name: str) -> None:
    graph = graph_of(name)

    assert asyncio.run(graph.ainvoke(INPUT, context={"chat": "offline", "top_k": 1}))["code"] in range(1, 5)
    with pytest.raises(ValueError, match="chatt"):
        asyncio.run(graph.ainvoke(INPUT, context={"chatt": "offline"}))


def test_ask_works_where_a_loop_is_running() -> None:
    async def notebook() -> Output:
        return ask(graph_of("full_info"), INPUT, Settings(chat=FakeChat()))

    assert asyncio.run(notebook())["code"] == 2


def test_ask_hands_on_what_the_model_raises() -> None:
    def answer(prompt: str) -> str:
        raise ZeroDivisionError("the model broke")

    with pytest.raises(ZeroDivisionError, match="the model broke"):
        ask(graph_of("valuesim"), INPUT, Settings(chat=FakeChat(answer=answer)))


def test_the_sample_profile_is_shown_to_the_baseline_whole() -> None:
    chat = FakeChat()

    ask(graph_of("full_info"), INPUT, Settings(chat=chat))

    assert all(answer["statement"] in chat.prompt("full_info") for answer in PROFILE)
