"""How every command ends: a code, and one line on standard error where nothing more is done."""

import sys
from collections.abc import Callable

from evals.experiment import BAD_INPUT, INTERRUPTED, Ended, ExperimentError
from survey.archive import DataError
from survey.codebook import CodebookError


def command(name: str, interrupted: str, work: Callable[[], int]) -> int:
    """Do the work of a command and return its code; what stops it is told in one line, `interrupted` after Ctrl-C."""
    try:
        return work()
    except Ended as ended:
        return _refuse(name, str(ended), ended.code)
    except (ExperimentError, DataError, CodebookError, OSError) as error:
        return _refuse(name, str(error), BAD_INPUT)
    except KeyboardInterrupt:
        return _refuse(name, interrupted, INTERRUPTED)


def _refuse(name: str, message: str, code: int) -> int:
    """Say in one line why nothing more is done."""
    sys.stderr.write(f"{name}: {' '.join(message.split())}\n")
    return code
