"""Dates of many regions, spellings and calendars, dirty ones among them, beside dateutil.

A column of a CRM export has one or a few regions and styles, so some hundred shapes (the text with
every digit alike). This mix is of 29 regions at once: ISO dates (17 in 100), numbers in the order of
the region, of two or four digits for the year, padded or not (43), days with the month's name (15, a
tenth of them with the weekday), moments of all these with and without zone (15), other calendars and
Thai years (3), serials, counts of seconds and digits in one piece (3), and what is dirty or no date
at all (4); a million of them has some 15,000 shapes.
"""

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache

import polars as pl
from babel.dates import format_date
from dateutil import parser as dateutil_parser

from crmmigrate.model.semantic import SemanticType

__all__ = ["KERNEL", "PEER", "TARGET", "make", "peer"]

KERNEL, PEER, TARGET = SemanticType.DATE, "dateutil.parser.parse", 50

_LOCALES = [
    "ro_RO",
    "nb_NO",
    "th_TH",
    "en_US",
    "en_GB",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "pt_BR",
    "sv_SE",
    "fi_FI",
    "hu_HU",
    "cs_CZ",
    "tr_TR",
    "ru_RU",
    "uk_UA",
    "el_GR",
    "ja_JP",
    "ko_KR",
    "zh_CN",
    "en_IN",
    "en_CA",
    "vi_VN",
    "id_ID",
    "ar_EG",
    "he_IL",
]
_FIRST = date(1940, 1, 1)
_DAYS = (date(2031, 12, 31) - _FIRST).days
_DAY_FIRST = (
    "RO",
    "NO",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "PL",
    "BR",
    "FI",
    "CZ",
    "TR",
    "RU",
    "GR",
    "IN",
)
_CLOCKS = (" {h:02}:{m:02}", " {h:02}:{m:02}:{s:02}", "T{h:02}:{m:02}:{s:02}Z", " {t}:{m:02} PM")
_NOTHING = (
    "n/a",
    "0000-00-00",
    "1900-01-00",
    "unknown",
    "-",
    "01.01.1900",
    "9999-12-31",
    "00/00/0000",
    "TBD",
    "?",
)
_GARBAGE = (
    "soon {n}",
    "see note {n}",
    "Q{q} {y}",
    "{n}",
    "call {n} back",
    "30.02.{y}",
    "{q}/{y}",
    "31/11/{y}",
    "abc{n}",
)


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return dates as exports hold them: numbers, words, moments, other calendars, slips."""
    kinds: Mapping[Callable[[random.Random], tuple[str, str]], int] = {
        _iso: 17, _numeric: 43, _words: 15, _moment: 15, _calendar: 3, _number: 3, _dirty: 4,
    }  # fmt: skip
    rows: dict[tuple[str, str], None] = {}
    chosen, weights = list(kinds), list(kinds.values())
    tries = 0
    while len(rows) < count and tries < 6 * count:
        for kind in rng.choices(chosen, weights, k=count - len(rows)):
            rows[kind(rng)] = None
            tries += 1
    return pl.DataFrame(list(rows), schema=["text", "_region"], orient="row")


def peer(text: str, region: str | None) -> object:
    """Read one date with dateutil, day first where the region writes so."""
    try:
        return dateutil_parser.parse(text, dayfirst=region != "US")
    except (ValueError, OverflowError):
        return None


def _day(rng: random.Random) -> date:
    return _FIRST + timedelta(days=rng.randrange(_DAYS))


def _iso(rng: random.Random) -> tuple[str, str]:
    return _day(rng).isoformat(), rng.choice(_LOCALES)[-2:]


def _numeric(rng: random.Random) -> tuple[str, str]:
    day, sign = _day(rng), rng.choice("./-.")
    year = f"{day.year}" if rng.random() < 0.75 else f"{day.year % 100:02}"
    wide = rng.random() < 0.7
    parts = [f"{day.day:02}", f"{day.month:02}"] if wide else [f"{day.day}", f"{day.month}"]
    region = rng.choice((*_DAY_FIRST, "US", "US", "US", "HU", "SE", "CN", "JP", "KR", "CA"))
    if region == "US":
        parts.reverse()
    if region in {"HU", "SE", "CN", "JP", "KR", "CA"}:
        return sign.join([f"{day.year}", *reversed(parts)]), region
    return sign.join([*parts, year]), region


@cache
def _written(locale: str, style: str, day: date) -> str:
    return str(format_date(day, style, locale=locale))


def _words(rng: random.Random) -> tuple[str, str]:
    locale = rng.choice(_LOCALES)
    style = rng.choices(("medium", "long", "full"), (45, 45, 10))[0]
    return _written(locale, style, _day(rng)), locale[-2:]


def _moment(rng: random.Random) -> tuple[str, str]:
    kind = rng.choice((_iso, _iso, _numeric, _words))
    text, region = kind(rng)
    hour = rng.randrange(24)
    clock = rng.choice(_CLOCKS[:2] if kind is _words else _CLOCKS).format(
        h=hour, t=hour % 12 or 12, m=rng.randrange(60), s=rng.randrange(60)
    )
    return text + clock, region


def _calendar(rng: random.Random) -> tuple[str, str]:
    day = _day(rng)
    m, d = day.month, min(day.day, 29)
    return rng.choice(
        (
            (f"{d}/{m}/{day.year + 543}", "TH"),
            (f"{d:02}/{m:02}/{(day.year + 543) % 100:02}", "TH"),
            (
                _written("th_TH", "long", day)
                .replace("ค.ศ.", "พ.ศ.")
                .replace(f"{day.year}", f"{day.year + 543}"),
                "TH",
            ),
            (f"令和{rng.randrange(1, 9)}年{m}月{d}日", "JP"),
            (f"昭和{rng.randrange(1, 64)}年{m}月{d}日", "JP"),
            (f"H{rng.randrange(1, 31)}.{m}.{d}", "JP"),
            (f"民國{rng.randrange(40, 118)}年{m}月{d}日", "TW"),
            (f"{rng.randrange(1320, 1410)}/{m}/{d}", "IR"),
            (f"{d} رمضان {rng.randrange(1360, 1450)} هـ", "SA"),
        )
    )


def _number(rng: random.Random) -> tuple[str, str]:
    day, region = _day(rng), rng.choice(_LOCALES)[-2:]
    return rng.choice(
        (
            f"{day:%Y%m%d}", f"{(day - date(1899, 12, 30)).days}", f"{rng.randrange(10**9, 2 * 10**9)}",
            f"{rng.randrange(10**12, 2 * 10**12)}", f"{day:%Y%m%d%H%M%S}",
        )
    ), region  # fmt: skip


def _dirty(rng: random.Random) -> tuple[str, str]:
    region = rng.choice(_LOCALES)[-2:]
    kind = rng.random()
    if kind < 0.1:
        return rng.choice(_NOTHING), region
    if kind < 0.5:
        text, region = _numeric(rng)
        return rng.choice(
            (f" {text}", f"{text} ", text.replace(".", ". "), f"{text}?", f"'{text}")
        ), region
    year = rng.randrange(1980, 2030)
    return rng.choice(_GARBAGE).format(
        n=rng.randrange(10**6), q=rng.randrange(1, 5), y=year
    ), region
