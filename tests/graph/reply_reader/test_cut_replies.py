"""A reply that was cut is read only where its answer was complete before the cut."""

import asyncio

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult

from baselines.full_info import build
from graph.llm.errors import CallFailedError
from graph.reply import read_free, read_integer, read_published, read_reply
from graph.settings import Settings
from tests.graph.fakes import IMPORTANCE, INPUT, option

TEN = [option(code, str(code)) for code in range(1, 11)]

COMPLETE = [
    "Answer: 1\nAnalysis: because",
    "Answer: 1\n",
    "Answer: 1\n\nI think th",
    "Answer: 1 Analysis: because",
    "Sure!\n\nAnswer: 1\nAnalysis: bec",
    "**Answer:** 1\n**Analysis:** bec",
    '{"answer": 1, "analysis": "bec',
    "<think>Answer: 3?</think>\nAnswer: 1\nAnalysis: bec",
    "<answer>1</answer>\n<analysis>bec",
    "Answer: 1\nAnalysis: bec. If asked again,\nans",
]
CUT = [
    "Answer: 1",
    "Answer: 1 ",
    "Answer: 1: N",
    "Answer: 1: One",
    "Answer:",
    "Ans",
    "1",
    "1\n",
    "1: One\n2: T",
    "Answer: 1: One\n2: T",
    '{"answer": 1',
    '{"answer": 1, ',
    "Answer: 1 (",
    "I weigh it.\nAnswer: 3\nBut then",
    "<think>Answer: 3\nAnalysis: so",
    "[THINK]Answer: 3\nAnalysis: so",
    "<|channel|>analysis<|message|>Answer: 3\nAnalysis: so",
    "analysisPerhaps\nAnswer: 3\nAnalysis: so",
    "",
    "Analysis: she works, so",
]


@pytest.mark.parametrize("text", COMPLETE)
def test_an_answer_that_was_complete_before_the_cut_is_read(text: str) -> None:
    assert read_reply(text, TEN, cut=True)["code"] == 1


@pytest.mark.parametrize("text", CUT)
def test_an_answer_that_may_have_gone_on_is_not_read(text: str) -> None:
    reply = read_reply(text, TEN, cut=True)

    assert (reply["code"], reply["cause"], reply["raw"]) == (None, "cut_off", text)


def test_a_label_may_have_gone_on() -> None:
    assert read_reply("Answer: Not very important", IMPORTANCE, cut=True)["cause"] == "cut_off"
    assert read_reply("Answer: Not very important\nAnalysis: ", IMPORTANCE, cut=True)["code"] == 3


def test_what_is_wrong_before_the_cut_is_told_as_such() -> None:
    assert read_reply("Answer: 1\nAnalysis: x\nAnswer: 2\nAna", TEN, cut=True)["cause"] == "several_answers"
    assert read_reply("Answer: 11\nAnalysis: x", TEN, cut=True)["cause"] == "out_of_range"


@pytest.mark.parametrize("reader", [read_published, read_integer])
def test_the_released_readers_read_no_number_at_the_very_end_of_a_cut_reply(reader: object) -> None:
    read = reader
    assert read("Answer: 1", TEN, True)["cause"] == "cut_off"  # type: ignore[operator]
    assert read("", TEN, True)["cause"] == "cut_off"  # type: ignore[operator]
    assert read("Answer: 1\nAnalysis: b", TEN, True)["code"] == 1  # type: ignore[operator]
    assert read("Answer: 1", TEN, False)["code"] == 1  # type: ignore[operator]


def test_half_a_free_answer_is_none() -> None:
    assert read_free("Answer: I fish and", cut=True) == (
        "",
        "",
        "the reply was cut off before its answer was complete",
        "cut_off",
    )
    assert read_free("Answer: I fish.\nAnalysis: the sea", cut=True)[0] == "I fish."


class Sending(BaseChatModel):
    """Sends one message, whatever it is asked."""

    message: AIMessage

    @property
    def _llm_type(self) -> str:
        return "sending"

    def _generate(self, *args: object, **kwargs: object) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.message)])


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (AIMessage("Answer: 2", response_metadata={"finish_reason": "stop"}), ""),
        (AIMessage("Answer: 2"), ""),
        (AIMessage("Answer: 2", response_metadata={"finish_reason": "length"}), "cut_off"),
        (AIMessage("Answer: 2", response_metadata={"finish_reason": "MAX_TOKENS"}), "cut_off"),
        (AIMessage("Answer: 2", response_metadata={"done_reason": "length"}), "cut_off"),
        (AIMessage("Answer: 2", response_metadata={"stop_reason": "max_tokens"}), "cut_off"),
        (AIMessage("Answer: 2\nAnalysis: so", response_metadata={"finish_reason": "length"}), ""),
        (AIMessage("", additional_kwargs={"reasoning_content": "Answer: 2"}), "only_reasoning"),
        (AIMessage("", response_metadata={"finish_reason": "length"}), "cut_off"),
        (AIMessage(""), "empty"),
    ],
)
def test_a_graph_reads_only_what_was_said_to_its_end(message: AIMessage, cause: str) -> None:
    found = asyncio.run(build().ainvoke(INPUT, context=Settings(chat=Sending(message=message))))

    assert (found["code"], found["cause"]) == (None if cause else 2, cause)


def test_a_reply_that_the_server_broke_off_is_a_failure() -> None:
    message = AIMessage("Answer: 2", response_metadata={"finish_reason": "abort"})
    with pytest.raises(CallFailedError, match="abort"):
        asyncio.run(build().ainvoke(INPUT, context=Settings(chat=Sending(message=message))))


@pytest.mark.parametrize(
    ("used", "limit", "cause"), [(30, 30, "cut_off"), (31, 30, "cut_off"), (29, 30, ""), (30, None, "")]
)
def test_a_reply_that_used_all_that_was_allowed_was_cut_whatever_its_server_says(
    used: int, limit: int | None, cause: str
) -> None:
    usage = UsageMetadata(input_tokens=9, output_tokens=used, total_tokens=9 + used)
    message = AIMessage("Answer: 2", response_metadata={"finish_reason": "stop"}, usage_metadata=usage)
    settings = Settings(chat=Sending(message=message), max_tokens=limit)

    assert asyncio.run(build().ainvoke(INPUT, context=settings))["cause"] == cause
