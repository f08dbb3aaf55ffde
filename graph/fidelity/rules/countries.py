"""Countries that a sentence names, by the country's own name or by that of its people."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from survey.codebook import wvs7

ENDINGS = ("a", "y", "n", "an", "ian", "ese", "i")
SHORTEST = 5
"""Letters of the shortest name of which names of people are made."""
IRREGULAR = {
    "american": "United States",
    "usa": "United States",
    "british": "United Kingdom",
    "uk": "United Kingdom",
    "english": "United Kingdom",
    "great britain": "United Kingdom",
    "french": "France",
    "dutch": "Netherlands",
    "holland": "Netherlands",
    "spanish": "Spain",
    "polish": "Poland",
    "swedish": "Sweden",
    "danish": "Denmark",
    "finnish": "Finland",
    "irish": "Ireland",
    "swiss": "Switzerland",
    "greek": "Greece",
    "turkish": "Turkey",
    "turkiye": "Turkey",
    "filipino": "Philippines",
    "thai": "Thailand",
    "iraqi": "Iraq",
    "pakistani": "Pakistan",
    "peruvian": "Peru",
    "norwegian": "Norway",
    "portuguese": "Portugal",
    "kazakh": "Kazakhstan",
    "czech": "Czechia",
    "russian": "Russia",
    "iranian": "Iran",
}


def countries_in(plain: str) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and code in the codebook of each country that a sentence names."""
    for match in _pattern().finditer(plain):
        yield (*match.span(), _names()[match[0]])


@cache
def _names() -> Mapping[str, int]:
    """Return the codes of countries by name, the names of their people included."""
    by_name = {name.lower(): code for code, name in wvs7().countries.items()}
    names = dict(by_name)
    for name, code in by_name.items():
        bare = name[:-1] if name[-1] in "ay" else name
        if " " in name or len(bare) < SHORTEST - 1:
            continue
        for ending in ENDINGS:
            if bare + ending not in by_name:
                names[bare + ending] = code
        if name[-1] == "y":
            names[bare] = code
    for word, name in IRREGULAR.items():
        if name.lower() in by_name:
            names[word] = by_name[name.lower()]
    return names


@cache
def _pattern() -> re.Pattern[str]:
    """Return a pattern of any name, longest first."""
    longest_first = sorted(map(re.escape, _names()), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(longest_first) + r")\b")
