"""How a reply ended, in the words of many servers."""

import pytest
from langchain_core.messages import AIMessage

from graph.llm.finish_reasons import Ending, ending, was_cut


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("stop", "ended"),
        ("STOP", "ended"),
        ("FinishReason.STOP", "ended"),
        ("end_turn", "ended"),
        ("eos_token", "ended"),
        ("COMPLETE", "ended"),
        ("length", "cut"),
        ("MAX_TOKENS", "cut"),
        ("FINISH_REASON_MAX_TOKENS", "cut"),
        ("max_tokens", "cut"),
        ("max-tokens", "cut"),
        ("model_length", "cut"),
        ("model_context_window_exceeded", "cut"),
        ("content_filter", "filtered"),
        ("SAFETY", "filtered"),
        ("PROHIBITED_CONTENT", "filtered"),
        ("refusal", "refused"),
        ("error", "failed"),
        ("abort", "failed"),
        ("insufficient_system_resource", "failed"),
        ("MALFORMED_FUNCTION_CALL", "failed"),
        ("FINISH_REASON_UNSPECIFIED", "failed"),
        ("a word of next year", "failed"),
    ],
)
def test_every_word_for_an_end_has_its_meaning(word: str, meaning: Ending) -> None:
    assert ending(word) == meaning
    message = AIMessage("Answer: 1", response_metadata={"finish_reason": word})
    assert was_cut(message) == (meaning != "ended")


@pytest.mark.parametrize(
    ("told", "cut"),
    [
        ({}, False),
        ({"finish_reason": None}, False),
        ({"finish_reason": ""}, False),
        ({"stop_reason": "max_tokens"}, True),
        ({"done_reason": "length"}, True),
        ({"finish_reason": None, "stop_reason": "end_turn"}, False),
        ({"finish_reason": {"type": "length"}}, True),
        ({"finish_reason": {"type": "stop"}}, False),
        ({"finish_reason": {"code": 7}}, True),
        ({"finish_reason": 7}, True),
    ],
)
def test_the_word_is_found_where_a_client_keeps_it(told: dict[str, object], cut: bool) -> None:
    assert was_cut(AIMessage("Answer: 1", response_metadata=told)) is cut
