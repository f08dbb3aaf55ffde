"""Scores the replies of many people to one item by each of the three rules, as arrays.

`strict` (ours, the headline), `published` (as the released scripts score) and `paper_tables` (the
rule that reproduces the paper's printed chance row) are defined in docs/metrics.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from baselines.answer_frame import NO_CODE, Codes, Floats
from survey.item import Item

Rule = Literal["strict", "published", "paper_tables"]
RULES: tuple[Rule, ...] = get_args(Rule)
ErrorBasis = Literal["", "code", "median", "expectation"]
"""What an error is measured from: the predicted code, the median of the predicted shares, or, where
no code is most likely, every code in proportion to its share.
"""
BASES: tuple[ErrorBasis, ...] = get_args(ErrorBasis)
UNREAD, CODE, MEDIAN, EXPECTATION = range(len(BASES))
ROUNDING = 1e-5
"""How much may be lacking where half of the weight counts as reached: other programs round the
shares that they write to files.
"""


@dataclass(frozen=True, eq=False)
class ItemReplies:
    """The replies of n people to one item.

    `codes`, shape (k,): all codes that a reply names, ascending. `shares`, shape (n, k); `named`,
    shape (n,): how many codes each reply names. `truth` and `predicted`, shape (n,): codes,
    `NO_CODE` where there is none. `readable`, shape (n,).
    """

    item: Item
    codes: Codes
    shares: Floats
    named: Codes
    truth: Codes
    predicted: Codes
    readable: NDArray[np.bool_]

    @cached_property
    def has_code(self) -> NDArray[np.bool_]:
        """Whether one code of a reply is the most likely."""
        return np.asarray(self.predicted != NO_CODE)

    @cached_property
    def hits(self) -> Floats:
        """1 where the truth is predicted, 0 where it is not; its share where no code is most
        likely.
        """
        right = self.codes[None, :] == self.truth[:, None]
        return self.expect((self.predicted == self.truth).astype(float), right.astype(float))

    def expect(self, of_predicted: Floats, of_codes: Floats) -> Floats:
        """The value of the predicted code, or of all codes by their shares where no code is most
        likely; 0 for a reply that was not read.

        `of_predicted`, shape (n,): the value of each predicted code; `of_codes`, shape (n, k).
        """
        expected = (self.shares * of_codes).sum(axis=1)
        return np.where(self.readable, np.where(self.has_code, of_predicted, expected), 0.0)


@dataclass(frozen=True, eq=False)
class ReplyScores:
    """The scores of replies, shape (n,) each; nan where a reply does not count.

    `hit`: 1 for a right answer, 0 for a wrong one, in between in expectation. `error`: distance
    from the truth, 0 to 1 (under `published` also more); `code_error`: that of the single most
    likely code; `by`: what `error` is measured from, as a place in `BASES`.
    """

    hit: Floats
    error: Floats
    code_error: Floats
    by: NDArray[np.int8]

    @classmethod
    def none(cls, size: int) -> Self:
        """Scores of replies that do not count."""
        hit, error, code_error = (np.full(size, np.nan) for _ in range(3))
        return cls(hit, error, code_error, np.zeros(size, np.int8))


def score_replies(replies: ItemReplies, rule: Rule) -> ReplyScores:
    """Score replies of people whose truth is known, to an item that people can be shown."""
    if rule == "strict":
        return _score_strict(replies)
    if rule == "published":
        return _score_published(replies)
    return _score_paper_tables(replies)


def _score_strict(replies: ItemReplies) -> ReplyScores:
    """Score by rule `strict`: hits over scorable items, errors over ordinal and binary ones.

    The error is the difference of ranks over the width of the scale; 1 for a reply that is unread
    or off the scale.
    """
    item, scores = replies.item, ReplyScores.none(len(replies.truth))
    if not item.scorable:
        return scores
    scores.hit[:] = replies.hits
    counts = np.isin(replies.truth, list(item.ranks))
    if item.kind == "nominal" or not counts.any():
        return scores
    truth, width = _ranks_of(replies.truth, item.ranks), len(item.ranks) - 1

    def error(codes: Codes) -> Floats:
        apart = np.abs(_ranks_of(codes, item.ranks) - truth[:, None]) / width
        return np.where(np.isnan(apart), 1.0, apart)

    medians = median_codes(replies, item.ranks)
    of_code, of_median = error(np.column_stack([replies.predicted, medians])).T
    expected = (replies.shares * error(replies.codes[None, :])).sum(axis=1)
    by = np.where(replies.named > 1, MEDIAN, CODE)
    for values, scored, otherwise, unread in (
        (scores.error, of_median, expected, 1.0),
        (scores.code_error, of_code, expected, 1.0),
        (scores.by, by, EXPECTATION, UNREAD),
    ):
        found = np.where(replies.has_code, scored, otherwise)
        values[counts] = np.where(replies.readable, found, unread)[counts]
    return scores


def _score_published(replies: ItemReplies) -> ReplyScores:
    """Score by rule `published`: skip unread replies and fill-in items.

    The error is the difference of codes over the number of options less one, not clipped.
    """
    item, scores = replies.item, ReplyScores.none(len(replies.truth))
    if item.use == "fill_in":
        return scores
    _fill(scores, replies, replies.readable, _code_distance(replies, item))
    return scores


def _score_paper_tables(replies: ItemReplies) -> ReplyScores:
    """Score by rule `paper_tables`: as `published`, with the error clipped at 1.

    Unread replies, codes that are no option and all fill-in items are wrong, with error 1.
    """
    item, scores = replies.item, ReplyScores.none(len(replies.truth))
    scores.hit[:], scores.error[:], scores.code_error[:] = 0.0, 1.0, 1.0
    if item.use == "fill_in":
        return scores
    of_predicted, of_codes = _code_distance(replies, item)
    options = list(item.by_code)
    of_predicted = np.where(np.isin(replies.predicted, options), of_predicted.clip(max=1), 1.0)
    of_codes = np.where(np.isin(replies.codes, options), of_codes.clip(max=1), 1.0)
    _fill(scores, replies, replies.readable, (of_predicted, of_codes))
    return scores


def _code_distance(replies: ItemReplies, item: Item) -> tuple[Floats, Floats]:
    """The distance of the predicted code and of each code from the truth, in widths of the item."""
    width = max(len(item.options) - 1, 1)
    of_codes = np.abs(replies.codes[None, :] - replies.truth[:, None]) / width
    return np.abs(replies.predicted - replies.truth) / width, of_codes


def _fill(
    scores: ReplyScores,
    replies: ItemReplies,
    counts: NDArray[np.bool_],
    distance: tuple[Floats, Floats],
) -> None:
    """Fill in the scores of the replies that count, whose two errors are the same."""
    scores.hit[counts] = replies.hits[counts]
    scores.error[counts] = scores.code_error[counts] = replies.expect(*distance)[counts]
    scores.by[counts] = np.where(replies.has_code, CODE, EXPECTATION)[counts]


def _ranks_of(codes: Codes, ranks: Mapping[int, int]) -> Floats:
    """The rank of each code on a scale; nan off it. Same shape as `codes`."""
    scale = np.array(sorted(ranks), np.int64)
    places = np.searchsorted(scale, codes).clip(max=len(scale) - 1)
    found = np.array([ranks[int(code)] for code in scale], float)[places]
    return np.where(scale[places] == codes, found, np.nan)


def median_codes(replies: ItemReplies, ranks: Mapping[int, int]) -> Codes:
    """Find the median code of each reply: where half of the weight on the scale is reached.

    `ranks`: semantic rank by code on the scale. Weight off the scale is left out; where it is more
    than half, the result is the mode, the lowest of the most likely codes. Shape (n,); `NO_CODE`
    for a reply that names no code.
    """
    shares = replies.shares
    if not shares.shape[1]:
        return np.full(len(shares), NO_CODE)
    modes = replies.codes[shares.argmax(axis=1)]
    named = set(replies.codes.tolist())
    by_rank = sorted(ranks, key=lambda code: (ranks[code], code))
    scale = [code for code in by_rank if code in named]
    on_scale = shares[:, np.searchsorted(replies.codes, scale)]
    if not scale:
        return np.asarray(modes)
    reached = on_scale.cumsum(axis=1)
    weight = reached[:, -1:]
    given = on_scale > 0
    half = given & (reached >= weight / 2 - ROUNDING)
    last = len(scale) - 1 - given[:, ::-1].argmax(axis=1)
    first = np.where(half.any(axis=1), half.argmax(axis=1), last)
    by_weight = (replies.named > 1) & (weight[:, 0] >= 0.5 - ROUNDING) & given.any(axis=1)
    medians = np.where(by_weight, np.array(scale, np.int64)[first], modes)
    return np.where(replies.named > 0, medians, NO_CODE)
