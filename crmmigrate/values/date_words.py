"""What the words of a written date mean: months, eras, weekdays and words to pass over."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crmmigrate.values.calendars import JAPANESE_ERAS
from crmmigrate.values.folding import fold, fold_key

__all__ = ["Words", "day_half", "read_words"]

_ERAS = {
    "buddhist": ("พ.ศ.", "พศ", "พุทธศักราช", "b.e.", "be"),
    "gregorian": ("ค.ศ.", "คศ", "คริสต์ศักราช", "a.d.", "ad", "c.e.", "ce", "n.e.", "d.c.", "н.э.", "ميلادي", "م"),
    "islamic": ("هـ", "ه", "a.h.", "ah", "hijri", "هجري"),
    "persian": ("ه.ش.", "هـ ش", "ه‍.ش.", "هش", "a.p.", "شمسی"),
    "roc": ("民國", "民国", "中華民國", "minguo", "r.o.c.", "roc"),
}  # fmt: skip
_MARKS = {
    "y": ("年", "년", "年度", "nam", "gadā", "metai"),
    "m": ("月", "월", "thang", "thg"),
    "d": ("日", "일", "ngay"),
}
_FILLERS = frozenset(
    [
        "st",
        "nd",
        "rd",
        "th",
        "er",
        "ere",
        "re",
        "e",
        "o",
        "a",
        "ste",
        "de",
        "den",
        "der",
        "le",
        "la",
        "el",
        "en",
        "d",
        "th",
        "of",
        "the",
        "on",
        "at",
        "kl",
        "um",
        "dne",
        "dnia",
        "ziua",
        "data",
        "год",
        "года",
        "г",
        "р",
        "року",
        "рік",
        "godine",
        "god",
        "metu",
        "m",
        "men",
        "diena",
        "dienos",
        "din",
        "zi",
        "the",
        "в",
        "у",
        "ob",
        "i",
        "il",
        "du",
        "di",
        "del",
        "de",
        "la",
        "thu",
        "est",
        "o",
        "clock",
        "uhr",
        "ore",
        "ora",
        "hrs",
        "h",
        "น",
        "นาฬิกา",
        "เวลา",
        "ที่",
        "วันที่",
        "วัน",
        "เดือน",
        "ปี",
        "ณ",
        "วา",
    ]
)
_ROMAN = {
    word: number
    for number, word in enumerate(
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], start=1
    )
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the words between the numbers of a date say.

    Attributes:
        month: Number of the month named; None if none is, 0 if two languages disagree.
        month_calendar: Calendar of the month's name.
        calendar: Calendar that an era word names; '' if none does.
        japanese: Year before the first year of the Japanese era named.
        marks: For each text run the number before it is a y, m or d by a CJK sign.
        unknown: Words that mean nothing here.
    """

    month: int | None = None
    month_calendar: str = "gregorian"
    calendar: str = ""
    japanese: int | None = None
    marks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def read_words(runs: tuple[str, ...], languages: tuple[str, ...]) -> Words:
    """Explain the text runs of a date.

    Args:
        runs: What stands before, between and behind the numbers, in order.
        languages: Languages of the region, most usual first.
    """
    months: list[tuple[str, int]] = []
    eras: list[str] = []
    japanese: list[int] = []
    marks: list[str] = []
    unknown: list[str] = []
    for run in runs:
        mark = ""
        for kind, meaning in _pieces(run, languages):
            if kind == "month":
                months.append(meaning)
            elif kind == "era":
                eras.append(meaning)
            elif kind == "japanese":
                japanese.append(meaning)
            elif kind == "mark":
                mark = mark or meaning
            elif kind == "unknown":
                unknown.append(meaning)
        marks.append(mark)
    if not months:
        months, unknown = _roman(unknown)
    named = set(months)
    calendar, month = months[0] if months else ("gregorian", None)
    return Words(
        month=month if len(named) <= 1 else 0,
        month_calendar=calendar,
        calendar=eras[0] if eras else "",
        japanese=japanese[0] if japanese else None,
        marks=tuple(marks),
        unknown=tuple(unknown),
    )


def day_half(word: str, languages: tuple[str, ...]) -> str | None:
    """Return 'am' or 'pm' for a word such as a.m., μ.μ. or 오후; None for others."""
    key = fold_key(word)
    for language in (*languages, "en"):
        found = _calendar_words().get(language, {}).get("periods", {})
        for spelling, half in found.items():
            if spelling.replace(" ", "") == key:
                return str(half)
    return {"am": "am", "pm": "pm", "a": "am", "p": "pm"}.get(key)


def _roman(unknown: list[str]) -> tuple[list[tuple[str, int]], list[str]]:
    numerals = [word for word in unknown if word in _ROMAN]
    if len(numerals) != 1:
        return [], unknown
    return [("gregorian", _ROMAN[numerals[0]])], [w for w in unknown if w != numerals[0]]


def _pieces(run: str, languages: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Cut one run into known words, the longest first."""
    words = fold(run).split()
    if not words:
        return [("era", "islamic")] if "هـ" in run else []
    found: list[tuple[str, Any]] = []
    index = 0
    while index < len(words):
        for size in range(min(4, len(words) - index), 0, -1):
            key = "".join(words[index : index + size])
            meaning = _meaning(key, languages)
            if meaning:
                found.append(meaning)
                index += size
                break
        else:
            found += _glued(words[index], languages)
            index += 1
    return found


def _glued(word: str, languages: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Cut a word of a script that writes no blanks; unknown if any letter is left."""
    if word.isascii():
        return [("unknown", word)]
    found: list[tuple[str, Any]] = []
    rest = word
    while rest:
        for size in range(len(rest), 0, -1):
            meaning = _meaning(rest[:size], languages)
            if meaning:
                found.append(meaning)
                rest = rest[size:]
                break
        else:
            return [("unknown", word)]
    return found


@lru_cache(maxsize=16384)
def _meaning(key: str, languages: tuple[str, ...]) -> tuple[str, Any] | None:
    special = _special().get(key)
    if special and not (special[0] == "japanese" and len(key) == 1 and "ja" not in languages):
        return special
    for language in (*languages, "en"):
        month = _month(key, language)
        if month:
            return ("month", ("gregorian", month))
    fillers = _everywhere()["fillers"]
    if key in fillers and (len(key) > 1 or not key.isascii() or key in _FILLERS):
        return ("filler", key)
    anywhere = _everywhere()["months"].get(key)
    if anywhere:
        calendar, numbers = anywhere
        return ("month", (calendar, min(numbers) if len(numbers) == 1 else 0))
    return None


def _month(key: str, language: str) -> int | None:
    months = _months_of(language)
    if key in months:
        return months[key]
    if len(key) >= 3 and key.isalpha():
        near = {number for word, number in months.items() if word.startswith(key)}
        if len(near) == 1:
            return near.pop()
    return None


@lru_cache(maxsize=64)
def _months_of(language: str) -> Mapping[str, int]:
    entry = _calendar_words().get(language, {})
    return {word.replace(" ", ""): number for word, number in entry.get("months", {}).items()}


@lru_cache(maxsize=1)
def _calendar_words() -> Mapping[str, Mapping[str, Any]]:
    text = files("crmmigrate.values").joinpath("data", "calendar_words.json").read_text("utf-8")
    loaded: dict[str, Mapping[str, Any]] = json.loads(text)
    return loaded


@lru_cache(maxsize=1)
def _special() -> Mapping[str, tuple[str, Any]]:
    found: dict[str, tuple[str, Any]] = {}
    for calendar, spellings in _ERAS.items():
        found |= {fold_key(spelling): ("era", calendar) for spelling in spellings}
    found |= {fold_key(era): ("japanese", offset) for era, offset in JAPANESE_ERAS.items()}
    for mark, signs in _MARKS.items():
        found |= {fold_key(sign): ("mark", mark) for sign in signs}
    return found


@lru_cache(maxsize=1)
def _everywhere() -> Mapping[str, Any]:
    """Months, weekdays and fillers of all languages together."""
    months: dict[str, tuple[str, set[int]]] = {}
    fillers = {re.sub(r"\s", "", word) for word in _FILLERS}
    text = files("crmmigrate.values").joinpath("data", "calendar_months.json").read_text("utf-8")
    for calendar, words in json.loads(text).items():
        for word, number in words.items():
            months.setdefault(fold_key(word), (calendar, set()))[1].add(number)
    for entry in _calendar_words().values():
        for word, number in entry["months"].items():
            key = word.replace(" ", "")
            if months.get(key, ("gregorian",))[0] == "gregorian":
                months.setdefault(key, ("gregorian", set()))[1].add(number)
        fillers |= {word.replace(" ", "") for word in (*entry["days"], *entry["fillers"])}
    return {"months": months, "fillers": fillers}
