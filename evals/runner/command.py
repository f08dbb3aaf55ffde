"""How every command ends: a code, and one line on standard error where nothing more is done."""

from collections.abc import Callable

from evals.harness.experiment import BAD_INPUT, INTERRUPTED, ExperimentError, RunEndedError
from evals.runner.interrupts import hold, interruptible
from evals.store.store_format import StoreError
from graph.serve.flags import refuse
from survey.archive import DataError
from survey.codebook_files import CodebookError


def run_command(name: str, interrupted: str, work: Callable[[], int]) -> int:
    """Do the work of a command and return its code; what stops it is told in one line,
    `interrupted` after Ctrl-C.
    """
    with interruptible(name, lambda: interrupted):
        try:
            code = work()
            hold()
            return code
        except RunEndedError as ended:
            return refuse(name, str(ended), ended.code)
        except (ExperimentError, DataError, CodebookError, StoreError, OSError) as error:
            return refuse(name, str(error), BAD_INPUT)
        except KeyboardInterrupt:
            return refuse(name, interrupted, INTERRUPTED)
