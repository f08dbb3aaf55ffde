"""Synthetic people in the file format of World Values Survey Wave 7 (the pooled csv file, v6.0).

All numbers come from the tables `wvs7/synthetic_*.csv`, which are made up, and from a seeded
generator: no row of the survey went into them. Names, codes, languages and main faiths of
real countries are borrowed so that the file reads like a real one; NOTHING that these people say
implies anything about these countries. The columns `version` and `doi` say that the file is
synthetic.
"""

import argparse
import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from survey.codebook import Codebook, wvs7
from survey.console import print_anything
from survey.wvs7.synthetic_answers import draw_answers, draw_country_means, draw_places, draw_traits
from survey.wvs7.synthetic_consistency import reconcile, remove_answers
from survey.wvs7.synthetic_countries import Country, borrowed_countries, draw_setting
from survey.wvs7.synthetic_file import (
    Columns,
    column_names,
    context_columns,
    index_columns,
    recode_columns,
)
from survey.wvs7.synthetic_people import draw_birth, draw_household, draw_work

FEW, PER_COUNTRY = 12, 200  # countries at least, and people in each before another country is added


def draw_population(people: int, seed: int = 42, codebook: Codebook | None = None) -> Columns:
    """Draw synthetic people: the columns of the file by name, in its order, of shape (people,).

    Rows are in the order of countries (ISO alpha-3): 12 from 12 people on, 66 from 13,200. Items
    hold codes of the codebook (default: that of Wave 7) or missing codes, int32; weights and clock
    times are floats, names text. The same seed and number of people give the same table. Raises
    ValueError for fewer than one person or a negative seed.
    """
    blocks = list(_blocks(people, seed, codebook or wvs7()))
    table: Columns = {}
    for name in blocks[0]:
        table[name] = np.concatenate([block[name] for block in blocks])
    return table


def write_population(path: Path, people: int, seed: int = 42) -> None:
    """Write the csv file of a population, packed if the name ends in .gz.

    The same seed and size give the same bytes.

    Raises FileExistsError rather than overwrite a file, ValueError for fewer than one person or a
    negative seed.
    """
    lines = _lines(_blocks(people, seed, wvs7()))
    with path.open("xb") as raw:
        try:
            if path.suffix == ".gz":
                with gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
                    packed.writelines(lines)
            else:
                raw.writelines(lines)
        except BaseException:
            path.unlink()  # half a file would be taken for a whole one
            raise


def sample_path() -> Path:
    """The file that ships with the package: 600 people, seed 42."""
    return Path(str(files("survey") / "wvs7" / "sample.csv.gz"))


def _lines(blocks: Iterable[Columns]) -> Iterator[bytes]:
    """The lines of a csv file: the header, then the rows of one country after the other."""
    for number, block in enumerate(blocks):
        if number == 0:
            yield (",".join(block) + "\n").encode()
        columns = [map(str, column.tolist()) for column in block.values()]
        rows = map(",".join, zip(*columns, strict=True))
        yield ("\n".join(rows) + "\n").encode()


def _blocks(people: int, seed: int, codebook: Codebook) -> Iterator[Columns]:
    """One table for each country, in the order of its ISO letters."""
    if people < 1:
        raise ValueError(f"{people} people: ask for at least one")
    chosen = borrowed_countries()[: min(people, max(FEW, people // PER_COUNTRY))]
    share, rest = divmod(people, len(chosen))
    for place, country in enumerate(sorted(chosen, key=lambda country: country.alpha3)):
        size = share + 1 if place < rest else share
        yield _block(country, size, seed, codebook)


def _block(country: Country, people: int, seed: int, codebook: Codebook) -> Columns:
    """The people of one country; what holds for the country does not depend on their number."""
    lot, rng = (np.random.default_rng([seed, country.numeric, use]) for use in (0, 1))
    around = draw_setting(lot)
    means = draw_country_means(lot)
    born = draw_birth(country, around, people, rng)
    traits = draw_traits(born, means, rng)
    home = draw_household(around, born, traits, rng)
    codes = {**born, **home, **draw_work(born, home, traits, rng)}
    codes |= draw_answers(codebook.items, draw_places(traits, lot, rng), rng)
    codes = remove_answers(reconcile(country, around, codes, traits, rng), traits, lot, rng)
    columns: Columns = {**context_columns(country, around, people, rng), **codes}
    columns |= {**recode_columns(country, codes), **index_columns(codes, traits)}
    table = {name: columns[name] for name in column_names(tuple(codebook.items))}
    return {
        name: column.astype(np.int32) if column.dtype.kind == "i" else column
        for name, column in table.items()
    }


def main(arguments: Sequence[str] | None = None, prog: str = "python -m survey.synthetic") -> int:
    """Write a file of people who never lived; the exit code is 2 where that is not possible."""
    print_anything()
    parser = argparse.ArgumentParser(prog=prog, description=main.__doc__)
    parser.add_argument(
        "--people", type=int, default=97220, help="how many rows (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=42, help="(default: %(default)s)")
    parser.add_argument(
        "--out", type=Path, required=True, help="csv file to write, packed if the name ends in .gz"
    )
    flags = parser.parse_args(arguments)
    try:
        write_population(flags.out, flags.people, flags.seed)
    except FileExistsError:
        print(f"{flags.out} exists: name another file, or remove this one", file=sys.stderr)
    except (OSError, ValueError) as error:
        print(f"{flags.out} cannot be written: {error}", file=sys.stderr)
    else:
        print(f"{flags.out}: {flags.people} people who never lived")
        return 0
    return 2


if __name__ == "__main__":
    sys.exit(main())
