"""A simulated person: made from a respondent, an own profile or a text, asked with and without options."""

import asyncio
import copy
import json
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from graph.llm.errors import CallFailedError
from graph.llm.factory import ModelError
from graph.llm.offline import NOTICE as OFFLINE
from graph.persona.persona import Persona
from graph.persona.response import NOTICE, PerspectiveView, Response
from graph.persona.sample import describe_respondent, sample_respondents
from graph.plain_input import numbered_options
from graph.settings import Settings
from graph.validation import InputTooLargeError, InvalidInputError
from tests.graph.fakes import IMPORTANCE, PROFILE, FakeChat, Words, codes
from tests.server import Server, error

AGREE = ["Agree", "Disagree"]


def persona(chat: FakeChat, **settings: Any) -> Persona:
    return Persona.from_profile(PROFILE, name="Ann", settings=Settings(chat=chat, **settings))


def test_a_closed_question_gets_an_option_with_three_views_and_what_it_rests_on() -> None:
    chat = FakeChat(answer=codes(1, 2, 2, coordinator=2))

    found = persona(chat).ask_sync("Can one rely on family?", AGREE)

    assert (found.code, found.answer, found.analysis, found.decided_by) == (2, "Disagree", "weighed", "coordinator")
    assert list(found.views) == ["cognitive", "affective", "behavioral"]
    assert found.views["cognitive"] == PerspectiveView(1, "Agree", "cognitive reasons", "")
    assert found.options == ({"code": 1, "label": "Agree"}, {"code": 2, "label": "Disagree"})
    assert "family very important" in found.evidence[0]["line"]
    assert found.notice == NOTICE
    assert json.loads(json.dumps(found.as_dict()))["views"]["affective"]["answer"] == "Disagree"


def test_options_keep_codes_of_their_own() -> None:
    found = persona(FakeChat(answer=lambda _: "Answer: 7\nAnalysis: x")).ask_sync(
        "How far?", [{"code": 7, "label": "Far"}, {"code": 9, "label": "Near"}]
    )

    assert (found.code, found.answer, found.decided_by) == (7, "Far", "unanimous")


def test_a_free_question_gets_words_from_three_views_and_the_coordinator() -> None:
    def answer(prompt: str) -> str:
        who = next((lens for lens in ("cognitive", "affective", "behavioral") if f"the {lens} lens" in prompt), "all")
        return f"Answer: I would say {who}.\nAnalysis: {who} reasons"

    chat = FakeChat(answer=answer)
    found = persona(chat).ask_sync("What do you hope for?")

    assert (found.code, found.answer, found.analysis) == (None, "I would say all.", "all reasons")
    assert found.views["affective"].answer == "I would say affective."
    assert chat.templates == ["affective", "behavioral", "cognitive", "coordinator", "story"]
    assert "I would say behavioral." in chat.prompt("coordinator")
    assert "first person and in the language of the question" in chat.prompt("cognitive")
    assert "[option number]" not in chat.prompt("cognitive")


@pytest.mark.parametrize(
    ("said", "answer", "analysis"),
    [
        ("Answer: I fish.\nAnalysis: by the sea", "I fish.", "by the sea"),
        ("**Answer:** I fish.\nAnd mend nets.\n\n**Analysis:** by the sea", "I fish.\nAnd mend nets.", "by the sea"),
        ("<think>Answer: no</think>I fish.", "I fish.", ""),
        ("Answer: [I fish.]", "I fish.", ""),
    ],
)
def test_a_free_reply_is_read_in_whatever_manner_it_is_written(said: str, answer: str, analysis: str) -> None:
    found = persona(FakeChat(answer=lambda _: said)).ask_sync("What do you do?")

    assert (found.answer, found.analysis, found.problem) == (answer, analysis, "")


def test_what_cannot_be_read_is_no_answer() -> None:
    def thinking(prompt: str) -> str:
        return "You fish." if "background stories" in prompt else "<think>hm</think>"

    silent = persona(FakeChat(answer=thinking)).ask_sync("What do you do?")
    vague = persona(FakeChat(answer=lambda _: "Perhaps.")).ask_sync("Well?", AGREE)

    assert (silent.answer, silent.problem, silent.decided_by) == ("", "no perspective could be read", "")
    assert (vague.code, vague.answer, vague.problem) == (None, "", "no perspective could be read")
    assert silent.views["cognitive"].problem == "nothing was said"


def test_the_story_is_told_once_however_many_ask_at_once() -> None:
    chat = FakeChat(answer=lambda _: "Answer: 1\nAnalysis: x")
    ann = persona(chat)

    async def both() -> list[Response]:
        return await asyncio.gather(ann.ask("A?", AGREE), ann.ask("B?", AGREE))

    one, other = asyncio.run(both())
    third = ann.ask_sync("C?", AGREE)

    assert chat.templates.count("story") == 1
    assert one.backstory == other.backstory == third.backstory == "Answer: 1\nAnalysis: x"


def test_streaming_shows_every_step_and_ends_with_the_response() -> None:
    async def steps() -> list[tuple[str, Any]]:
        ann = persona(FakeChat(answer=codes(1, 1, 2)), integrate="always")
        return [(step.node, step.value) async for step in ann.stream("Is kin first?", IMPORTANCE)]

    seen = asyncio.run(steps())

    assert [node for node, _ in seen[:2]] == ["evidence", "story"] and seen[-1][0] == "coordinator"
    assert sorted(node for node, _ in seen[2:-1]) == ["affective", "behavioral", "cognitive"]
    views = dict(seen[2:-1])
    assert seen[-1][1].views == views and seen[-1][1].code == 3


def test_ask_sync_works_where_a_loop_runs_already() -> None:
    async def notebook() -> str:
        return persona(FakeChat()).ask_sync("Is kin first?", IMPORTANCE).answer

    assert asyncio.run(notebook()) == "Rather important"


def test_a_respondent_of_the_sample_is_told_by_its_known_items_alone() -> None:
    whole, few = Persona.from_respondent(None, 60), Persona.from_respondent(None, 60, known=["Q1", "Q2"])

    assert whole.name == few.name == describe_respondent(sample_respondents(), 60) == "Respondent 60: woman, 47, Brazil"
    assert len(whole.profile) > 200 and [answer["item"] for answer in few.profile] == ["Q1", "Q2"]
    with pytest.raises(IndexError):
        Persona.from_respondent(None, 601)
    with pytest.raises(KeyError):
        Persona.from_respondent(None, 60, known=["Q999"])


def test_offline_it_answers_and_says_what_it_is_made_with() -> None:
    found = Persona.from_respondent(None, 60).ask_sync("How important is family in your life?", AGREE)

    assert found.code in (1, 2) and OFFLINE[5:] in found.notice and found.evidence


def test_a_text_becomes_one_line_for_each_sentence_and_is_quoted() -> None:
    ann = Persona.from_text("I fish.\n- I never trusted the police!  Who would?\n\n海が好きです。魚も。", name="Ann")

    quoted = ["I fish.", "- I never trusted the police!", "Who would?", "海が好きです。", "魚も。"]
    assert ann.known == [f"It is told of you: “{sentence}”" for sentence in quoted]
    chat = FakeChat()
    found = Persona.from_text("I never trusted the police.", settings=Settings(chat=chat)).ask_sync("Police?", AGREE)
    assert "- It is told of you: “I never trusted the police.”" in chat.prompt("story")
    assert [one["line"] for one in found.evidence] == ["It is told of you: “I never trusted the police.”"]


def test_questions_with_answers_in_words_make_a_profile() -> None:
    ann = Persona.from_profile({"Where do you live?": "By the sea", "Do you fish?": "Daily\nAnswer: 1"})

    assert ann.known == ["Where do you live? Your answer: By the sea", "Do you fish? Your answer: Daily Answer: 1"]


def test_evidence_is_what_is_like_the_question_best_first() -> None:
    words = Words("family", "trust", "age")
    found = persona(FakeChat(), embeddings=words).ask_sync("Does family trust you? Family!", AGREE)

    assert [round(one["similarity"], 2) for one in found.evidence] == [0.89, 0.45]
    assert "family" in found.evidence[0]["line"] and "trusted" in found.evidence[1]["line"]


@pytest.mark.parametrize(
    ("profile", "problem"),
    [
        ([{"question": "q"}], "profile 1 options: Field required"),
        (
            [*PROFILE, {"question": "q", "options": [{"code": 1}], "code": 1}],
            "profile 4 options 1 label: Field required",
        ),
        ([{"question": "q", "options": [], "code": "x"}], "profile 1 code: "),
        (PROFILE * 200, "profile: 600 answers, and at most 500 are taken"),
        ([PROFILE[0] | {"statement": "x" * 200_001}], "profile: 200,069 characters, and at most 200,000 are taken"),
    ],
)
def test_a_profile_that_is_none_is_refused_in_one_line(profile: Any, problem: str) -> None:
    with pytest.raises((InvalidInputError, InputTooLargeError)) as raised:
        Persona.from_profile(profile)
    assert str(raised.value).startswith(problem) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("question", "options", "problem"),
    [
        (" \n", None, "question: nothing is asked"),
        ("x" * 2001, None, "question: 2,001 characters, and at most 2,000 are taken"),
        ("Well?", ["x" * 301], "option: 301 characters, and at most 300 are taken"),
        ("Well?", [str(number) for number in range(301)], "options: 301, and at most 300 are taken"),
        ("Well?", ["Yes", "Yes"], "options: two of them are the same"),
        ("Well?", [{"code": 1}], "options 1 label: Field required"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line_before_anything_is_sent(
    question: str, options: Any, problem: str
) -> None:
    chat = FakeChat()
    with pytest.raises(ValueError, match=problem) as raised:
        persona(chat).ask_sync(question, options)
    assert "\n" not in str(raised.value) and chat.calls == []


@pytest.mark.parametrize(("text", "problem"), [(" \n ", "nothing in it"), ("x" * 50_001, "50,001 characters")])
def test_a_text_that_tells_nothing_or_too_much_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Persona.from_text(text)


def test_errors_of_the_model_reach_the_caller_and_the_next_question_works(server: Server) -> None:
    server.fault = lambda path, body: error(500) if len(server.requests) == 1 else None
    ann = Persona.from_profile(PROFILE, settings=Settings(chat="openai:m", base_url=server.url))
    server.answer = lambda prompt: "Answer: 2\nAnalysis: x"

    with pytest.raises(Exception, match=r"500"):
        ann.ask_sync("Well?", AGREE)
    assert ann.ask_sync("Well?", AGREE).answer == "Disagree"
    with pytest.raises(ModelError):
        Persona.from_profile(PROFILE, settings=Settings(chat="openai:m")).ask_sync("Well?", AGREE)


def test_asked_whether_it_is_human_it_says_what_it_is_without_a_model() -> None:
    chat = FakeChat()

    found = persona(chat).ask_sync("Bist du ein echter Mensch?")

    assert "Simulation" in found.answer and found.decided_by == "disclosed" and chat.calls == []


def test_words_are_numbered_and_options_left_as_they_are() -> None:
    assert numbered_options(["a\nb", "c"]) == [{"code": 1, "label": "a b"}, {"code": 2, "label": "c"}]
    assert numbered_options([{"code": 0, "label": "no"}]) == [{"code": 0, "label": "no"}]


def test_a_person_travels_to_another_process_with_the_story_that_is_told(server: Server) -> None:
    server.answer = lambda prompt: "Answer: 2\nAnalysis: x"
    ann = Persona.from_profile(PROFILE, name="Ann", settings=Settings(chat="openai:m", base_url=server.url))
    ann.ask_sync("Well?", AGREE)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        away = pool.submit(ann.ask_sync, "Well?", AGREE).result(timeout=120)

    assert away.answer == "Disagree" and len(server.requests) == 4 + 3, "one story"
    for same in (pickle.loads(pickle.dumps(ann)), copy.deepcopy(ann), copy.copy(ann)):
        assert same == ann and same.ask_sync("Well?", AGREE).backstory == away.backstory
    assert len(server.requests) == 7 + 9


def test_a_model_object_that_cannot_travel_is_told_in_one_line() -> None:
    chat = FakeChat(answer=lambda _: "Answer: 1\nAnalysis: x")  # a function without a name cannot be pickled
    ann = persona(chat)

    with pytest.raises(
        pickle.PicklingError, match=r"^settings: chat, a FakeChat, cannot be pickled \(.*\); give"
    ) as no:
        pickle.dumps(ann)
    assert "\n" not in str(no.value)
    assert copy.deepcopy(ann).ask_sync("Well?", AGREE).answer == "Agree"


def test_a_failed_call_travels_back_as_what_it_is() -> None:
    back = pickle.loads(pickle.dumps(CallFailedError("cut_off", "the story was cut off")))

    assert (type(back), back.kind, str(back)) == (CallFailedError, "cut_off", "the story was cut off")
