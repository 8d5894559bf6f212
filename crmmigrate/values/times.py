"""Find the time of day within a written date."""

import re
from dataclasses import dataclass

from crmmigrate.values.date_words import day_half

__all__ = ["TimeOfDay", "cut_time"]

_CLOCK = re.compile(
    r"""(?P<before>(?<!\d)[^\W\d_][^\W\d_.]{0,9}\.?\ ?)?
    (?<![\d.,/-])(?P<h>[01]?\d|2[0-4])(?:[:٫]|(?<=\d)[hH])(?P<m>[0-5]\d)
    (?:[:.](?P<s>[0-5]\d|60)(?:[.,](?P<f>\d{1,9}))?)?
    (?P<half>(?!\s?(?:Z|UTC|GMT|CES?T|EES?T|WES?T|[ECMP][SD]T)\b)\s?[^\W\d_]{1,2}\.?\s?[^\W\d_]?\.?(?![^\W\d_]))?
    (?P<zone>\s?(?:Z|UTC|GMT|CET|CEST|EET|EEST|WET|WEST|EST|EDT|MST|MDT|PST|PDT|CDT)?
      (?:\s?[+\-−]\d{2}(?::?\d{2})?)?)(?![\d:])(?P<note>\s?\([^)]*\))?""",
    re.VERBOSE,
)
_HOUR = re.compile(
    r"(?<![\d.,/:-])(?P<h>1[0-2]|0?[1-9])\s?(?P<half>[ap]\.?\s?m\.?)(?!\w)", re.IGNORECASE
)
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "CET": 1, "WEST": 1, "EET": 2, "CEST": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours before UTC; abbreviations that mean two zones (CST, BST, IST) are left out."""


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time as `HH:MM:SS`, with what is left of the text around it."""

    rest: str
    clock: str = ""
    zone: str = ""


def cut_time(text: str, languages: tuple[str, ...]) -> TimeOfDay:
    """Take the time of day out of a text; `clock` is '' if there is none."""
    text = re.sub(r"(?<=\d)[Tt](?=\d\d:)", " ", text)
    if ":" in text or "h" in text.casefold():
        match = _CLOCK.search(text)
        if match:
            return _read(text, match, languages)
    if "m" in text.casefold():
        match = _HOUR.search(text)
        if match:
            hour = _hour(int(match["h"]), "pm" if match["half"][0] in "pP" else "am")
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            return TimeOfDay(rest.strip(), f"{hour:02}:00:00")
    return TimeOfDay(text)


def _read(text: str, match: re.Match[str], languages: tuple[str, ...]) -> TimeOfDay:
    start, end = match.start("h"), match.end()
    half = day_half(match["half"] or "", languages)
    if match["half"] and half is None:
        end = match.end("half") - len(match["half"])
    before = (match["before"] or "").strip()
    if before:
        early = day_half(before, languages)
        if early and len(before) > 1:
            half, start = early, match.start()
        elif before in {"T", "t"}:
            start = match.start()
    hour = _hour(int(match["h"]), half)
    zone = _zone(match["zone"].strip()) if end == match.end() else ""
    clock = f"{hour:02}:{match['m']}:{match['s'] or '00'}"
    rest = f"{text[:start]} {text[end:]}".strip().strip(",;").strip()
    return TimeOfDay(rest, clock, zone)


def _hour(hour: int, half: str | None) -> int:
    if half == "pm" and hour < 12:
        return hour + 12
    if half == "am" and hour == 12:
        return 0
    return hour % 24


def _zone(text: str) -> str:
    name = re.match(r"[A-Z]*", text)
    word = name[0] if name else ""
    shift = re.sub(r"[^\d+\-−]", "", text[len(word) :]).replace("−", "-")
    if shift:
        return f"{shift[:3]}:{shift[3:5] or '00'}".replace("-00:00", "+00:00")
    if not word:
        return ""
    hours = _ZONES[word]
    return f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
