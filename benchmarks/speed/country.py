"""Countries in every spelling; the target is 1 µs a distinct value.

No library reads names of countries in all languages. The peer is what people write themselves: a
dictionary of the folded names, and rapidfuzz's best match where it has nothing.
"""

import random
from functools import cache

import polars as pl
from babel import Locale, localedata
from rapidfuzz import process

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.COUNTRY, "dictionary, then rapidfuzz", 1
MOST_MICROSECONDS = 1.0
NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
REGIONS = ("RO", "NO", "TH", "US", "GB", "DE", "FR", "ES", "BR", "JP", "IN", "CN", "EG", "GR", "RU")


@cache
def names() -> tuple[str, ...]:
    """Return the names of territories in every language of CLDR and their codes."""
    found: dict[str, None] = {}
    for identifier in localedata.locale_identifiers():
        for code, name in Locale.parse(identifier).territories.items():
            if code.isalpha() and code not in NO_COUNTRIES:
                found[code] = found[name] = None
    return tuple(found)


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return names as given, in capitals or small letters, 0.2 % with a slip of the keyboard."""
    rows = set()
    while len(rows) < count:
        text = rng.choice(names())
        text = rng.choice((*[text] * 12, *[text.upper()] * 4, *[text.lower()] * 3, f"{text} "))
        if rng.random() < 0.002 and len(text) > 5:
            at = rng.randrange(1, len(text) - 1)
            text = text[:at] + text[at + 1 :]
        rows.add((text, rng.choice(REGIONS)))
    return pl.DataFrame(sorted(rows), schema=["text", "_region"], orient="row")


@cache
def folded() -> dict[str, str]:
    """Return the names by their folded form."""
    return {name.casefold(): name for name in names()}


def peer(text: str, _: str | None) -> object:
    """Look one name up, and the nearest if there is none."""
    key = text.strip().casefold()
    return folded().get(key) or process.extractOne(key, folded().keys(), score_cutoff=87)
