"""A conversation in a model's own chat template, as the model was trained to read it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from graph.llm.addresses import ModelError


def render_chat(template: str, messages: Sequence[Mapping[str, str]], **tokens: str) -> str:
    """The text of a conversation that ends where the assistant's reply begins.

    `template` is the Jinja template in the model's file, `messages` have `role` and `content`,
    `tokens` are its `bos_token` and `eos_token`. Raises ModelError for a template that cannot be
    used.
    """
    from jinja2 import TemplateError

    try:
        text: str = _compiled(template).render(
            messages=list(messages), add_generation_prompt=True, **tokens
        )
    except TemplateError as error:
        raise ModelError(f"the model's chat template cannot be used: {error}") from None
    return text


@cache
def _compiled(template: str) -> Any:
    """The template, which comes from a file of unknown origin, in a sandbox."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = _refuse
    return environment.from_string(template)


def _refuse(message: str) -> str:
    """What templates call for conversations that their models were not trained on."""
    from jinja2 import TemplateError

    raise TemplateError(message)
