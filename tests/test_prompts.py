"""The templates: each rendering as recorded, each instruction of the method in its place, and strictness."""

import os
from pathlib import Path

import pytest

from prompts import PromptError, check_templates, render, template, template_fields, template_names, templates_hash

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(template_names())
VALUES = {
    "profile": "- You consider family very important in your life. [options: Very important | Not important]\n"
    "- Your age in years is 47.",
    "backstory": "You were born 47 years ago.\n\nYou consider family very important in your life.",
    "question": "How important is work in your life?\n1: Very important\n2: Not important",
    "evidence": "- (similarity 0.71) You consider family very important in your life.",
    "perspectives": "Cognitive perspective\nAnswer: 1: Very important\nAnalysis: work feeds a family.",
    "facts": "- You like tea.",
    "decision": "You decided for tea.",
    "choice": "Very important",
    "reasons": "work feeds a family",
    "reply": "I don't like tea.",
    "points": "1. Fact: You like tea. - Looked at: You like coffee.\n2. Sentence: You own a boat.",
    "answer_format": "Reply so:\nAnswer: [option number]\nAnalysis: [reasoning]",
}
INSTRUCTIONS = """
story            | writer of background stories        | the role
story            | Rearrange the facts into an order   | a coherent order
story            | Every single information point      | every data point
story            | no exception                        | without exception
story            | Do not summarise                    | no summary
story            | do not generalise                   | no generalisation
story            | Keep exact values, numbers and resp | exact values stay
story            | every line is one information point | how a point is built
story            | the possible options                | … with its options
story            | Concentrate on the answer           | the answer given counts
story            | second person from beginning to end | second person throughout
story            | Bring together what belongs togethe | grouping
story            | never leave a point out             | … never at the cost of a point
story            | clear paragraphs, one for each aspe | paragraphs by aspect
story            | Completeness is worth more          | long is fine
story            | Return the story alone              | no preamble
story            | make sure that none is missing      | a check at the end
cognitive        | gather information                  | how information is gathered
cognitive        | ways of reasoning                   | preferred reasoning
cognitive        | beliefs and view of the world       | belief and worldview
cognitive        | factors weigh most                  | factors that weigh most
cognitive        | patterns of thinking                | thinking patterns
affective        | affective patterns                  | affective patterns
affective        | regulate feelings                   | how feelings are regulated
affective        | values and principles               | values and principles
affective        | needs and motivations               | needs and motivations
affective        | possible outcomes                   | feelings about outcomes
affective        | relationships and identity          | relationships and identity
behavioral       | habits and tendencies               | habits
behavioral       | environment and social context      | environment
behavioral       | capabilities                        | capabilities
behavioral       | limits                              | … and limits
behavioral       | past experience                     | past experience
behavioral       | decision into practice              | putting into practice
coordinator      | coordinator in a system that simula | the role
coordinator      | thoughts, feelings and tendencies   | how they interact
coordinator      | matters most here                   | which matters most
coordinator      | agree, and where do they pull apart | agreement and tension
full_info        | balanced                            | a balanced answer
full_info        | true to this person's background    | true to the background
full_info_published | balanced                         | a balanced answer
full_info_published | number of the selected option alone | the option alone
rag              | these earlier answers alone         | only these entries
rag_published    | these entries only                  | only these entries
rag_published    | number of the selected option alone | the option alone
direct_published | number of the selected option alone | the option alone
answer_format    | Answer: [option number]             | the answer line
answer_format    | Analysis: [reasoning]               | the reasons
"""


def rendered(name: str) -> str:
    return render(name, **{field: VALUES[field] for field in template_fields(name, template(name))})


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_changed_is_a_result_changed(name: str) -> None:
    """`UPDATE_GOLDEN=1 python -m pytest tests/test_prompts.py` records the prompts as they are now."""
    file = GOLDEN / f"{name.replace('/', '-')}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(rendered(name) + "\n", encoding="utf-8")

    assert rendered(name) + "\n" == file.read_text(encoding="utf-8")


def test_every_recorded_prompt_has_a_template() -> None:
    assert sorted(file.stem for file in GOLDEN.glob("*-*.txt")) == [name.replace("/", "-") for name in NAMES]


@pytest.mark.parametrize("line", INSTRUCTIONS.strip().splitlines(), ids=lambda line: line.partition("|")[0].strip())
def test_every_instruction_of_the_method_is_there(line: str) -> None:
    name, phrase, instruction = (part.strip() for part in line.split("|"))

    assert phrase in " ".join(template(f"predict/{name}").split()), instruction


@pytest.mark.parametrize("lens", ["cognitive", "affective", "behavioral"])
def test_a_perspective_asks_five_questions_and_puts_its_parts_in_order(lens: str) -> None:
    text = template(f"predict/{lens}")
    parts = [f"the {lens} lens", "five guiding questions", "as this person would", "{backstory}", "{question}"]
    places = [text.index(part) for part in [*parts, "{answer_format}"]]

    assert [f"\n{number}. " in text for number in range(1, 7)] == [True] * 5 + [False]
    assert places == sorted(places)


@pytest.mark.parametrize(("name", "wanted"), [("coordinator", {"perspectives"}), ("story", {"profile"})])
def test_the_coordinator_never_gets_the_story_and_the_story_never_the_question(name: str, wanted: set[str]) -> None:
    assert template_fields(name, template(f"predict/{name}")) - {"question", "answer_format"} == wanted
    assert ("question" in template_fields(name, template(f"predict/{name}"))) == (name == "coordinator")


def test_values_are_put_in_as_they_stand() -> None:
    odd = "{profile} {0} {{x}} %s \\n $a"

    assert odd in render("predict/story", profile=odd)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, r"^prompt predict/story: values missing \['profile'\], values unused \[\]$"),
        (
            {"profile": "x", "question": "y"},
            r"^prompt predict/story: values missing \[\], values unused \['question'\]$",
        ),
        ({"question": "y"}, r"^prompt predict/story: values missing \['profile'\], values unused \['question'\]$"),
    ],
)
def test_a_value_missing_or_unused_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(PromptError, match=message):
        render("predict/story", **values)


def test_there_is_no_prompt_of_that_name() -> None:
    with pytest.raises(PromptError, match=r"^no prompt named predict/plot$"):
        render("predict/plot")


def own(folder: Path, text: str | bytes, name: str = "predict/story.txt") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_templates_of_ones_own_replace_those_of_the_package(tmp_path: Path) -> None:
    own(tmp_path, "\ufeff\nTell it: {profile}, {{literally}}.\n\n")

    check_templates(tmp_path)
    assert render("predict/story", tmp_path, profile="x") == "Tell it: x, {literally}."
    assert render("predict/story", str(tmp_path), profile="x") == "Tell it: x, {literally}."


def test_what_a_directory_lacks_comes_from_the_package(tmp_path: Path) -> None:
    own(tmp_path, "Tell it: {profile}")

    assert template("predict/direct", str(tmp_path)) == template("predict/direct")


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("Tell {profile}", "predict/plot.txt", "predict/plot.txt replaces nothing; known are predict/affective, "),
        ("Tell {profile}", "story.txt", "story.txt replaces nothing; known are predict/affective, "),
        ("Tell it.", "predict/story.txt", r"predict/story.txt must use \['profile'\], and uses \[\]"),
        ("{profile} {question}", "predict/story.txt", r"must use \['profile'\], and uses \['profile', 'question'\]"),
        ("Tell {profile", "predict/story.txt", "^prompt predict/story: .*; write a literal brace twice$"),
        ("Tell {profile}}", "predict/story.txt", "^prompt predict/story: .*; write a literal brace twice$"),
        ("Tell {}", "predict/story.txt", r"^prompt predict/story: \{\} is not a plain name"),
        ("Tell {profile[0]}", "predict/story.txt", r"^prompt predict/story: \{profile\[0\]\} is not a plain name"),
        ("Tell {profile.x}", "predict/story.txt", r"^prompt predict/story: \{profile.x\} is not a plain name"),
        ("Tell {profile:>9}", "predict/story.txt", r"^prompt predict/story: \{profile\} is not a plain name"),
        ("Tell {profile!r}", "predict/story.txt", r"^prompt predict/story: \{profile\} is not a plain name"),
        (b"Tell {profile} \xe9t\xe9", "predict/story.txt", r"^prompt .*story.txt: .*can't decode byte"),
    ],
)
def test_a_directory_that_does_not_fit_is_refused_in_one_line(
    text: str | bytes, name: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(PromptError, match=message) as raised:
        check_templates(own(tmp_path, text, name))
    assert "\n" not in str(raised.value)


def test_a_directory_that_is_none_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"no such directory$"):
        check_templates(tmp_path / "nowhere")
    with pytest.raises(PromptError, match=r"no template in it, such as predict/story\.txt$"):
        check_templates(tmp_path)


def test_the_fingerprint_changes_with_a_replaced_template_and_not_with_a_copied_one(tmp_path: Path) -> None:
    copied = own(tmp_path / "copied", template("predict/story"))
    changed = own(tmp_path / "changed", template("predict/story").replace("writer", "author"))

    assert templates_hash() == templates_hash(copied) != templates_hash(changed)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if template_fields(name, template(name)) & {"backstory", "profile"}]
)
def test_long_first_moves_the_paragraph_with_the_long_text_and_nothing_else(name: str) -> None:
    values = {field: f"<{field}>" for field in template_fields(name, template(name))}
    usual, moved = (render(name, None, order, **values).split("\n\n") for order in ("paper", "cacheable"))

    assert sorted(usual) == sorted(moved)
    assert "<backstory>" in moved[0] or "<profile>" in moved[0]
    assert [part for part in usual if part != moved[0]] == moved[1:]


@pytest.mark.parametrize("name", NAMES)
def test_question_last_moves_the_question_behind_the_long_text_and_nothing_else(name: str) -> None:
    values = {field: f"<{field}>" for field in template_fields(name, template(name))}
    usual, moved = (render(name, None, order, **values).split("\n\n") for order in ("paper", "question_last"))

    asked = [part for part in usual if "<question>" in part]
    assert [part for part in moved if part not in asked] == [part for part in usual if part not in asked]
    long = [place for place, part in enumerate(moved) if "<profile>" in part or "<backstory>" in part]
    assert not asked or not long or moved.index(asked[0]) >= max(long)
    assert (moved == usual) == (name not in ("predict/full_info", "predict/full_info_published"))
