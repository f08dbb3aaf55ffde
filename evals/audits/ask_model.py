"""Asks a model about a backstory: which answers it states, and to repair what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from graph.fidelity.check import Verdict
from graph.llm.finish_reasons import was_cut
from graph.llm.reply_check import REPAIR
from graph.nodes.call import complete
from graph.reply import read_reply
from graph.reply_reader.thoughts import without_thoughts
from graph.settings import Settings
from survey.codebook import wvs7
from survey.profile import Answer, Option, profile_text, question_text

UNTOLD = "The story does not say"
OPEN_CODE = 9999
"""The code of the option `UNTOLD` where any number is an answer."""
SHOWN = 60
"""The longest list of options that a question shows; of a longer one the model writes the name."""


@dataclass(frozen=True)
class Recall:
    """What a model read in a story about one known answer.

    `verdict`: "" where the reply could not be read. `stated`: the code of the option that the model
    read, None for none. `raw`: the reply. `problem`: why the reply could not be read.
    """

    verdict: Verdict | Literal[""]
    stated: int | None
    raw: str
    problem: str


async def ask_recall(story: str, answer: Answer, settings: Settings) -> Recall:
    """Ask which option of a known answer the story states, or that it states none; one call.

    Raises `graph.llm.errors.CallFailedError` when the call finally fails.
    """
    options = _options(answer)
    untold = _untold_option(options)
    asked = recall_question(answer)
    message = await complete("audit/recall", settings, backstory=story, question=asked)
    text, cut = str(message.text), was_cut(message)
    reply = read_reply(text, [*options, untold], cut)
    if reply["code"] is None and not options:
        reply = read_reply(text, [], cut)  # any number
    code = reply["code"]
    if code is None:
        return Recall("", None, text, reply["problem"])
    if code == untold["code"]:
        return Recall("missing", None, text, "")
    return Recall("kept" if code == answer["code"] else "altered", code, text, "")


def recall_question(answer: Answer) -> str:
    """Return the question of `ask_recall` about a known answer, with its options."""
    options = _options(answer)
    return _question(answer, options, _untold_option(options))


def _untold_option(options: Sequence[Option]) -> Option:
    """Return the option that the story does not say, with a code behind all others."""
    last = max((option["code"] for option in options), default=OPEN_CODE - 1)
    return Option(code=last + 1, label=UNTOLD)


def _options(answer: Answer) -> list[Option]:
    """Return the options of a known answer.

    A question that was filled in freely, such as the country, has those of the codebook.
    """
    item = wvs7().items.get(answer.get("item", ""))
    if answer["options"] or item is None or item.question != answer["question"]:
        return list(answer["options"])
    return [Option(code=option.code, label=option.label) for option in item.options]


def _question(answer: Answer, options: Sequence[Option], untold: Option) -> str:
    """Return the question as the prompt shows it, with `untold` as its last option."""
    if options and len(options) <= SHOWN:
        return question_text(answer["question"], [*options, untold])
    how = "the name in full" if options else "the number itself"
    return question_text(
        f"{answer['question']} (In place of an option number write {how}.)", [untold]
    )


async def ask_repair(story: str, lacking: Sequence[Answer], settings: Settings) -> str:
    """Ask for the story with these facts added or corrected; no call where there are none.

    Raises `graph.llm.errors.CallFailedError` when the call finally fails, and when the model was
    cut off or wrote nothing.
    """
    if not lacking:
        return story
    message = await complete(REPAIR, settings, backstory=story, facts=profile_text(lacking))
    return without_thoughts(str(message.text)).strip()


def lacking_answers(profile: Sequence[Answer], verdicts: Mapping[str, Verdict]) -> list[Answer]:
    """Return the answers that a story lacks or tells wrongly, by the rules' verdicts.

    `verdicts`: by item, or by question where an answer has no item. Answers with the verdict
    "unsure" are not among them: the story may well tell them.
    """
    lacking = []
    for answer in profile:
        name = answer.get("item") or answer["question"]
        if verdicts.get(name, "missing") in ("altered", "missing"):
            lacking.append(answer)
    return lacking
