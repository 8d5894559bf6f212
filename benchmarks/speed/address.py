"""Postal addresses of thirty countries beside usaddress, which knows one.

The values are Faker's, as people and systems spoil them: capitals, small letters, missing commas,
missing accents, line breaks or commas, a country behind, doubled blanks, notes, and cells that hold
no address.
"""

import random
import unicodedata

import polars as pl
import usaddress
from faker import Faker

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.POSTAL_ADDRESS, "usaddress", 20
LOCALES = {
    "en_US": 14, "en_GB": 7, "de_DE": 8, "fr_FR": 7, "ro_RO": 9, "no_NO": 7, "th_TH": 6, "en_CA": 4, "it_IT": 4,
    "es_ES": 4, "nl_NL": 3, "pt_BR": 4, "pt_PT": 2, "pl_PL": 3, "sv_SE": 3, "da_DK": 2, "fi_FI": 1, "cs_CZ": 2,
    "en_IN": 3, "en_AU": 3, "es_MX": 2, "de_AT": 2, "de_CH": 2, "nl_BE": 1, "hu_HU": 1, "sk_SK": 1, "hr_HR": 1,
    "ja_JP": 2, "ko_KR": 1, "zh_TW": 1,
}  # fmt: skip
"""Locale → weight."""
COUNTRIES = {"US": "USA", "GB": "United Kingdom", "DE": "Deutschland", "FR": "France", "RO": "România", "NO": "Norge"}  # fmt: skip
NONE = ("n/a", "same as above", "unknown", "?", "see notes", "-")


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return addresses with the region of their record."""
    names = list(LOCALES)
    sources = {name: Faker(name) for name in names}
    for at, source in enumerate(sources.values()):
        source.seed_instance(at + rng.randrange(1_000_000))
    rows = []
    for locale in rng.choices(names, list(LOCALES.values()), k=count):
        region = locale[-2:]
        rows.append((_spoiled(sources[locale].address(), region, rng), region))
    return pl.DataFrame(rows, schema={"text": pl.String, "_region": pl.String}, orient="row")


def _spoiled(text: str, region: str, rng: random.Random) -> str:
    if rng.random() < 0.5:
        text = text.replace("\n", ", ")
    spoil = rng.choices(list(SPOILINGS), [share for share, _ in SPOILINGS.values()])[0]
    return SPOILINGS[spoil][1](text, region)


def _bare(text: str, region: str) -> str:
    """Leave accents out, as old systems do; Thai signs are no accents."""
    if region == "TH":
        return text
    plain = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Mn")


SPOILINGS = {
    "none": (74, lambda text, _: text),
    "capitals": (6, lambda text, _: text.upper()),
    "small": (4, lambda text, _: text.lower()),
    "no accents": (4, _bare),
    "no commas": (3, lambda text, _: text.replace(", ", " ").replace("\n", " ")),
    "country": (5, lambda text, region: f"{text}, {COUNTRIES.get(region, region)}"),
    "blanks": (2, lambda text, _: text.replace(" ", "  ", 1) + " "),
    "note": (1, lambda text, _: f"{text} - ring twice"),
    "no address": (1, lambda text, _: NONE[len(text) % len(NONE)]),
}
"""What spoils an address → its share in percent and how."""


def peer(text: str, region: str | None) -> object:
    """Label one address with usaddress."""
    del region
    return usaddress.parse(text)
