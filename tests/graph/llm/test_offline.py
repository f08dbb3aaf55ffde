"""The stand-in for a model: the same answer every time, from the prompt alone, for every template."""

import asyncio
import json
import os
import subprocess
import sys
from importlib import import_module
from math import isclose, sqrt
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from graph.llm.offline import NOTICE, OfflineChatModel, OfflineEmbeddings
from graph.llm.offline_rules.words import option_pointed_to
from graph.persona.blocking import ask
from graph.persona.persona import Persona
from graph.persona.sample import sample_respondents
from graph.plain_input import answer_in_words
from graph.settings import Settings
from graph.state import Input
from graph.valuesim import build
from prompts import render, template, template_fields, template_names
from survey.codebook import wvs7
from survey.folds import item_folds
from survey.profile import Answer, Protocol, options_of, profile_lines, profile_of
from tests.graph.fakes import INPUT, PROFILE

ROOT = Path(__file__).parents[3]
BOOK = wvs7()
FOLD = item_folds(list(BOOK.items))[0]
VALUES = {
    "profile": "- You like tea. [options: Yes | No]\n- Your age in years is 47.",
    "backstory": "You were born long ago. You like tea.",
    "question": "Do you like tea?\n1: Yes\n2: No\n3: Maybe",
    "evidence": "- (similarity 0.50) You like tea.",
    "perspectives": "Cognitive perspective\nAnswer: 1: Yes\nAnalysis: x",
    "answer_format": "Answer: [option number]\nAnalysis: [reasoning]",
}


def whole_profile(shift: int = 0) -> list[Answer]:
    """An answer to every known item of the first fold."""
    items = [item for item in BOOK.items.values() if item.shown]
    codes = {item.id: item.options[shift % len(item.options)].code if item.options else 40 + shift for item in items}
    return profile_of(BOOK, codes, FOLD.known)


def said(name: str) -> str:
    prompt = render(name, **{field: VALUES[field] for field in template_fields(name, template(name))})
    message = asyncio.run(OfflineChatModel().ainvoke(prompt, config={"metadata": {"prompt": name}}))
    return str(message.text)


@pytest.mark.parametrize("name", sorted({*template_names("predict")} - {"predict/answer_format"}))
def test_every_template_gets_an_answer_of_its_kind(name: str) -> None:
    text = said(name)

    assert text == said(name)
    if name == "predict/story":
        assert text == "You like tea. Your age in years is 47."
    elif name.endswith("_published"):
        assert text in ("1", "2", "3")
    else:
        assert text.splitlines()[0] in ("Answer: 1", "Answer: 2", "Answer: 3")
        assert text.splitlines()[1].startswith("Analysis: ")


def test_the_story_holds_every_fact() -> None:
    profile = whole_profile()

    story = ask(build(), INPUT | {"profile": profile})["backstory"]

    assert len(profile) > 220
    assert all(answer["statement"] in story for answer in profile)


def test_the_closest_known_answer_decides() -> None:
    police = PROFILE[0] | {"statement": "You trust the police a lot."}
    question = "How far do you trust the police force?"
    options = [{"code": 1, "label": "A lot"}, {"code": 2, "label": "Some"}, {"code": 3, "label": "Little"}]
    asked = Input(profile=[police, *PROFILE[1:]], question=question, options=options)  # type: ignore[typeddict-item]

    output = ask(build(), asked)

    assert (output["code"], output["decided_by"]) == (1, "unanimous")


@pytest.mark.parametrize("module", ["graph.valuesim", "baselines.full_info", "baselines.rag"])
@pytest.mark.parametrize("protocol", ["fair", "published"])
def test_every_graph_answers_every_item_under_both_protocols(module: str, protocol: Protocol) -> None:
    graph, profile = import_module(module).graph, whole_profile()
    told: Any = {}
    for item in FOLD.held_out[::4]:
        options = options_of(BOOK.items[item])
        asked = {"profile": profile, "question": BOOK.items[item].question, "options": options} | told
        output = ask(graph, asked, Settings(protocol=protocol))
        told = {key: output[key] for key in ("backstory", "backstory_of") if key in output}  # type: ignore[literal-required]
        assert output["code"] in ({option["code"] for option in options} or range(3000)), (item, output)


def test_people_who_answer_differently_are_answered_for_differently() -> None:
    def answers(shift: int) -> list[int | None]:
        story = "\n".join(profile_lines(whole_profile(shift)))
        return [
            ask(
                build(["cab"]),
                Input(profile=[], question=item.question, options=options_of(item), backstory=story),
            )["code"]
            for item in (BOOK.items[name] for name in FOLD.held_out[:12] if BOOK.items[name].scorable)
        ]

    assert answers(0) == answers(0) != answers(1)


IMPORTANT = ["Very important", "Rather important", "Not very important", "Not at all important"]


@pytest.mark.parametrize("told", [phrase.lower() for phrase in IMPORTANT])
@pytest.mark.parametrize("row", [3, 12, 60])
def test_what_it_answers_is_what_its_evidence_says(told: str, row: int) -> None:
    """A profile of 270 answers, in which the one that is asked about is set to each of its options."""
    people, answer = sample_respondents(), f"You consider religion {told} in your life."
    known = [item for item in people.items if item != "Q6"]
    profile = [*profile_of(BOOK, people.answers(row), known), answer_in_words(answer, "religion")]
    person = Persona(tuple(profile))

    found = person.ask_sync("How important is religion in your life?", IMPORTANT)
    polar = person.ask_sync("Is religion important to you?", ["Yes", "No"])

    assert (found.answer.lower(), found.decided_by) == (told, "unanimous")
    assert polar.answer == ("No" if told.startswith("not") else "Yes")
    assert all(view.analysis == f"the closest known statement is this. {answer}" for view in found.views.values())


def test_answers_told_as_plain_words_stay_apart() -> None:
    known = {"Is a plan there to be kept?": "Agree", "Do you like surprises?": "Disagree"}
    person = Persona.from_profile(known, settings=Settings(chat="offline"))

    for question, answer, closest in (
        ("Should one always keep to a plan?", "Agree", "Is a plan there to be kept? Your answer: Agree."),
        ("Should one always like surprises?", "Disagree", "Do you like surprises? Your answer: Disagree."),
    ):
        found = person.ask_sync(question, ["Agree", "Disagree"])
        assert (found.answer, found.analysis) == (answer, f"the closest known statement is this. {closest}")


@pytest.mark.parametrize(
    ("statement", "labels", "pointed_to"),
    [
        ("You find tea very good.", ["Very good", "Good", "Not good"], "Very good"),
        ("You find tea not very good.", ["Very good", "Good", "Not good"], "Not good"),
        ("You find tea not at all good.", ["Very good", "Good", "Not good"], "Not good"),
        ("You don't agree with tea.", ["Agree", "Disagree"], None),
        ("You do not trust them very much.", ["Trust them", "Do not trust at all", "Do not trust"], "Do not trust"),
        ("Do you like tea? Your answer: Yes.", ["Yes", "No"], "Yes"),
    ],
)
def test_a_statement_never_points_to_what_it_denies(statement: str, labels: list[str], pointed_to: str | None) -> None:
    code = option_pointed_to(statement, list(enumerate(labels)))

    assert (None if code is None else labels[code]) == pointed_to


def test_of_several_close_statements_one_that_says_the_answer_is_quoted() -> None:
    told = [
        "You walk to the sea every single day.",
        "You like the sea: a lot.",
        "You like the sea of ice: a little.",
        "You like the sea of sand: a little.",
    ]
    story = "\n".join(told)
    question, form = "The sea?\n1: A lot\n2: A little", VALUES["answer_format"]
    prompt = render("predict/affective", backstory=story, question=question, answer_format=form)
    reply = OfflineChatModel().invoke(prompt, config={"metadata": {"prompt": "predict/affective"}}).text

    code, _, quoted = reply.removeprefix("Answer: ").partition("\n")
    assert quoted.endswith({"1": "a lot.", "2": "a little."}[code])


SYSTEM = render("chat/speak", backstory="You like tea. You trust your family.", decision="")
DECISION = render("chat/decision", question="Do you like tea?\n1: Yes\n2: No", choice="No", reasons="x")
DECIDED = render(
    "chat/speak", backstory='You decided for this answer: "Yes". What led you to it: x.', decision=DECISION
)


@pytest.mark.parametrize(
    ("system", "asked", "said"),
    [
        (SYSTEM, "Do you drink tea?", "I like tea."),
        (SYSTEM, "What about your family?", "I trust my family."),
        (SYSTEM, "Was hältst du von Booten?", "I have no opinion on that."),
        (DECIDED, "Do you like tea?\n1: Yes\n2: No", "I would say: No."),
    ],
)
def test_it_speaks_as_the_person_what_is_closest_or_what_was_decided(system: str, asked: str, said: str) -> None:
    messages = [SystemMessage(system), HumanMessage("Hello."), AIMessage("Tea?"), HumanMessage(asked)]
    reply = asyncio.run(OfflineChatModel().ainvoke(messages, config={"metadata": {"prompt": "chat/speak"}}))

    assert reply.text == said


def test_it_mends_a_reply_by_saying_what_the_facts_say_and_finds_no_contradiction_itself() -> None:
    facts = "- You like tea. [options: Yes | No]\n- Your age in years is 47."
    asked = {"question": "Tea?", "reply": "- You hate tea.", "facts": facts}
    mended = OfflineChatModel().invoke(
        render("chat/correct", decision="", **asked), config={"metadata": {"prompt": "chat/correct"}}
    )
    checked = OfflineChatModel().invoke(render("chat/check", **asked), config={"metadata": {"prompt": "chat/check"}})

    assert mended.text == "I like tea. My age in years is 47."
    assert checked.text == "Contradicted: none"


@pytest.mark.parametrize("name", ["cognitive", "affective", "behavioral", "coordinator"])
def test_a_question_without_options_that_asks_for_words_gets_a_sentence_of_the_persons(name: str) -> None:
    form = render("chat/open_format")
    said = {"question": "Do you like tea?", "backstory": "You trust your family. You like tea."}
    heard = {"question": "Do you like tea?", "perspectives": "Cognitive perspective\nAnswer: I like tea.\nAnalysis: x"}
    prompt = render(f"predict/{name}", answer_format=form, **(heard if name == "coordinator" else said))
    text = OfflineChatModel().invoke(prompt, config={"metadata": {"prompt": f"predict/{name}"}}).text

    assert text.splitlines()[0] == "Answer: I like tea." and text.splitlines()[1].startswith("Analysis: ")


def test_it_says_that_it_is_no_model() -> None:
    assert "no language model" in NOTICE and "nothing about people" in NOTICE
    message = asyncio.run(OfflineChatModel().ainvoke("Hello?"))
    assert message.response_metadata["model_name"] == "offline"


def test_vectors_have_length_one_and_tell_texts_apart() -> None:
    texts = ["You trust the police.", "The police deserve trust.", "Tea with milk.", "", "of the and", "你好"]
    embeddings = OfflineEmbeddings()
    vectors = embeddings.embed_documents(texts)

    assert all(isclose(sqrt(sum(value * value for value in vector)), 1) for vector in vectors)
    assert embeddings.embed_query(texts[0]) == vectors[0] == asyncio.run(embeddings.aembed_query(texts[0]))
    police, deserve, tea = vectors[:3]
    assert sum(map(float.__mul__, police, deserve)) > 0.3 > sum(map(float.__mul__, police, tea))


def test_vectors_and_answers_are_the_same_in_every_process() -> None:
    code = """
import json, sys
from graph.llm.offline import OfflineChatModel, OfflineEmbeddings
vector = OfflineEmbeddings().embed_query("You trust the police.")
print(json.dumps([vector, OfflineChatModel().invoke(sys.argv[1]).text]))
"""
    prompt = "\n\n".join(["Answer.", *(f"You like {drink}." for drink in ("tea", "water", "milk")), VALUES["question"]])
    here = [OfflineEmbeddings().embed_query("You trust the police."), OfflineChatModel().invoke(prompt).text]

    run = subprocess.run(
        [sys.executable, "-c", code, prompt],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
    )

    assert json.loads(run.stdout) == here


@pytest.mark.parametrize(
    ("statement", "options", "chosen"),
    [
        ("You believe in heaven.", ["Yes", "No"], "Yes"),
        ("You do not believe in heaven.", ["Yes", "No"], "No"),
        ("You know heaven well, and another place.", ["No", "Yes"], "Yes"),
        ("You never think of heaven.", ["No", "Yes"], "No"),
        ("You consider heaven very important.", ["Important", "Very important", "Unimportant"], "Very important"),
        ("You place heaven at 3.", ["1", "2", "3", "4"], "3"),
    ],
)
def test_a_whole_label_counts_and_yes_and_no_go_by_whether_a_sentence_denies(
    statement: str, options: list[str], chosen: str
) -> None:
    told = Answer(question="What of heaven?", options=[], code=0, statement=statement)
    shown = [{"code": code, "label": label} for code, label in enumerate(options, 1)]
    asked = Input(profile=[told], question="What do you say of heaven?", options=shown)  # type: ignore[typeddict-item]

    assert options[(ask(build(), asked)["code"] or 0) - 1] == chosen
