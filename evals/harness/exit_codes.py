"""The codes with which every command ends."""

from evals.early import INTERRUPTED as INTERRUPTED

COMPLETE, BAD_INPUT, FAILED_CALLS = 0, 2, 3
