"""What the words of a written date mean: months, eras, weekdays and words to pass over."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crmmigrate.values.calendars import JAPANESE_ERAS
from crmmigrate.values.folding import fold, fold_key

__all__ = ["Words", "day_half", "read_words", "said_in"]

_ERAS = {
    "buddhist": ("พ.ศ.", "พศ", "พุทธศักราช", "b.e.", "be"),
    "gregorian": ("ค.ศ.", "คศ", "คริสต์ศักราช", "a.d.", "ad", "c.e.", "ce", "n.e.", "d.c.", "н.э.", "ميلادي", "م"),
    "islamic": ("هـ", "ه", "a.h.", "ah", "hijri", "هجري"),
    "persian": ("ه.ش.", "هـ ش", "ه‍.ش.", "هش", "a.p.", "شمسی"),
    "roc": ("民國", "民国", "中華民國", "minguo", "r.o.c.", "roc"),
}  # fmt: skip
_MARKS = {
    "y": ("年", "년", "年度", "gadā", "metai"),
    "m": ("月", "월"),
    "d": ("日", "일"),
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
        "в",
        "у",
        "ob",
        "i",
        "il",
        "du",
        "di",
        "del",
        "thu",
        "est",
        "geb",
        "geboren",
        "nascut",
        "nascuta",
        "fodt",
        "fodd",
        "born",
        "dob",
        "nato",
        "nata",
        "nacido",
        "nacida",
        "ngay",
        "thang",
        "thg",
        "nam",
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
_OWN_FILLERS: Mapping[str, tuple[str, ...]] = {
    "pl": ("r", "roku"),
    "cs": ("r", "roku"),
    "sk": ("r", "roku"),
}
"""Words beside a date that mean nothing in one language only: `5.02.2024 r.`"""
_OWN_MONTHS: Mapping[str, Mapping[str, int]] = {"de": {"mrz": 3, "feber": 2}}
"""Spellings of months that CLDR has not: `Mrz` is what German spreadsheets write."""
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
def read_words(runs: tuple[str, ...], languages: tuple[str, ...], region: str = "") -> Words:
    """Explain the text runs of a date.

    Args:
        runs: What stands before, between and behind the numbers, in order.
        languages: Languages of the region, most usual first.
        region: The region; its further languages count before those of the rest of the world.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    marks: list[str] = []
    for run in runs:
        mark = ""
        for kind, meaning in _pieces(run, languages, region) if run else ():
            found[kind].append(meaning)
            if kind == "mark":
                mark = mark or meaning
        marks.append(mark)
    months, unknown = found["month"], found["unknown"]
    if not months:
        months = found["either"]
    if not months:
        months, unknown = _roman(unknown)
    calendar, month = months[0] if months else ("gregorian", None)
    return Words(
        month=month if len(set(months)) <= 1 else 0,
        month_calendar=calendar,
        calendar=found["era"][0] if found["era"] else "",
        japanese=found["japanese"][0] if found["japanese"] else None,
        marks=tuple(marks),
        unknown=tuple(unknown),
    )


def said_in(
    run: str, languages: tuple[str, ...], region: str = ""
) -> tuple[int, tuple[Hashable, ...]] | None:
    """Return the one month that a text run names, 0 for none, and what else it says.

    Dates that differ in nothing but month and weekday are planned alike.

    Args:
        run: What stands before, between or behind the numbers.
        languages: Languages of the region.
        region: The region.

    Returns:
        None where more is to be weighed.
    """
    month, said = 0, list[Hashable]()
    for kind, meaning in _pieces(run, languages, region) if run else ():
        if kind == "month" and not month and meaning[0] == "gregorian":
            month = meaning[1]
            said.append(kind)
        elif kind in {"month", "either", "unknown"}:
            return None
        elif kind != "filler":
            said.append((kind, meaning))
    return month, tuple(said)


_KINDS = ("month", "either", "filler", "era", "japanese", "mark", "unknown")
"""What a word may be; `either` is a month or a weekday, as `mar` in Spanish."""


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


_Piece = tuple[str, Any]


@lru_cache(maxsize=16384)
def _pieces(run: str, languages: tuple[str, ...], region: str) -> tuple[_Piece, ...]:
    """Cut one run into known words, the longest first."""
    words = fold(run).split()
    if not words:
        return (("era", "islamic"),) if "هـ" in run else ()
    found: list[_Piece] = []
    index = 0
    while index < len(words):
        for size in range(min(_LONGEST, len(words) - index), 0, -1):
            key = "".join(words[index : index + size])
            meaning = _meaning(key, languages, region)
            if meaning:
                found.append(meaning)
                index += size
                break
        else:
            found += _glued(words[index], languages, region)
            index += 1
    return tuple(found)


_LONGEST = 7
"""Words of the longest name of a month (Kamba, Kimakonde)."""


def _glued(word: str, languages: tuple[str, ...], region: str) -> list[_Piece]:
    """Cut a word of a script that writes no blanks; unknown if any letter is left."""
    if word.isascii():
        return [("unknown", word)]
    found: list[_Piece] = []
    rest = word
    while rest:
        for size in range(len(rest), 0, -1):
            meaning = _meaning(rest[:size], languages, region)
            if meaning:
                found.append(meaning)
                rest = rest[size:]
                break
        else:
            return [("unknown", word)]
    return found


@lru_cache(maxsize=32768)
def _meaning(key: str, languages: tuple[str, ...], region: str) -> _Piece | None:
    """Look one word up: eras and marks, then the region's languages, then all others."""
    special = _special().get(key)
    if special and not (special[0] == "japanese" and len(key) == 1 and "ja" not in languages):
        return special
    own = _own(languages, region)
    filler = key in own.fillers or key in _FILLERS
    if key in own.months:
        return ("either" if filler else "month"), ("gregorian", own.months[key])
    if filler:
        return "filler", key
    near = own.beginning(key)
    if near:
        return "month", ("gregorian", near)
    world = _everywhere()
    months = world.months.get(key)
    filler = key in world.fillers and (len(key) > 1 or not key.isascii())
    if months and (not filler or not key.isascii() or len(key) > 2):
        calendar, numbers = months
        number = min(numbers) if len(numbers) == 1 else 0
        return ("either" if filler else "month"), (calendar, number)
    return ("filler", key) if filler else None


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Words of months and what may stand beside them, without blanks."""

    ranked: tuple[Mapping[str, int], ...]
    months: Mapping[str, int]
    fillers: frozenset[str]

    def beginning(self, key: str) -> int:
        """Return the month that only one word of a language begins like, 0 for none."""
        if len(key) < 3 or not key.isalpha():
            return 0
        for months in self.ranked:
            near = {number for word, number in months.items() if word.startswith(key)}
            if len(near) == 1:
                return near.pop()
        return 0


@lru_cache(maxsize=512)
def _own(languages: tuple[str, ...], region: str) -> _Lexicon:
    """Gather the words of a region: its official languages, English, then its other ones."""
    every = _calendar_words()
    named = [n for lang in languages for n in (f"{lang}_{region}", lang) if n in every]
    named += [] if "en" in named else ["en"]
    ranked = [{**_months(every[name]), **_OWN_MONTHS.get(name, {})} for name in named]
    others = [n for n, e in every.items() if region in e["regions"] and n not in named]
    others += [n for n in every if n.endswith(f"_{region}") and n not in named]
    shared: dict[str, set[int]] = {}
    for name in others:
        for word, number in _months(every[name]).items():
            shared.setdefault(word, set()).add(number)
    months = {word: min(numbers) for word, numbers in shared.items() if len(numbers) == 1}
    for known in reversed(ranked):
        months |= known
    fillers = {
        word.replace(" ", "")
        for name in (*named, *others)
        for word in (*every[name]["days"], *every[name]["fillers"])
    }
    fillers |= {word.removeprefix("วัน") for word in fillers if word.startswith("วัน")} - {""}
    usual = {word for word in fillers if len(word) > 1 or not word.isascii()}
    usual = usual.union(*(_OWN_FILLERS.get(name, ()) for name in named))
    return _Lexicon(tuple(ranked), months, frozenset(usual))


def _months(entry: Mapping[str, Any]) -> Mapping[str, int]:
    return {word.replace(" ", ""): number for word, number in entry["months"].items()}


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


@dataclass(frozen=True, slots=True)
class _World:
    """Months with their calendar, and fillers, of all languages together."""

    months: Mapping[str, tuple[str, set[int]]]
    fillers: frozenset[str]


@lru_cache(maxsize=1)
def _everywhere() -> _World:
    months: dict[str, tuple[str, set[int]]] = {}
    fillers: set[str] = set()
    text = files("crmmigrate.values").joinpath("data", "calendar_months.json").read_text("utf-8")
    for calendar, words in json.loads(text).items():
        for word, number in words.items():
            months.setdefault(fold_key(word), (calendar, set()))[1].add(number)
    for entry in _calendar_words().values():
        for word, number in _months(entry).items():
            if months.get(word, ("gregorian",))[0] == "gregorian":
                months.setdefault(word, ("gregorian", set()))[1].add(number)
        fillers |= {word.replace(" ", "") for word in (*entry["days"], *entry["fillers"])}
    return _World(months, frozenset(fillers))
