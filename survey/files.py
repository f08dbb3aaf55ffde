"""Opens a survey file of any kind; what its columns mean is not known here."""

import csv
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyreadstat

from survey.archive import AGAIN, DataError, error_line, first_bytes, unpack
from survey.delimited_text import UTF_16, read_text_table
from survey.spss_stata_file import read_spss_table, read_stata_table
from survey.survey_table import SurveyTable

SPSS, STATA = b"$FL", b"<stata_dta>"
DAMAGE = (
    EOFError,
    UnicodeError,
    zlib.error,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    pyreadstat.ReadstatError,
    pyreadstat.PyreadstatError,
)


@contextmanager
def open_table(path: Path, wanted: frozenset[str]) -> Iterator[SurveyTable]:
    """Open a .csv, .sav or .dta file, also inside .zip or .gz.

    The `wanted` variables tell which delimiter a text file has. Raises DataError, one line, also
    while the chunks are read.
    """
    try:
        with unpack(path) as data:
            yield _table(data, wanted)
    except DAMAGE as error:
        raise DataError(f"cannot be read ({error_line(error)}); {AGAIN}") from error
    except csv.Error as error:
        raise DataError(
            f"cannot be read ({error}); is a quotation mark never closed? Close it or take it out"
        ) from error
    except OSError as error:
        raise DataError(
            f"cannot be read ({error.strerror or error_line(error)}): check file and rights"
        ) from error


def _table(path: Path, wanted: frozenset[str]) -> SurveyTable:
    """The table of an unpacked file, whose first bytes or name tell what kind it is."""
    start, suffix = first_bytes(path), path.suffix.lower()
    if start.startswith(SPSS):
        return read_spss_table(path)
    if start.startswith(STATA) or suffix == ".dta":
        return read_stata_table(path)
    if suffix in (".sav", ".zsav"):
        raise DataError(f"this is no SPSS file; {AGAIN}")
    if b"\0" in start and not start.startswith(UTF_16):
        raise DataError(
            "this is no text file: use a .csv, .sav or .dta file, also inside .zip or .gz"
        )
    return read_text_table(path, wanted)
