"""A profile that does not change: the same words as any other, worked out once."""

import pytest

from graph.validation import InputTooLargeError, validate_size
from survey.fixed_profile import FixedProfile, once_per_profile
from survey.profile import Answer, Option, profile_hash, profile_lines, profile_text

OPTIONS = [Option(code=1, label="Yes"), Option(code=2, label="No")]
ANSWERS = [Answer(question=f"Do you {verb}?", options=OPTIONS, code=1) for verb in ("sing", "<think>", "read")]


def test_a_fixed_profile_reads_like_any_other() -> None:
    for _ in range(2):
        fixed = FixedProfile(ANSWERS)
        assert profile_hash(fixed) == profile_hash(ANSWERS)
        assert profile_lines(fixed) == profile_lines(ANSWERS)
        assert profile_lines(fixed, "published") == profile_lines(ANSWERS, "published")
        assert profile_text(fixed) == profile_text(ANSWERS)
        assert profile_text(fixed, "published") == profile_text(ANSWERS, "published")


def test_the_work_is_done_once_for_a_fixed_profile_and_each_set_of_arguments() -> None:
    done = []

    @once_per_profile
    def count(profile: list[Answer], more: int = 0) -> int:
        done.append(more)
        return len(profile) + more

    one, other = FixedProfile(ANSWERS), FixedProfile(ANSWERS[:1])
    assert [count(one), count(one), count(one, 5), count(one, 5), count(other)] == [3, 3, 8, 8, 1]
    assert done == [0, 5, 0]
    assert [count(ANSWERS), count(ANSWERS)] == [3, 3]
    assert done == [0, 5, 0, 0, 0]


def test_whoever_changes_the_lines_changes_a_list_of_their_own() -> None:
    fixed = FixedProfile(ANSWERS)
    profile_lines(fixed).clear()
    assert len(profile_lines(fixed)) == 3


def test_a_fault_is_told_each_time() -> None:
    fixed = FixedProfile(ANSWERS * 200)
    for _ in range(2):
        with pytest.raises(InputTooLargeError, match="600 answers"):
            validate_size(fixed)
