"""Unpacks the data file of a .zip or .gz archive, and refuses other kinds of file by name."""

import gzip
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

DATA = {".csv", ".tsv", ".tab", ".sav", ".zsav", ".dta"}
SPREADSHEETS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"}
R_FILES = {".rds", ".rdata", ".rda"}
ZIP, GZIP, OLE = b"PK", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
R_DATA = (b"RDX", b"RDA", b"X\n\0")
AGAIN = "it is damaged or was cut off: download it again"


class DataError(ValueError):
    """A survey file that cannot be used; one line: file, column or row, and the way out."""


@contextmanager
def unpack(path: Path) -> Iterator[Path]:
    """The data file itself: the path, or the one data file packed in it, in a temporary folder.

    Raises DataError where there is none; errors of unpacking a damaged archive pass through.
    """
    if not path.exists():
        raise DataError("no such file: check the path")
    if path.is_dir():
        raise DataError("this is a folder: name the data file in it")
    start = first_bytes(path)
    _refuse_foreign(path, start)
    if not start.startswith((ZIP, GZIP)):
        if path.suffix.lower() in (".zip", ".gz"):
            raise DataError(f"this is no {path.suffix.lower()} archive; {AGAIN}")
        yield path
        return
    with TemporaryDirectory() as folder:
        extract = _unzip if start.startswith(ZIP) else _ungzip
        data = extract(path, Path(folder))
        start = first_bytes(data)
        _refuse_foreign(data, start)
        if start.startswith((ZIP, GZIP)):
            raise DataError("the archive holds another archive: unpack it")
        yield data


def first_bytes(path: Path) -> bytes:
    """The first 512 bytes, which tell one kind of file from another."""
    with path.open("rb") as file:
        return file.read(512)


def error_line(error: Exception) -> str:
    """What an error says, on one line; its name where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


def _ungzip(path: Path, folder: Path) -> Path:
    """Unpack a file packed alone."""
    data = folder / (path.stem if path.suffix.lower() == ".gz" else path.name)
    with gzip.open(path) as inner, data.open("wb") as copy:
        shutil.copyfileobj(inner, copy)
    return data


def _unzip(path: Path, folder: Path) -> Path:
    """Unpack the one data file of an archive, past readmes and what macOS adds."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
        if any(name.startswith("xl/") or name == "content.xml" for name in names):
            raise _spreadsheet()
        found = [name for name in names if _is_data(PurePosixPath(name))]
        if len(found) != 1:
            content = "no data file (.csv, .sav or .dta)"
            if found:
                content = f"{len(found)} data files ({', '.join(found[:3])})"
            raise DataError(f"the archive holds {content}: unpack it and name one file")
        data = folder / PurePosixPath(found[0]).name
        try:
            with archive.open(found[0]) as inner, data.open("wb") as copy:
                shutil.copyfileobj(inner, copy)
        except RuntimeError as error:  # a password, or a compression that Python does not know
            raise DataError(
                f"cannot be unpacked here ({error_line(error)}): unpack it yourself"
            ) from error
    return data


def _is_data(path: PurePosixPath) -> bool:
    """Whether a name in an archive is that of a data file, and not one that macOS adds."""
    return path.suffix.lower() in DATA and not path.name.startswith("._")


def _refuse_foreign(path: Path, start: bytes) -> None:
    """Refuse what is known to be another kind of file, by its name or its first bytes."""
    suffix = path.suffix.lower()
    if not start:
        raise DataError("the file is empty: download it again")
    if suffix in SPREADSHEETS or start.startswith(OLE):
        raise _spreadsheet()
    if suffix in R_FILES or start.startswith(R_DATA):
        raise DataError(
            "this is a file of R: export it there as .csv or .sav, or download one of these"
        )


def _spreadsheet() -> DataError:
    """The refusal of a spreadsheet."""
    return DataError("this is a spreadsheet: open it and save the sheet as .csv")
