"""Reads objects of an installed R package: a file of content and one that says what is where."""

import zlib
from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from survey.archive import DataError

GZIP = 31
"""What tells zlib that content has the frame of gzip."""
LENGTH = 4
"""Bytes before each object that say how long it is."""
DAMAGE = (OSError, ValueError, KeyError, TypeError, NotImplementedError, zlib.error)


def read_r_objects(folder: Path, names: Collection[str]) -> Mapping[str, Any]:
    """Read objects of the lazy-load database `Rdata` in a folder, by name.

    Raises DataError, one line, where it is not there, cannot be read, or where the package that
    reads it is not installed.
    """
    try:
        rdata: Any = import_module("rdata")
    except ImportError:
        raise DataError("objects of R are read with the package rdata: pip install rdata") from None

    def convert(content: bytes) -> Any:
        return rdata.conversion.convert(rdata.parser.parse_data(content, extension=".rds"))

    try:
        index = convert(zlib.decompress((folder / "Rdata.rdx").read_bytes(), GZIP))["variables"]
        content = (folder / "Rdata.rdb").read_bytes()
        found = {}
        for name in names:
            start, length = map(int, index[name])
            found[name] = convert(zlib.decompress(content[start + LENGTH : start + length]))
        return found
    except DAMAGE as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise DataError(f"{folder}: the data of the R package cannot be read ({why})") from None
