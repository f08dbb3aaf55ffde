"""Countries as a sentence names them: by their own name, or by that of their people."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from survey.codebook import wvs7

ENDINGS = ("a", "y", "n", "an", "ian", "ese", "i")
SHORTEST = 5
IRREGULAR = {
    "american": "United "
                "States", "usa": "United "
                                 "States", "british": "United Kingdom", "uk": "United Kingdom",
    "english": "United "
               "Kingdom", "great "
                          "britain": "United Kingdom", "french": "France", "dutch": "Netherlands",
    "holland": "Netherlands", "spanish": "Spain", "polish": "Poland", "swedish": "Sweden",
    "danish": "Denmark",
    "finnish": "Finland", "irish": "Ireland", "swiss": "Switzerland", "greek": "Greece",
    "turkish": "Turkey",
    "turkiye": "Turkey", "filipino": "Philippines", "thai": "Thailand", "iraqi": "Iraq",
    "pakistani": "Pakistan",
    "peruvian": "Peru", "norwegian": "Norway", "portuguese": "Portugal", "kazakh": "Kazakhstan",
    "czech": "Czechia",
    "russian": "Russia", "iranian": "Iran",
}  # fmt: skip


def countries_in(plain: str) -> Iterator[tuple[int, int, int]]:
    """The countries named in a sentence in plain spelling: from where to where, and their code in
    the codebook.
    """
    for match in _pattern().finditer(plain):
        yield (*match.span(), _names()[match[0]])


@cache
def _names() -> Mapping[str, int]:
    """Codes by name, the names of people among them."""
    by_name = {name.lower(): code for code, name in wvs7().countries.items()}
    names = dict(by_name)
    for name, code in by_name.items():
        bare = name[:-1] if name[-1] in "ay" else name
        if " " not in name and len(bare) >= SHORTEST - 1:
            names |= {bare + ending: code for ending in ENDINGS if bare + ending not in by_name}
            if name[-1] == "y":
                names[bare] = code
    return names | {
        word: by_name[name.lower()] for word, name in IRREGULAR.items() if name.lower() in by_name
    }


@cache
def _pattern() -> re.Pattern[str]:
    """Any name, longest first."""
    return re.compile(
        r"\b(?:" + "|".join(sorted(map(re.escape, _names()), key=len, reverse=True)) + r")\b"
    )
