"""The flags that the commands of this room share: where to listen, whom to serve, and what
answers.
"""

import argparse
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from survey.console import print_anything

if TYPE_CHECKING:
    from graph.settings import Settings
    from survey.respondents import Respondents


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and ends with code 2; every command has one, and prints on
    any console.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        print_anything()

    def error(self, message: str) -> NoReturn:
        """Print one line on standard error and exit with code 2."""
        raise SystemExit(refuse(self.prog, message))


def refuse(name: str, problem: str, code: int = 2) -> int:
    """Say in one line on standard error why nothing more is done, and return the code to end
    with.
    """
    sys.stderr.write(f"{name}: {' '.join(problem.split())}\n")
    return code


def add_address_flags(parser: argparse.ArgumentParser, port: int) -> None:
    """Where to listen, and whether a key is asked for."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="where to listen (default: this machine alone)"
    )
    parser.add_argument("--port", type=int, default=port, help=f"at which port (default: {port})")
    guard = argparse.BooleanOptionalAction
    parser.add_argument(
        "--guard",
        action=guard,
        help="ask for a key; on by itself unless it listens to this machine",
    )


def open_socket(host: str, port: int) -> socket.socket:
    """The socket to serve on. Raises OSError, one line, where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = (
            os.strerror(error.errno)
            if isinstance(error, OSError) and error.errno and error.errno > 0
            else error
        )
        raise OSError(
            f"cannot listen on {host}:{port}: {reason}; choose another with --host or --port"
        ) from None


def add_person_flags(parser: argparse.ArgumentParser) -> None:
    """Whose answers, and what answers for them."""
    parser.add_argument("--data", type=Path, help="a survey file (default: the synthetic sample)")
    parser.add_argument(
        "--model", default="offline", help="what answers, as in evals.run (default: offline)"
    )
    parser.add_argument("--base-url", help="address of an OpenAI-compatible server")
    parser.add_argument(
        "--embeddings", default="offline", help="what finds the evidence (default: offline)"
    )
    parser.add_argument(
        "--embeddings-base-url", help="address of an OpenAI-compatible embeddings server"
    )


def settings_from_flags(given: argparse.Namespace) -> "Settings":
    """The settings that the flags of `who` name. Raises ModelError, one line, for a name that
    cannot be used.
    """
    from graph.llm.addresses import embeddings_url
    from graph.llm.factory import chat_model, embedding_model
    from graph.settings import Settings

    chat_model(given.model, given.base_url)  # told now, not at the first question
    url = given.embeddings_base_url or embeddings_url(given.embeddings, given.base_url)
    embedding_model(given.embeddings, url)
    named = {"embeddings": given.embeddings, "embeddings_base_url": url}
    return Settings(chat=given.model, base_url=given.base_url, **named)


def people_from_flags(given: argparse.Namespace) -> "Respondents | None":
    """The people of the survey file; None where the sample serves. Raises DataError or OSError, one
    line.
    """
    from survey.codebook import wvs7
    from survey.respondents import read_survey

    return read_survey(given.data, wvs7()) if given.data else None
