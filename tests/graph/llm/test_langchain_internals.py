"""What is used of LangChain's insides: in one module alone, and only as it was found there."""

import ast
import inspect
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from packaging.requirements import Requirement
from packaging.version import Version
from pydantic import BaseModel

from graph.llm.langchain_internals import REVIEWED, STREAM_MODULES, is_stream_handler

ROOT = Path(__file__).parents[3]
HOME = "graph/llm/langchain_internals.py"
OVERRIDDEN = {"_generate", "_agenerate", "_llm_type"}
"""What LangChain asks a model of one's own to define."""
PRIVATE = {name for name in dir(ChatOpenAI) if name.startswith("_") and not name.startswith("__")} - set(dir(BaseModel))
MODULES = [
    path.relative_to(ROOT).as_posix()
    for folder in ("graph", "baselines", "evals", "survey", "valuesim", "examples", "bench")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("package", REVIEWED)
def test_somebody_has_looked_at_this_minor_release(package: str) -> None:
    installed = Version(version(package))

    assert f"{installed.major}.{installed.minor}" == REVIEWED[package], (
        f"{package} {installed}: read there what {HOME} uses, then name this release in REVIEWED and in pyproject.toml"
    )


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("_get_request_payload", {"self": 1, "input_": 1, "stop": 3, "kwargs": 4}),
        ("_use_responses_api", {"self": 1, "payload": 1}),
        ("_create_chat_result", {"self": 1, "response": 1, "generation_info": 1}),
        ("_agenerate", {"self": 1, "messages": 1, "stop": 1, "run_manager": 1, "kwargs": 4}),
    ],
)
def test_the_methods_of_the_openai_client_take_what_they_are_given(method: str, parameters: dict[str, int]) -> None:
    found = inspect.signature(getattr(ChatOpenAI, method)).parameters

    assert {name: int(parameter.kind) for name, parameter in found.items()} == parameters
    assert inspect.iscoroutinefunction(getattr(ChatOpenAI, method)) == (method == "_agenerate")


def test_every_model_answers_by_the_method_that_a_model_of_ones_own_overrides() -> None:
    found = inspect.signature(BaseChatModel._agenerate).parameters

    assert [*found] == ["self", "messages", "stop", "run_manager", "kwargs"]


def test_the_openai_client_has_the_fields_that_are_read() -> None:
    fields = set(ChatOpenAI.model_fields)

    assert {"root_async_client", "request_timeout", "openai_api_base", "model_name"} <= fields


@pytest.mark.parametrize(
    ("module", "handler"),
    [
        ("langgraph.pregel._messages", "StreamMessagesHandler"),
        ("langgraph.pregel._tools", "StreamToolCallHandler"),
        ("langchain_core.tracers.log_stream", "LogStreamCallbackHandler"),
        ("langchain_core.tracers.event_stream", "_AstreamEventsCallbackHandler"),
    ],
)
def test_handlers_of_streams_are_known_by_their_modules(module: str, handler: str) -> None:
    kind: Any = getattr(import_module(module), handler)

    assert is_stream_handler(kind.__new__(kind))
    assert all(import_module(name.removesuffix(".")) for name in STREAM_MODULES)


def private_uses(module: str) -> Iterator[str]:
    """What a module uses of LangChain's insides: private modules, and private names of objects that are not its own."""
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        sources = []
        if isinstance(node, ast.Import):
            sources = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            sources = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and node.attr in PRIVATE:
            own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            overridden = node.attr in OVERRIDDEN and (own or ast.unparse(node.value) == "super()")
            if not overridden:
                yield ast.unparse(node)
        for source in sources:
            if source.startswith(("langchain", "langgraph")) and "._" in source:
                yield source


@pytest.mark.parametrize("module", MODULES)
def test_no_other_module_uses_what_is_private_there(module: str) -> None:
    found = set(private_uses(module))

    assert (found != set()) == (module == HOME), found


@pytest.mark.parametrize("package", REVIEWED)
def test_the_next_release_that_may_break_is_not_installed_by_itself(package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {one.name: one.specifier for one in map(Requirement, project["dependencies"])}
    major, minor = map(int, REVIEWED[package].split("."))
    too_new = f"{major}.{minor + 1}.0" if package == "langchain-openai" else f"{major + 1}.0.0"

    assert wanted[package].contains(f"{major}.{minor}.99") and not wanted[package].contains(too_new)


def test_the_developers_extra_names_the_others() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    others = project["optional-dependencies"]
    dev = [Requirement(one) for one in others.pop("dev")]

    assert {extra for one in dev if one.name == project["name"] for extra in one.extras} == set(others)
    assert not {one.name for one in dev} & {Requirement(text).name for given in others.values() for text in given}
