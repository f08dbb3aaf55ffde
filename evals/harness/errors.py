"""Why a command ends early: each is one line."""

from graph.command_line.flag import SettingsError


class ExperimentError(SettingsError):
    """Settings that cannot be run; one line."""


class RunEndedError(Exception):
    """A command that ended early, with its exit code; what was answered is kept."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
