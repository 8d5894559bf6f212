"""Free text beside ftfy.fix_text: 15 % beyond ASCII in 21 languages, some of it damaged.

Four lengths (a name, a firm, an address line, a note of two or three sentences) in the shares in
which a CRM holds them. Of the text beyond ASCII one value in ten is damaged: UTF-8 read in a code
page, one code page read as another, letters stored apart from their accents, invisible signs. Of the
ASCII text 3 % have doubled blanks, entities, tags or control characters.
"""

import random
import unicodedata
from collections.abc import Callable
from functools import cache

import ftfy
import polars as pl
from faker import Faker

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.TEXT, "ftfy.fix_text", 30
BEYOND_ASCII, DAMAGED, UNTIDY = 0.15, 0.10, 0.03

LOCALES = {
    "ro_RO": "cp1250", "no_NO": "cp1252", "th_TH": "cp874", "de_DE": "cp1252", "fr_FR": "cp1252",
    "es_ES": "cp1252", "pt_BR": "cp1252", "it_IT": "cp1252", "sv_SE": "cp1252", "pl_PL": "cp1250",
    "cs_CZ": "cp1250", "hu_HU": "cp1250", "tr_TR": "cp1254", "el_GR": "cp1253", "ru_RU": "cp1251",
    "uk_UA": "cp1251", "ja_JP": "cp932", "zh_CN": "gb18030", "ko_KR": "cp949", "he_IL": "cp1255",
    "ar_EG": "cp1256",
}  # fmt: skip
"""Locale → the code page its text was stored in before UTF-8."""

ENGLISH = ("en_US", "en_GB", "en_AU", "en_IN", "nl_NL", "ro_RO", "fr_FR", "es_ES", "de_DE", "it_IT")

Parts = dict[str, list[str]]


@cache
def parts_of(locale: str) -> Parts:
    """Return pools of words of one locale."""
    fake = Faker(locale)
    fake.seed_instance(locale)
    many = range(250)
    return {
        "given": [fake.first_name() for _ in many],
        "family": [fake.last_name() for _ in many],
        "firm": [fake.company() for _ in many],
        "street": [fake.street_name() for _ in many],
        "city": [fake.city() for _ in many],
        "clause": [fake.sentence(6) for _ in many] + [fake.catch_phrase() for _ in many]
        if hasattr(fake, "catch_phrase")
        else [fake.sentence(6) for _ in many],
    }


def written(parts: Parts, rng: random.Random) -> str:
    """Return one value: 35 % names, 20 % firms, 25 % addresses, 20 % notes."""
    pick = lambda kind: rng.choice(parts[kind])  # noqa: E731 - five uses within three lines
    share = rng.random()
    if share < 0.35:
        return f"{pick('given')} {pick('family')}"
    if share < 0.55:
        return f"{pick('firm')} {pick('city')}"
    if share < 0.80:
        return f"{pick('street')} {rng.randrange(1, 300)}, {pick('city')}"
    return " ".join(pick("clause") for _ in range(rng.randrange(2, 4)))


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return texts and the regions they are from."""
    rows: dict[str, str] = {}
    beyond = int(count * BEYOND_ASCII)
    fill(rows, beyond, rng, lambda: foreign(rng))
    fill(rows, count, rng, lambda: plain(rng))
    mixed = list(rows.items())
    rng.shuffle(mixed)
    return pl.DataFrame(mixed, schema={"text": pl.String, "_region": pl.String}, orient="row")


def fill(
    rows: dict[str, str], count: int, rng: random.Random, one: Callable[[], tuple[str, str]]
) -> None:
    """Add distinct values until there are `count`."""
    while len(rows) < count:
        text, region = one()
        while text in rows:
            text += f" {rng.randrange(10_000)}"
        rows[text] = region


def foreign(rng: random.Random) -> tuple[str, str]:
    """Return a text with letters beyond ASCII, damaged or not."""
    locale = text = ""
    while text.isascii():
        locale = rng.choice(list(LOCALES))
        text = written(parts_of(locale), rng)
    return (damaged(text, locale, rng) if rng.random() < DAMAGED else text), locale[-2:]


def damaged(text: str, locale: str, rng: random.Random) -> str:
    """Spoil a text as programs do: 60 % UTF-8 misread, 15 % code pages, the rest lesser harm."""
    share = rng.random()
    if share < 0.60:
        return text.encode().decode(rng.choice(("cp1252", "latin-1", "cp1250")), "replace")
    if share < 0.75:
        return text.encode(LOCALES[locale], "replace").decode("latin-1")
    if share < 0.85:
        return unicodedata.normalize("NFD", text)
    return text.replace(" ", rng.choice(("\u00a0", " \u200b", "  ", "\u200e ")))


def plain(rng: random.Random) -> tuple[str, str]:
    """Return an ASCII text, tidy or not."""
    locale, text = "", "é"
    while not text.isascii():
        locale = rng.choice(ENGLISH)
        text = written(parts_of(locale), rng)
    if rng.random() < UNTIDY:
        text = rng.choice(("{} ", " {}", "<p>{}</p>", "{} &amp; Co", "{}\x00", "{}\t")).format(text)
        text = text.replace(" ", "  ") if rng.random() < 0.3 else text
    return text, locale[-2:]


def peer(text: str, _: str | None) -> object:
    """Fix one text with ftfy."""
    return ftfy.fix_text(text)
