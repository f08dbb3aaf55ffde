"""Which known answers RAG finds, in vectors that can be checked by eye."""

import pytest

from baselines.rag import graph
from graph.persona.blocking import ask
from graph.settings import Settings
from graph.state import Input
from survey.profile import Answer
from tests.graph.fakes import IMPORTANCE, FakeChat, Words

EMBEDDINGS = Words("work", "kin", "god")
QUESTION = "Does work matter?"  # its vector: (1, 0, 0)


def known(**statements: str) -> list[Answer]:
    return [Answer(item=item, question="?", options=[], code=1, statement=said) for item, said in statements.items()]


PROFILE = known(
    Q9="God and kin.",  # 0
    Q10="Work.",  # 1
    Q2="Work and kin.",  # 0.71
    Q3="Work, work, work, work and god, god, god.",  # 0.8, and the largest dot product
    Q4="Kin, and some work, and god.",  # 0.58
    Q5="Nothing of it.",  # 0: a vector without length
)


def found(profile: list[Answer] = PROFILE, question: str = QUESTION, **settings: object) -> list[tuple[str, float]]:
    """What was kept as evidence, rounded; checks that just these lines were sent."""
    chat = FakeChat()
    asked = Input(profile=profile, question=question, options=IMPORTANCE)
    output = ask(graph, asked, Settings(chat=chat, embeddings=EMBEDDINGS, **settings))  # type: ignore[arg-type]
    kept = [entry["line"] for entry in output["evidence"]]
    [(template, prompt)] = chat.calls
    assert template == "rag"
    assert [answer["statement"] for answer in profile if answer["statement"] in prompt] == [
        answer["statement"] for answer in profile if answer["statement"] in kept
    ]
    return [(entry["line"], round(entry["similarity"], 2)) for entry in output["evidence"]]


def test_the_three_closest_by_angle_and_not_by_length() -> None:
    assert found() == [
        ("Work.", 1.0),
        ("Work, work, work, work and god, god, god.", 0.8),
        ("Work and kin.", 0.71),
    ]


@pytest.mark.parametrize("top_k", [1, 2, 5, 50])
def test_top_k_says_how_many(top_k: int) -> None:
    assert (
        [line for line, _ in found(top_k=top_k)]
        == [
            "Work.",
            "Work, work, work, work and god, god, god.",
            "Work and kin.",
            "Kin, and some work, and god.",
            "Nothing of it.",  # as close as Q9, and before it in the questionnaire
            "God and kin.",
        ][:top_k]
    )


def test_a_threshold_drops_what_is_less_similar() -> None:
    assert [line for line, _ in found(threshold=0.75)] == ["Work.", "Work, work, work, work and god, god, god."]
    assert len(found(threshold=0.5, top_k=6)) == 4


def test_where_the_threshold_would_drop_all_the_closest_are_kept() -> None:
    profile = known(Q1="God and kin.", Q2="Kin, kin and work.")

    assert found(profile, threshold=0.9) == [("Kin, kin and work.", 0.45), ("God and kin.", 0.0)]


@pytest.mark.parametrize(("protocol", "kept"), [("fair", 2), ("published", 1)])
def test_the_released_threshold_of_thirty_hundredths_is_the_published_one(protocol: str, kept: int) -> None:
    chat = FakeChat(answer=lambda prompt: "Answer: 1")
    profile = known(Q1="God and kin.", Q2="Kin and work.")
    for answer in profile:
        answer["question"] = answer["statement"]
    asked = Input(profile=profile, question=QUESTION, options=IMPORTANCE)

    output = ask(graph, asked, Settings(chat=chat, embeddings=EMBEDDINGS, protocol=protocol))  # type: ignore[arg-type]

    assert len(output["evidence"]) == kept


def test_a_threshold_of_ones_own_beats_the_released_one() -> None:
    asked = Input(profile=known(Q1="God.", Q2="Kin and work."), question=QUESTION, options=IMPORTANCE)
    for answer in asked["profile"]:
        answer["question"] = answer["statement"]
    settings = Settings(chat=FakeChat(), embeddings=EMBEDDINGS, protocol="published", threshold=-1)

    assert len(ask(graph, asked, settings)["evidence"]) == 2


def test_ties_stand_in_the_order_of_the_questionnaire() -> None:
    profile = known(Q20="Work here.", Q3="Work there.", Q100="Work and work.", Q5="Work: all day.")

    assert [line for line, _ in found(profile, top_k=4)] == [
        "Work there.",
        "Work: all day.",
        "Work here.",
        "Work and work.",
    ]


def test_the_options_belong_to_the_query() -> None:
    chat, profile = FakeChat(), known(Q1="Kin.", Q2="God.")
    options = [option | {"label": f"{option['label']} for god"} for option in IMPORTANCE]
    asked = Input(profile=profile, question="What counts?", options=options)  # type: ignore[typeddict-item]

    output = ask(graph, asked, Settings(chat=chat, embeddings=EMBEDDINGS, top_k=1))

    assert [entry["line"] for entry in output["evidence"]] == ["God."]


def test_the_prompt_shows_each_entry_with_its_similarity() -> None:
    chat = FakeChat()

    ask(
        graph,
        Input(profile=PROFILE, question=QUESTION, options=IMPORTANCE),
        Settings(chat=chat, embeddings=EMBEDDINGS),
    )

    entries = [line for line in chat.prompt("rag").splitlines() if line.startswith("- ")]
    assert entries == [
        "- (similarity 1.00) Work.",
        "- (similarity 0.80) Work, work, work, work and god, god, god.",
        "- (similarity 0.71) Work and kin.",
    ]


def test_a_profile_is_embedded_once_for_many_questions() -> None:
    embeddings = Words("work", "kin", "god")
    settings = Settings(chat=FakeChat(), embeddings=embeddings)

    for question in (QUESTION, "Does god matter?"):
        ask(graph, Input(profile=PROFILE, question=question, options=IMPORTANCE), settings)

    assert [embeddings.texts.count(answer["statement"]) for answer in PROFILE] == [1] * 6


def test_two_people_who_said_the_same_in_another_order_are_not_mixed_up() -> None:
    turned = list(reversed(PROFILE))

    assert found(turned, top_k=6)[:4] == found(top_k=6)[:4]


def test_no_known_answer_gives_no_evidence() -> None:
    chat = FakeChat()

    output = ask(graph, Input(profile=[], question=QUESTION, options=IMPORTANCE), Settings(chat=chat))

    assert output["evidence"] == [] and "- none" in chat.prompt("rag")
