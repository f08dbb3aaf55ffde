"""The codebook of Wave 7 against the facts of the survey: figures as its questionnaire has them, item by item."""

from collections import Counter

import pytest

from survey.codebook import Codebook, wvs7
from survey.missing_codes import MISSING_REASONS

FACTS = """
1-6      ordinal  1-4     core                  Social values, norms, stereotypes
7-26     binary   1-2     core                  Social values, norms, stereotypes
27-32    ordinal  1-4     core                  Social values, norms, stereotypes
33-41    ordinal  1-5     core                  Social values, norms, stereotypes
42       nominal  1-3     core                  Social values, norms, stereotypes
43-45    ordinal  1-3     core                  Social values, norms, stereotypes
46       ordinal  1-4     happiness             Happiness and well-being
47       ordinal  1-5     happiness             Happiness and well-being
48-50    ordinal  1-10    happiness             Happiness and well-being
51-55    ordinal  1-4     happiness             Happiness and well-being
56       ordinal  1,3,2   happiness             Happiness and well-being
57       binary   1-2     trust                 Social capital, trust, membership
58-89    ordinal  1-4     trust                 Social capital, trust, membership
90       ordinal  1-10    trust                 Social capital, trust, membership
91-93    nominal  1-3     trust                 Social capital, trust, membership
94-105   ordinal  0-2     trust                 Social capital, trust, membership
106-110  ordinal  1-10    economic_integrity    Economic values
111      ordinal  1-2|3   economic_integrity    Economic values
112      ordinal  1-10    economic_integrity    Corruption
113-118  ordinal  1-4     economic_integrity    Corruption
119      ordinal  1,2,0,3,4 economic_integrity  Corruption
120      ordinal  1-10    economic_integrity    Corruption
121      ordinal  1-5     security              Migration
122-129  ordinal  0-2     security              Migration
130      ordinal  1-4     security              Migration
131-138  ordinal  1-4     security              Security
139-141  binary   1-2     security              Security
142-143  ordinal  1-4     security              Security
144-145  binary   1-2     security              Security
146-148  ordinal  1-4     security              Security
149-151  binary   1-2     security              Security
152-157  nominal  1-4     core                  Postmaterialism
158-163  ordinal  1-10    technology            Science and technology
164      ordinal  1-10    moral_religious       Religious values
165-168  binary   1-2     moral_religious       Religious values
169-170  ordinal  1-4     moral_religious       Religious values
171      ordinal  1-7     moral_religious       Religious values
172      ordinal  1-8     moral_religious       Religious values
173      ordinal  1-3     moral_religious       Religious values
174-175  binary   1-2     moral_religious       Religious values
176-195  ordinal  1-10    moral_religious       Ethical values
196-198  ordinal  1-4     moral_religious       Ethical values
199      ordinal  1-4     political_engagement  Political interest and participation
200      ordinal  1-3     political_engagement  Political interest and participation
201-208  ordinal  1-5     political_engagement  Political interest and participation
209-220  ordinal  1-3     political_engagement  Political interest and participation
221-222  ordinal  1-3|4   political_engagement  Political interest and participation
223      nominal  list    political_engagement  Political interest and participation
224-234  ordinal  1-4     political_engagement  Political interest and participation
235-239  ordinal  1-4     political_engagement  Political culture and regimes
240      ordinal  1-10    political_engagement  Political culture and regimes
241-249  ordinal  0-10    political_engagement  Political culture and regimes
250-252  ordinal  1-10    political_engagement  Political culture and regimes
253      ordinal  1-4     political_engagement  Political culture and regimes
254      ordinal  1-4|5   political_engagement  Political culture and regimes
255-259  ordinal  1-4     political_engagement  Political culture and regimes
260      binary   1-2     demographics          Demographics
261-262  numeric  number  demographics          Demographics
263-265  binary   1-2     demographics          Demographics
266-268  nominal  country demographics          Demographics
269      binary   1-2|3   demographics          Demographics
270      numeric  number  demographics          Demographics
271      nominal  1-4     demographics          Demographics
272      nominal  list    demographics          Demographics
273      nominal  1-6     demographics          Demographics
274      numeric  number  demographics          Demographics
275-278  ordinal  0-8     demographics          Demographics
279-280  nominal  1-8     demographics          Demographics
281-283  nominal  0-11    demographics          Demographics
284      nominal  1-3     demographics          Demographics
285      binary   1-2     demographics          Demographics
286      ordinal  1-4     demographics          Demographics
287      ordinal  1-5     demographics          Demographics
288      ordinal  1-10    demographics          Demographics
289      nominal  0-9     demographics          Demographics
290      nominal  list    demographics          Demographics
"""


def span(text: str) -> list[int]:
    """The numbers that "1-4" or "1,3,2" stands for."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if last else [int(number) for number in text.split(",")]


ROWS = [line.split(None, 4) for line in FACTS.strip().splitlines()]


@pytest.fixture(scope="module")
def book() -> Codebook:
    return wvs7()


def test_there_are_290_items_in_the_order_of_the_questionnaire(book: Codebook) -> None:
    assert list(book.items) == [f"Q{number}" for number in range(1, 291)]
    assert [number for row in ROWS for number in span(row[0])] == list(range(1, 291))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"Q{row[0]}")
def test_each_item_is_as_the_survey_has_it(row: list[str], book: Codebook) -> None:
    numbers, kind, codes, dimension, section = row
    on, _, off = codes.partition("|")
    for item in (book.items[f"Q{number}"] for number in span(numbers)):
        assert (item.kind, item.dimension, item.section) == (kind, dimension, section)
        if codes == "country":
            assert {option.code for option in item.options} == set(book.countries)
        elif codes == "number":
            assert item.options == () and item.valid(0) and item.valid(1970) and not item.valid(-1)
        elif codes != "list":
            scale = [option.code for option in item.options]
            ranks = dict(zip(span(on), range(1, 12), strict=False))
            assert scale == span(on) + ([int(off)] if off else [])
            assert item.ranks == (ranks if kind in ("ordinal", "binary") else {})
            assert [code for code in range(-5, 100) if item.valid(code)] == sorted(scale)


def test_the_sums_that_the_survey_gives(book: Codebook) -> None:
    items = book.items.values()

    assert Counter(item.dimension for item in items) == {
        "core": 51,
        "happiness": 11,
        "trust": 49,
        "economic_integrity": 15,
        "security": 31,
        "technology": 6,
        "moral_religious": 35,
        "political_engagement": 61,
        "demographics": 31,
    }
    assert len(book.dimensions) == 9
    assert Counter(item.kind for item in items) == {"ordinal": 220, "binary": 41, "nominal": 25, "numeric": 4}
    assert len({item.section for item in items}) == 14
    assert sum(item.scorable for item in items) == 280
    assert book.left_out == ("Q223", "Q272", "Q290")
    assert [item.id for item in items if item.shown and not item.scorable] == [
        *("Q261", "Q262", "Q266", "Q267", "Q268", "Q270", "Q274")
    ]


def test_semantic_ranks_where_they_are_not_the_codes(book: Codebook) -> None:
    assert book.items["Q56"].ranks == {1: 1, 3: 2, 2: 3}
    assert book.items["Q119"].ranks == {1: 1, 2: 2, 0: 3, 3: 4, 4: 5}
    assert book.items["Q122"].ranks == {0: 1, 1: 2, 2: 3}
    assert [option.label for option in book.items["Q56"].options] == ["Better", "About the same", "Worse"]
    assert [option.label for option in book.items["Q119"].options][2] == "Hard to say"


@pytest.mark.parametrize(("item", "code"), [("Q111", 3), ("Q221", 4), ("Q222", 4), ("Q254", 5), ("Q269", 3)])
def test_a_code_off_the_scale_is_an_answer_without_a_rank(item: str, code: int, book: Codebook) -> None:
    found = book.items[item]

    assert found.valid(code) and code not in found.ranks
    assert [other.id for other in book.items.values() if other.ranks and len(other.ranks) < len(other.options)] == [
        *("Q111", "Q221", "Q222", "Q254", "Q269")
    ]


def test_countries_have_names(book: Codebook) -> None:
    assert book.items["Q266"].tell(792) == "Your country of birth is Turkey."
    assert book.countries[276] == book.country_of["DEU"] == "Germany"
    assert book.countries[20] == book.country_of["AND"] == "Andorra"
    assert len(book.country_of) >= 240 and all(len(letters) == 3 for letters in book.country_of)


def test_every_missing_code_is_negative_and_has_a_reason() -> None:
    assert {code: MISSING_REASONS[code] for code in (-1, -2, -3, -4, -5)} == {
        -1: "don't know",
        -2: "no answer",
        -3: "not applicable",
        -4: "not asked in this country",
        -5: "missing or other",
    }
    assert max(MISSING_REASONS) < 0 and len(set(MISSING_REASONS.values())) == len(MISSING_REASONS)
