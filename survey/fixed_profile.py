"""A profile that nobody changes: what is worked out from it is worked out once."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Self, TypeVar, cast

Work = TypeVar("Work", bound=Callable[..., Any])


class FixedProfile(tuple[Any, ...]):
    """The known answers of a person who is asked many questions.

    `results` keeps what was worked out from them, by function and further arguments. Whoever makes
    a FixedProfile promises to leave its answers as they are.
    """

    results: dict[tuple[Any, ...], Any]

    def __new__(cls, answers: Sequence[Any]) -> Self:
        """Take these answers, with no results yet."""
        made = super().__new__(cls, answers)
        made.results = {}
        return made


def once_per_profile(work: Work) -> Work:
    """Make a function of a profile keep its result with a FixedProfile.

    For any other sequence the function works anew each time. An error is not kept.
    """

    @wraps(work)
    def kept(profile: Sequence[Any], *more: Any) -> Any:
        if not isinstance(profile, FixedProfile):
            return work(profile, *more)
        key = (work, *more)
        if key not in profile.results:
            profile.results[key] = work(profile, *more)
        return profile.results[key]

    return cast(Work, kept)
