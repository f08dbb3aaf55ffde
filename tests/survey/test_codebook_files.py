"""A codebook written by hand: what is read, and one line for what is wrong, with file and line."""

from pathlib import Path

import pytest

from survey.codebook import read_codebook
from survey.codebook_files import CodebookError

FILES = {
    "countries.csv": "numeric,alpha3,name\n20,AND,Andorra\n792,TUR,Turkey\n",
    "scales.csv": "scale,code,label,rank,phrase\nview,2,Yes,1,say yes\nview,1,No,2,say no\nview,9,Other,,\n",
    "items.csv": (
        "id,section,dimension,kind,use,scale,topic,question,statement\n"
        "Q1,One,core,ordinal,scored,view,tea,Do you like tea?,You {phrase} to {topic}.\n"
        "Q2,One,core,nominal,fill_in,country,birth,Where were you born?,{topic} was in {label}.\n"
        "Q3,One,core,numeric,fill_in,,cups,How many cups?,You drink {code} cups.\n"
    ),
}


def written(folder: Path, **changed: str | None) -> Path:
    for name, text in (FILES | {f"{stem}.csv": text for stem, text in changed.items()}).items():
        if text is not None:
            folder.joinpath(name).write_text(text, encoding="utf-8")
    return folder


def test_a_codebook_of_ones_own(tmp_path: Path) -> None:
    book = read_codebook(written(tmp_path, items="\ufeff" + FILES["items.csv"]))

    assert book.items["Q1"].ranks == {2: 1, 1: 2}
    assert [book.items["Q1"].tell(code) for code in (1, 2, 9)] == [
        "You say no to tea.",
        "You say yes to tea.",
        "You Other to tea.",  # no phrase: the label
    ]
    assert book.items["Q2"].tell(792) == "Birth was in Turkey."
    assert book.items["Q3"].tell(0) == "You drink 0 cups."
    assert book.country_of == {"AND": "Andorra", "TUR": "Turkey"}


@pytest.mark.parametrize(
    ("stem", "old", "new", "message"),
    [
        ("items", "ordinal", "ordered", "items.csv, line 2: kind 'ordered' or use 'scored' is not known"),
        ("items", "ordinal,scored", "ordinal,asked", "items.csv, line 2: kind 'ordinal' or use 'asked' is not known"),
        ("items", "view", "views", "items.csv, line 2: scale 'views' is not in scales.csv"),
        ("items", "scored,view", "scored,", "items.csv, line 2: a scored item needs a scale"),
        ("items", "{phrase}", "{answer}", "items.csv, line 2: a statement may use ['code', 'label', 'phrase', 'topic'"),
        ("items", "{label}", "{}", "items.csv, line 3: a statement may use ['code', 'label', 'phrase', 'topic'] alone"),
        ("items", "{label}", "{label", "items.csv, line 3: expected '}' before end of string"),
        ("items", "{code} cups", "code} cups", "items.csv, line 4: Single '}' encountered in format string"),
        ("items", "Q3", "Q1", "items.csv, line 4: item Q1 stands twice"),
        ("items", "statement", "sentence", "items.csv: no column statement"),
        ("items", "use,scale", "usage,scales", "items.csv: no column scale, use"),
        ("scales", "view,2", "view,two", "scales.csv, line 2: code, rank and value are whole numbers"),
        ("scales", "Yes,1", "Yes,first", "scales.csv, line 2: code, rank and value are whole numbers"),
        ("scales", "view,1", "view,-1", "scales.csv, line 3: code -1 is negative or stands twice in its scale"),
        ("scales", "view,1", "view,2", "scales.csv, line 3: code 2 is negative or stands twice in its scale"),
        ("scales", "Other", "", "scales.csv, line 4: an option without a label"),
        ("countries", "20", "AD", "countries.csv, line 2: 'AD' is no number or stands twice"),
        ("countries", "792", "20", "countries.csv, line 3: '20' is no number or stands twice"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(stem: str, old: str, new: str, message: str, tmp_path: Path) -> None:
    text = FILES[f"{stem}.csv"]
    assert old in text

    with pytest.raises(CodebookError) as raised:
        read_codebook(written(tmp_path, **{stem: text.replace(old, new, 1)}))

    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("stem", ["items", "scales"])
def test_a_file_that_is_not_there_or_not_text_is_named(stem: str, tmp_path: Path) -> None:
    written(tmp_path, **{stem: None})
    with pytest.raises(CodebookError, match=f"^{stem}.csv: .*No such file"):
        read_codebook(tmp_path)

    tmp_path.joinpath(f"{stem}.csv").write_bytes(FILES[f"{stem}.csv"].encode() + b"\xe9")
    with pytest.raises(CodebookError, match=f"^{stem}.csv: .*can't decode"):
        read_codebook(tmp_path)
