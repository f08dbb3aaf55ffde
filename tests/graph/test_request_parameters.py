"""What a chat request carries besides its messages: limits on the reply and parameters of the user's own."""

import json
from typing import Any

import pytest
from aiohttp import web
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ValidationError

from graph.nodes.call import complete
from graph.persona.blocking import ask, run_sync
from graph.persona.persona import Persona
from graph.settings import Settings
from graph.valuesim import build
from tests.evals.asked import template_of
from tests.server import Server, serving

QUESTION: Any = {
    "profile": [{"question": "Is work important to you?", "options": [{"code": 1, "label": "Yes"}], "code": 1}],
    "question": "Is leisure important to you?",
    "options": [{"code": 1, "label": "Yes"}, {"code": 2, "label": "No"}],
}


def told(prompt: str) -> str:
    """A story, or answers on which the perspectives differ."""
    name = template_of(prompt)
    return "You work." if name == "story" else f"Answer: {1 + (name == 'affective')}\nAnalysis: so."


def bodies(server: Server) -> dict[str, dict[str, Any]]:
    """What was sent, by node, without the messages."""
    found = {}
    for path, _, body in server.requests:
        assert path.endswith("/chat/completions")
        found[template_of(body.pop("messages")[-1]["content"])] = body
    return found


def sent(**settings: Any) -> dict[str, dict[str, Any]]:
    """The requests of one question to the graph with these settings."""
    with serving(Server(answer=told)) as server:
        ask(build(), QUESTION, Settings(chat="openai:m", base_url=server.url, **settings))
        return bodies(server)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key, so that no name is refused for want of one."""
    monkeypatch.setenv("OPENAI_API_KEY", "test")


def test_every_kind_of_call_has_a_limit_of_its_own() -> None:
    found = sent()

    assert set(found) == {"story", "cognitive", "affective", "behavioral", "coordinator"}
    assert {body["max_tokens"] for node, body in found.items() if node != "story"} == {1024}
    assert 500 < found["story"]["max_tokens"] < 1024
    assert not any("max_completion_tokens" in body for body in found.values())


def test_a_longer_profile_may_have_a_longer_story() -> None:
    short = sent()["story"]["max_tokens"]
    long = [dict(QUESTION["profile"][0], question=f"Is work number {place} important?") for place in range(232)]
    with serving(Server(answer=told)) as server:
        settings = Settings(chat="openai:m", base_url=server.url)
        ask(build(), QUESTION | {"profile": long}, settings)
        assert bodies(server)["story"]["max_tokens"] > short + 1000


def test_a_model_that_thinks_has_room_for_its_thoughts() -> None:
    with serving(Server(answer=told)) as server:
        ask(build(), QUESTION, Settings(chat="vllm:deepseek-r1:7b", base_url=server.url))
        assert min(body["max_tokens"] for body in bodies(server).values()) > 8000


@pytest.mark.parametrize(("limit", "limits"), [(77, {77}), (None, {None}), ("none", {None})])
def test_max_tokens_is_for_all_kinds(limit: Any, limits: set[int | None]) -> None:
    assert {body.get("max_tokens") for body in sent(max_tokens=limit).values()} == limits


def test_the_published_protocol_sends_no_limit_unless_told() -> None:
    assert not any("max_tokens" in body for body in sent(protocol="published").values())
    assert sent(protocol="published", max_tokens=9)["story"]["max_tokens"] == 9


def test_parameters_of_ones_own_reach_every_request_and_those_of_a_node_beat_them() -> None:
    by_node = {"story": {"max_completion_tokens": 2000, "seed": 2}, "coordinator": {"max_tokens": None}}
    found = sent(request={"reasoning": {"effort": "low"}, "seed": 1}, request_by_node=by_node, max_tokens=50)

    assert {body["reasoning"]["effort"] for body in found.values()} == {"low"}
    assert (found["story"]["max_tokens"], found["story"]["seed"]) == (2000, 2)
    assert "max_tokens" not in found["coordinator"] and found["coordinator"]["seed"] == 1
    assert found["cognitive"]["max_tokens"] == 50


def refusing(name: str, status: int, words: str) -> Server:
    """A server that does not know one spelling of the limit."""

    def fault(path: str, body: dict[str, Any]) -> Any:
        said = {"error": {"message": words, "type": "invalid_request_error"}}
        return web.json_response(said, status=status) if name in body else None

    return Server(answer=told, fault=fault)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
        (400, "Unrecognized request argument supplied: max_tokens"),
        (422, "body.max_tokens: Extra inputs are not permitted"),
    ],
)
def test_a_server_that_refuses_one_spelling_is_told_the_other(status: int, words: str) -> None:
    with serving(refusing("max_tokens", status, words)) as server:
        reply = ask(build(), QUESTION, Settings(chat="openai:m", base_url=server.url))

        assert reply["code"] == 1
        refused = [body for _, _, body in server.requests if "max_tokens" in body]
        assert len(refused) == 1  # the story; it was learnt then
        assert sum("max_completion_tokens" in body for _, _, body in server.requests) == 5


def test_a_limit_that_is_too_large_is_no_question_of_spelling() -> None:
    words = "'max_tokens' is too large: 1024. This model supports at most 512 completion tokens."
    with serving(refusing("max_tokens", 400, words)) as server:
        with pytest.raises(Exception, match="too large"):
            ask(build(), QUESTION, Settings(chat="openai:m", base_url=server.url))
        assert len(server.requests) == 1


def test_openai_itself_is_told_its_own_spelling() -> None:
    from graph.llm.factory import chat_model

    body = chat_model("openai:o3-mini", "https://api.openai.com/v1").body(  # type: ignore[attr-defined]
        [], max_tokens=5, extra_body={"reasoning_effort": "low"}
    )

    assert (body["max_completion_tokens"], body["reasoning_effort"]) == (5, "low")
    assert not {"max_tokens", "extra_body"} & set(body)


class Strict(BaseChatModel):
    """A client of somebody's own, which takes no other arguments."""

    heard: list[dict[str, Any]]

    @property
    def _llm_type(self) -> str:
        return "strict"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        self.heard.append(kwargs)
        return ChatResult(generations=[ChatGeneration(message=AIMessage("Answer: 1\nAnalysis: so."))])


def test_a_client_of_ones_own_is_told_only_what_one_asks_for() -> None:
    chat = Strict(heard=[])

    run_sync(complete("predict/story", Settings(chat=chat), profile="- a fact"))
    run_sync(complete("predict/story", Settings(chat=chat, max_tokens=9, request={"seed": 1}), profile="- a fact"))

    assert chat.heard == [{}, {"max_tokens": 9, "seed": 1}]


def test_a_persona_and_a_free_question_take_the_same_settings() -> None:
    with serving(Server(answer=lambda prompt: "Answer: Leisure.\nAnalysis: so.")) as server:
        settings = Settings(chat="openai:m", base_url=server.url, request={"seed": 4}, max_tokens=30)
        person = Persona.from_text("You love the sea.", settings=settings)
        assert person.ask_sync("What do you like?").answer == "Leisure."

        assert {(body["max_tokens"], body["seed"]) for _, _, body in server.requests} == {(30, 4)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"request": "{'reasoning_effort': 'low'}"}, "a JSON object is wanted"),
        ({"request": "[1]"}, "valid dictionary"),
        ({"request": {"model": "x"}}, "model cannot be set here"),
        ({"request": {"messages": []}}, "messages cannot be set here"),
        ({"request": {"stream": True}}, "stream cannot be set here"),
        ({"request": {"n": 3}}, "n cannot be set here"),
        ({"request": {"max_tokens": 0}}, "a whole number from 1"),
        ({"request": {"max_tokens": True}}, "a whole number from 1"),
        ({"request": {"max_tokens": 1, "max_completion_tokens": 1}}, "two spellings"),
        ({"request": {"x": float("nan")}}, "JSON can hold"),
        ({"request_by_node": {"storey": {}}}, "no node is called 'storey'"),
        ({"request_by_node": {"story": {"n": 2}}}, "n cannot be set here"),
        ({"max_tokens": 0}, "greater than or equal to 1"),
        ({"max_tokens": "lots"}, "valid integer"),
        ({"timeout": 0}, "greater than 0"),
    ],
)
def test_what_cannot_be_sent_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**given)


def test_a_form_may_give_parameters_as_text() -> None:
    settings = Settings(request=json.dumps({"seed": 1}), request_by_node="")  # type: ignore[arg-type]

    assert (settings.request, settings.request_by_node) == ({"seed": 1}, {})
