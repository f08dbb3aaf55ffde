"""Codes that say why an answer is missing; every one of them is negative."""

from collections.abc import Mapping

DONT_KNOW = -1
NO_ANSWER = -2
NOT_APPLICABLE = -3
NOT_ASKED = -4
MISSING_OR_OTHER = -5
BLANK = -6
UNKNOWN_CODE = -7

MISSING_REASONS: Mapping[int, str] = {
    DONT_KNOW: "don't know",
    NO_ANSWER: "no answer",
    NOT_APPLICABLE: "not applicable",
    NOT_ASKED: "not asked in this country",
    MISSING_OR_OTHER: "missing or other",
    BLANK: "blank",
    UNKNOWN_CODE: "unknown code",
}
"""The reason by code: -1 to -5 are the survey's own codes, -6 and -7 are set by the reader."""
