"""What a user sees of people who never lived: answers that hang together, in the format of the real file."""

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from survey.codebook import wvs7
from survey.missing_codes import BLANK, UNKNOWN_CODE
from survey.respondents import read_survey
from survey.synthetic import draw_population, main, sample_path, write_population
from survey.wvs7.synthetic_countries import borrowed_countries

Ints = NDArray[np.int64]

PEOPLE = 1500
ITEMS = wvs7().items
SCORABLE = [item.id for item in ITEMS.values() if item.scorable]


@cache
def people() -> dict[str, NDArray[np.generic]]:
    return draw_population(PEOPLE)


def codes(item: str) -> Ints:
    return people()[item].astype(np.int64)


def ranks(item: str) -> NDArray[np.float64]:
    """Semantic ranks, nan where there is none."""
    return np.array([ITEMS[item].ranks.get(code, np.nan) for code in codes(item).tolist()])


def correlation(one: str, other: str) -> float:
    a, b = ranks(one), ranks(other)
    both = ~np.isnan(a) & ~np.isnan(b)
    return float(np.corrcoef(a[both], b[both])[0, 1])


def test_the_columns_stand_as_in_the_real_file() -> None:
    names = list(people())

    assert names[:7] == ["version", "doi", "A_WAVE", "A_YEAR", "A_STUDY", "B_COUNTRY", "B_COUNTRY_ALPHA"]
    assert names[names.index("S025") + 1] == "Q1"
    assert [name for name in names if name in ITEMS] == list(ITEMS)
    assert names[names.index("Q32") :][:4] == ["Q32", "Q33_3", "Q33", "Q34_3"]
    assert names[names.index("Q82") + 1 :][:2] == ["Q82_AFRICANUNION", "Q82_APEC"]
    assert names[names.index("Q94") :][:4] == ["Q94", "Q94R", "Q95", "Q95R"]
    assert names[names.index("Q223") :][:4] == ["Q223", "Q223_ABREV", "Q223_LOCAL", "Q224"]
    assert names[names.index("Q233") :][:3] == ["Q233", "Q234A", "Q234"]
    assert names[names.index("Q262") :][:4] == ["Q262", "X003R", "X003R2", "Q263"]
    assert names[names.index("Q275") :][:4] == ["Q275", "Q275A", "Q275R", "Q276"]
    assert names[names.index("Q288") :] == [
        *("Q288", "Q288R", "Q289", "Q289CS9", "Q290"),
        *("Y001", "Y002", "Y003", "SACSECVAL", "RESEMAVAL"),
    ]
    assert all(column.shape == (PEOPLE,) for column in people().values())


def test_the_file_says_that_it_is_synthetic() -> None:
    assert set(people()["version"].tolist()) == {"synthetic-1"}
    assert set(people()["doi"].tolist()) == {"none: synthetic people"}


def test_countries_stand_in_order_and_are_known() -> None:
    letters = people()["B_COUNTRY_ALPHA"].tolist()
    counts = [letters.count(country) for country in dict.fromkeys(letters)]

    assert letters == sorted(letters)
    assert len(counts) == 12
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(("rows", "wanted"), [(1, 1), (7, 7), (13, 12), (2600, 13)])
def test_as_many_countries_as_the_rows_allow(rows: int, wanted: int) -> None:
    assert len(set(draw_population(rows)["B_COUNTRY_ALPHA"].tolist())) == wanted


def test_there_are_as_many_countries_as_in_the_real_file() -> None:
    assert len({country.alpha3 for country in borrowed_countries()}) == 66
    assert all(wvs7().country_of[it.alpha3] == wvs7().countries[it.numeric] for it in borrowed_countries())


def test_every_code_is_in_the_codebook() -> None:
    for item in ITEMS.values():
        found = set(codes(item.id).tolist())
        assert min(found) >= -5, item.id
        if item.use != "country_list":
            assert all(item.valid(code) for code in found if code >= 0), item.id


def test_lists_of_a_country_begin_with_its_code() -> None:
    parties, groups = codes("Q223"), codes("Q290")

    assert (parties[parties > 8] // 1000 == codes("B_COUNTRY")[parties > 8]).all()
    assert set(parties[parties <= 8].tolist()) <= {-2, -1, 1, 2, 3, 4, 5, 7, 8}
    assert (groups[groups > 0] // 1000 == codes("B_COUNTRY")[groups > 0]).all()
    assert all(1000 <= code <= 9999 for code in codes("Q272").tolist() if code > 0)


def test_a_few_answers_in_a_hundred_are_missing() -> None:
    cells = np.column_stack([codes(item) for item in ITEMS])

    assert 0.045 < (cells < 0).mean() < 0.08
    silent = {item: ((codes(item) == -1) | (codes(item) == -2)).mean() for item in ITEMS}
    assert min(silent[item] for item in ("Q84", "Q85", "Q91", "Q92", "Q93", "Q240")) > 0.12
    assert max(silent[item] for item in ("Q46", "Q49", "Q260", "Q262")) < 0.02
    for country in set(people()["B_COUNTRY_ALPHA"].tolist()):
        here = cells[people()["B_COUNTRY_ALPHA"] == country]
        left_out = [item for item, column in zip(ITEMS, here.T, strict=True) if (column == -4).all()]
        assert 2 <= len(left_out) <= 5
        assert (here == -4).sum() == len(left_out) * len(here)
        assert not [item for item in left_out if ITEMS[item].section == "Demographics" and item != "Q290"]


def test_age_is_the_year_of_the_survey_less_the_year_of_birth() -> None:
    assert (codes("Q262") == codes("A_YEAR") - codes("Q261")).all()
    assert codes("Q262").min() >= 16
    assert (np.digitize(codes("Q262"), [25, 35, 45, 55, 65]) + 1 == codes("X003R")).all()
    assert (np.digitize(codes("Q262"), [30, 50]) + 1 == codes("X003R2")).all()


@pytest.mark.parametrize(("first", "second"), [("Q152", "Q153"), ("Q154", "Q155"), ("Q156", "Q157")])
def test_a_second_choice_differs_from_the_first(first: str, second: str) -> None:
    chosen = codes(second) > 0

    assert (codes(first)[chosen] != codes(second)[chosen]).all()
    assert (codes(second)[codes(first) < 0] < 0).all()


def test_at_most_five_qualities_are_chosen() -> None:
    chosen = np.sum([codes(f"Q{number}") == 1 for number in range(7, 18)], axis=0)

    assert chosen.max() == 5
    assert chosen.mean() > 3


@pytest.mark.parametrize(("immigrant", "born"), [("Q263", "Q266"), ("Q264", "Q267"), ("Q265", "Q268")])
def test_who_was_born_here_was_born_in_this_country(immigrant: str, born: str) -> None:
    assert ((codes(immigrant) == 1) == (codes(born) == codes("B_COUNTRY"))).all()
    assert 0 < (codes(immigrant) == 2).mean() < 0.2


def test_votes_and_pride_follow_citizenship() -> None:
    citizen = codes("Q269") == 1

    assert citizen.mean() > 0.9
    assert len(set(people()["B_COUNTRY_ALPHA"][codes("Q269") == 3].tolist())) <= 1
    for item, code in (("Q221", 4), ("Q222", 4), ("Q254", 5), ("Q223", 1)):
        assert not (codes(item)[citizen] == code).any()
        assert (codes(item)[~citizen] == code).any()


def test_partner_and_work_decide_what_is_asked() -> None:
    partner, known = codes("Q273") <= 2, codes("Q273") > 0
    for item in ("Q276", "Q280", "Q282"):
        assert (codes(item)[~partner & known] == -3).all()
        assert (codes(item)[partner & known] != -3).all()
    assert (codes("Q284")[codes("Q281") == 0] == -3).all()
    assert (codes("Q284")[codes("Q281") > 0] != -3).all()


def test_households_hold_those_who_are_told_of() -> None:
    size, age = codes("Q270"), codes("Q262")
    told = size > 0

    assert size[told].min() >= 1
    assert (size[told & (codes("Q273") == 1)] >= 2).all()
    assert (size[told & (codes("Q271") > 1)] >= 2).all()
    assert age[codes("Q279") == 6].max() < 35
    assert age[codes("Q279") == 4].min() >= 50
    assert codes("Q274")[age < 20].mean() < 0.3 < codes("Q274")[age > 45].mean()


def test_without_internet_there_is_no_action_online() -> None:
    offline = codes("Q217") == -5

    assert 0.02 < offline.mean() < 0.3
    assert all(((codes(item) == -5) == offline).all() for item in ("Q218", "Q219", "Q220"))
    assert (codes("Q206")[offline] == 5).mean() > 0.85


def test_faith_hangs_together() -> None:
    unbelieving, believing = codes("Q165") == 2, codes("Q165") == 1
    for item in ("Q167", "Q168"):
        assert (codes(item)[unbelieving] == 2).mean() > 0.75
        assert (codes(item)[believing] == 1).mean() > 0.5
    assert (codes("Q164")[unbelieving] <= 5).mean() > 0.75
    none = codes("Q289") == 0
    assert none[codes("Q173") == 1].mean() < 0.2 < 0.5 < none[codes("Q173") == 3].mean()


@pytest.mark.parametrize(
    ("recode", "item", "group"),
    [
        ("Q33_3", "Q33", lambda code: {1: 1, 2: 1, 3: 3, 4: 2, 5: 2}[code]),
        ("Q94R", "Q94", lambda code: min(code, 1)),
        ("Q105R", "Q105", lambda code: min(code, 1)),
        ("Q275R", "Q275", lambda code: 1 if code < 3 else 2 if code < 5 else 3),
        ("Q276R", "Q276", lambda code: 1 if code < 3 else 2 if code < 5 else 3),
        ("Q288R", "Q288", lambda code: 1 if code < 4 else 2 if code < 8 else 3),
        ("Q289CS9", "Q289", lambda code: code * 10_000_000),
    ],
)
def test_recodes_follow_their_items(recode: str, item: str, group: Callable[[int], int]) -> None:
    assert codes(recode).tolist() == [code if code < 0 else group(code) for code in codes(item).tolist()]


SIBLINGS = [  # two items, and which way they go together by their meaning
    *(("Q71", "Q73", 1), ("Q69", "Q70", 1), ("Q83", "Q87", 1), ("Q29", "Q31", 1), ("Q106", "Q107", -1)),
    *(("Q46", "Q49", -1), ("Q51", "Q53", 1), ("Q6", "Q164", -1), ("Q164", "Q172", -1), ("Q177", "Q180", 1)),
    *(("Q184", "Q185", 1), ("Q131", "Q132", -1), ("Q146", "Q147", 1), ("Q209", "Q211", 1), ("Q113", "Q115", 1)),
    *(("Q122", "Q123", 1), ("Q123", "Q124", -1), ("Q158", "Q159", 1), ("Q243", "Q246", 1), ("Q199", "Q200", 1)),
    *(("Q252", "Q253", -1), ("Q287", "Q288", -1), ("Q22", "Q182", 1), ("Q61", "Q62", 1), ("Q95", "Q99", 1)),
]
STRANGERS = [("Q71", "Q182"), ("Q49", "Q106"), ("Q132", "Q158"), ("Q29", "Q61"), ("Q177", "Q164"), ("Q243", "Q51")]


def test_siblings_agree_and_strangers_less() -> None:
    near = [sign * correlation(one, other) for one, other, sign in SIBLINGS]
    far = [abs(correlation(one, other)) for one, other in STRANGERS]

    assert min(near) > 0.1
    assert 0.35 < np.mean(near) < 0.65
    assert np.mean(far) < 0.15


def test_the_ladder_of_references_is_visible() -> None:
    country, fit = codes("B_COUNTRY"), np.arange(PEOPLE) % 2 == 0
    everywhere, here = [], []
    for item in SCORABLE:
        truth, valid = codes(item), codes(item) >= 0
        rows = fit & valid
        one, many = _mode(truth[rows]), np.full(PEOPLE, _mode(truth[rows]))
        for number in set(country[rows].tolist()):
            many[country == number] = _mode(truth[rows & (country == number)])
        asked = ~fit & valid
        everywhere.append((truth[asked] == one).mean())
        here.append((truth[asked] == many[asked]).mean())

    assert 0.45 < np.mean(everywhere) < 0.55
    assert 0.005 < np.mean(here) - np.mean(everywhere) < 0.06


def _mode(values: Ints) -> int:
    return int(np.bincount(values).argmax())


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a.csv", 1), ("b.csv", 1), ("c.csv", 2), ("a.csv.gz", 1), ("b.csv.gz", 1)):
        write_population(tmp_path / name, 30, seed)
    a, b, c, *packed = ((tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv", "a.csv.gz", "b.csv.gz"))

    assert a == b != c
    assert packed[0] == packed[1]
    assert gzip.decompress(packed[0]) == a
    assert a.count(b"\n") == 31


def test_the_sample_is_up_to_date(tmp_path: Path) -> None:
    write_population(tmp_path / "sample.csv", 600, 42)

    assert gzip.decompress(sample_path().read_bytes()) == (tmp_path / "sample.csv").read_bytes(), (
        "remove survey/wvs7/sample.csv.gz and run: "
        "python -m survey.synthetic --people 600 --out survey/wvs7/sample.csv.gz"
    )


def test_the_reader_knows_every_code_of_the_sample() -> None:
    wave = read_survey(sample_path(), wvs7())

    assert len(wave) == 600
    assert not np.isin(wave.codes, (BLANK, UNKNOWN_CODE)).any()
    assert not [note for note in wave.notes if "column" in note]
    assert wave.answers(1)["Q260"] in (1, 2)
    assert wave.context["country"].is_monotonic_increasing
    assert 0.9 < wave.context["weight"].mean() < 1.1


def test_the_command_writes_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "people.csv"

    assert main(["--people", "13", "--seed", "7", "--out", str(path)]) == 0
    before = path.read_bytes()
    assert before.count(b"\n") == 14
    capsys.readouterr()

    assert main(["--people", "13", "--out", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "exists" in said
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("people", "seed", "where"), [("0", "42", "a.csv"), ("5", "-1", "a.csv"), ("5", "42", "no/a.csv")]
)
def test_the_command_leaves_nothing_behind(
    people: str, seed: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--people", people, "--seed", seed, "--out", str(tmp_path / where)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
