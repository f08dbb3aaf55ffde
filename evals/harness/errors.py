"""Why a command ends early: each is one line."""

from graph.command_line.flag import SettingsError


class ExperimentError(SettingsError):
    """Settings cannot be run; the message is one line."""


class RunEndedError(Exception):
    """A command ended early, with this exit code; answers so far are kept."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
