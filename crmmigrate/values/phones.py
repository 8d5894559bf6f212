"""Phone numbers: what libphonenumber reads, and what it needs cleaned before it can.

The answer is that of the `phonenumbers` library wherever the library reads the number. Where it
misreads (two numbers in a field, notes, Excel floats, `+cc (0)`), the text is cleaned first. Where
several readings are possible, it says so instead of choosing silently.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneNumberMatcher

from crmmigrate.model.regions import PhoneRules
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.phone_cells import (
    PhoneWords,
    cut_note,
    drop_trunk_zero,
    excel_digits,
    is_masked,
    is_phone_placeholder,
    mark_extensions,
    phone_words,
)
from crmmigrate.values.phone_lists import PhoneList, has_second_number, read_list
from crmmigrate.values.phone_numbers import PhoneNumber, number_of, parse_number

__all__ = ["PhoneNumber", "PhoneReading", "parse_number", "read_phone"]

_MAX_TEXT = 250
"""Longer cells are no phone numbers (the library's own limit)."""


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """What was read in a cell.

    Attributes:
        number: The first number, valid or not; None when nothing could be parsed.
        status: A status of the kernel contract, e.g. `normalised` or `split`.
        codes: Rules that fired.
        message: What a reader should know, e.g. the note behind the number.
        confidence: 1 for what the library reads itself.
        alternatives: Further numbers of the cell, or other possible readings.
        note: Labels and notes that were cut off.
    """

    number: PhoneNumber | None
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    note: str | None = None

    @property
    def valid(self) -> bool:
        """Whether a valid number was found."""
        return self.number is not None and self.number.valid


def read_phone(text: str, region: str | None, words: PhoneWords | None = None) -> PhoneReading:
    """Read the content of a phone cell.

    Args:
        text: The cell, already repaired as text.
        region: ISO 3166-1 alpha-2 code whose national numbers are assumed; None for unknown.
        words: Words of the region around numbers.
    """
    words = words or phone_words(PhoneRules())
    cell = text.strip().lstrip("'\"`´’").rstrip("'\"`´’").strip()
    cell = _with_ascii_digits(cell)
    refused = _refused(cell)
    if refused is not None:
        return PhoneReading(None, "invalid", (refused[0],), refused[1], 1.0)
    digits = excel_digits(cell)[0]
    if digits is not None:
        reading = _read_plain(digits, region)
        return _with_code(reading, "STD104", "repaired") if reading.valid else reading
    return _with_change(_read_cell(cell, region, words), text)


def _with_ascii_digits(text: str) -> str:
    """Write the digits of every script as ASCII, as the library reads them."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _refused(cell: str) -> tuple[str, str] | None:
    """Return code and message of a cell that holds no number to read."""
    if is_phone_placeholder(cell):
        return "STD111", "a placeholder, not a number"
    if len(cell) > _MAX_TEXT:
        return "STD109", "too long for a phone number"
    digits = sum(map(str.isdecimal, cell))
    if digits < _FEWEST:
        letters = digits and any(map(str.isalpha, cell))
        words = "cannot be read as a phone number" if letters else "holds no digits"
        return ("STD109", words) if letters or not digits else None
    if excel_digits(cell)[1]:
        return "STD105", "a spreadsheet rounded digits away"
    if is_masked(cell):
        return "STD112", "digits are masked"
    return ("STD109", "an e-mail address") if _MAIL.match(cell) else None


_FEWEST = 3
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\W\d_]+$")


def _with_change(reading: PhoneReading, text: str) -> PhoneReading:
    """Tell of a number that stands unchanged between signs that were stripped."""
    if reading.status != "unchanged" or reading.number is None or reading.number.e164 == text:
        return reading
    return replace(reading, status="normalised", codes=("STD101",))


def _read_cell(cell: str, region: str | None, words: PhoneWords) -> PhoneReading:
    bare, notes = cut_note(mark_extensions(cell, words), words)
    bare = mark_extensions(bare, words)
    reading = _read_plain(bare, region)
    if notes and not reading.valid and _VANITY.search(cell):
        whole = _read_plain(cell, region)
        if whole.valid:
            return whole
    if (reading.valid or reading.status == "ambiguous") and not _is_list(bare, reading, region):
        return _with_note(reading, notes)
    several = _read_several(bare, region, words)
    if several is not None:
        own = _own_notes(cell, several, region, words) if several.alternatives and notes else None
        return _with_note(several, notes) if own is None else _with_notes(several, own)
    found = None if _NO_WORDS.fullmatch(cell) else _search(cell, region)
    return found or reading


_NO_WORDS = re.compile(r"[+\d\s().\-‐-―]*")
"""Digits and blanks are no text to search; short numbers could be found in any of them."""


_VANITY = re.compile(r"^[^()]*[A-Z]{3,}\W*$")
"""Letters that stand for digits are written in capitals, and behind the others."""


def _is_list(text: str, reading: PhoneReading, region: str | None) -> bool:
    if reading.number is None or not _LISTED.search(text):
        return False
    return has_second_number(text, reading.number, lambda piece: _read_valid(piece, region))


_LISTED = re.compile(r"\d.*[/;,|\\x#].*\d")


def _read_plain(text: str, region: str | None) -> PhoneReading:
    """Read a text that should hold one number and nothing else."""
    zero = drop_trunk_zero(text)
    if zero is not None:
        reading = _choose_zero(zero, text, region)
        if reading is not None:
            return reading
    number = parse_number(text, region)
    if number is None or not number.valid:
        return _read_international(text, region, number)
    other = _other_reading(text, region, number)
    if other is not None:
        message = f"may also be {other.e164}"
        return PhoneReading(number, "ambiguous", ("STD110",), message, 0.5, (other.e164,))
    status = "unchanged" if text == number.e164 else "normalised"
    return PhoneReading(number, status, () if status == "unchanged" else ("STD101",))


def _choose_zero(without: str, text: str, region: str | None) -> PhoneReading | None:
    """Decide about `+cc (0) n`: the zero is dialled only within most countries."""
    dropped, kept = parse_number(without, region), parse_number(text, region)
    if dropped is None or not dropped.valid:
        if without.startswith("+") or kept is None:
            return None
        dropped = parse_number(_with_plus(without), region)
        if dropped is None or not dropped.valid:
            return None
    if kept is not None and kept.valid and kept.e164 != dropped.e164:
        message = f"with the zero it is {kept.e164}"
        return PhoneReading(dropped, "ambiguous", ("STD106", "STD110"), message, 0.6, (kept.e164,))
    return PhoneReading(dropped, "normalised", ("STD106",))


_DIALLED = re.compile(r"^[^\d+(]*\(?(?:0011|011|00|\+\s*00|\+\s*\+)\)?[\s./-]*(?=[1-9(])")


def _with_plus(text: str) -> str:
    """Replace an international prefix as it is dialled (00, 011) with the plus sign."""
    return _DIALLED.sub("+", text, count=1)


def _read_international(text: str, region: str | None, number: PhoneNumber | None) -> PhoneReading:
    """Read what the region's own rules cannot: a foreign prefix, or a plus that got lost."""
    dialled = _with_plus(text)
    if dialled != text:
        other = parse_number(dialled, region)
        if other is not None and other.valid:
            if region is None:
                return _no_region(other)
            return PhoneReading(other, "repaired", ("STD107",), None, 0.9)
    elif "+" not in text:
        other = parse_number(f"+{text.lstrip()}", region)
        if other is not None and other.valid:
            if region is None:
                return _no_region(other)
            message = f"no number of {region}; with a plus sign it is {other.e164}"
            return PhoneReading(number, "invalid", ("STD113",), message, 0.5, (other.e164,))
    if region is None and "+" not in text and re.search(r"\d{3}", text):
        return _no_region(None)
    return PhoneReading(number, "invalid", ("STD109",), _why_invalid(number), 1.0)


def _no_region(other: PhoneNumber | None) -> PhoneReading:
    alternatives = () if other is None else (other.e164,)
    message = "without a region a national number has no country"
    return PhoneReading(None, "left_alone", ("STD108",), message, 0.0, alternatives)


def _why_invalid(number: PhoneNumber | None) -> str:
    if number is None:
        return "cannot be read as a phone number"
    return number.reason


_OPENING = re.compile(r"^\s*\d[\d\s().-]*$")


def _other_reading(text: str, region: str | None, number: PhoneNumber) -> PhoneNumber | None:
    """Return a second valid reading: digits that are also the country code of the same region."""
    if not region or not _OPENING.match(text):
        return None
    code = str(phonenumbers.country_code_for_region(region))
    digits = re.sub(r"\D", "", text)
    if not digits.startswith(code) or len(digits) < len(code) + 5:
        return None
    other = parse_number(f"+{digits}", region)
    if other is None or not other.valid or other.e164 == number.e164:
        return None
    return other


def _read_several(text: str, region: str | None, words: PhoneWords) -> PhoneReading | None:
    """Split a cell into several numbers; None if there is not even one valid number."""
    return _several(read_list(text, words, lambda piece: _read_valid(piece, region)))


@lru_cache(maxsize=1024)
def _read_valid(text: str, region: str | None) -> PhoneNumber | None:
    """Return the number of a text if it is valid; the pieces of a cell are asked for several times."""
    reading = _read_plain(text, region)
    return reading.number if reading.valid else None


def _several(found: PhoneList) -> PhoneReading | None:
    unique = list({number.written: number for number in found.numbers}.values())
    if not unique:
        return None
    rest = tuple(number.written for number in unique[1:])
    codes = ("STD102",) if rest else ("STD101",)
    if not found.left:
        return PhoneReading(unique[0], "split" if rest else "normalised", codes, None, 1.0, rest)
    message = f"left unread: {'; '.join(found.left)}"
    status = "split" if rest else "repaired"
    return PhoneReading(unique[0], status, (*codes, "STD114"), message, 0.7, rest)


def _search(text: str, region: str | None) -> PhoneReading | None:
    """Find numbers within running text as the last resort; never cut digits off a longer run."""
    matches = list(PhoneNumberMatcher(text, region))
    if not matches or _is_cut(text, matches):
        return None
    numbers = list({number_of(m.number): None for m in matches})
    rest = tuple(number.written for number in numbers[1:])
    message = f"found in the text: {matches[0].raw_string}"
    around = _outside(text, matches)
    return PhoneReading(numbers[0], "repaired", ("STD103",), message, 0.8, rest, around)


def _outside(text: str, matches: list[phonenumbers.PhoneNumberMatch]) -> str | None:
    """Return the text around the numbers found in it."""
    edges = [0, *(edge for match in matches for edge in (match.start, match.end)), len(text)]
    pieces = [text[a:b].strip(" ,;:()-") for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return ", ".join(filter(None, pieces)) or None


_DIGIT_BEFORE = re.compile(r"\d[^\w+]*$")


@cache
def _digit_after() -> re.Pattern[str]:
    """Match digits behind a number, but for a time of day or the number of a house."""
    marks = "|".join(map(re.escape, load_knowledge("phone_words")["extension"]))
    house = rf"\d{{0,4}}\s+(?!(?:{marks})(?![^\W\d_]))[^\W\d_]{{3,}}"
    hour = r"\d?\s*(?:h|am|pm|uhr|std|min)(?![^\W\d_])"
    return re.compile(rf"^[^\w+]*\d(?!{house}|{hour})", re.IGNORECASE)


def _is_cut(text: str, matches: list[phonenumbers.PhoneNumberMatch]) -> bool:
    """Tell whether digits beside a match were left out, so that it may be part of another number."""
    edges = [0, *(edge for match in matches for edge in (match.start, match.end)), len(text)]
    pieces = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    before, after = pieces[:-1], pieces[1:]
    return any(map(_DIGIT_BEFORE.search, before)) or any(map(_digit_after().search, after))


def _with_code(reading: PhoneReading, code: str, status: str) -> PhoneReading:
    kept = tuple(c for c in reading.codes if c != "STD101")
    status = reading.status if reading.status == "ambiguous" else status
    return replace(reading, codes=(code, *kept), status=status)


def _with_note(reading: PhoneReading, notes: tuple[str, ...]) -> PhoneReading:
    if not notes:
        return reading
    status = "repaired" if reading.status == "unchanged" else reading.status
    codes = tuple(c for c in reading.codes if c != "STD101")
    note = ", ".join(notes)
    message = "; ".join((*filter(None, [reading.message]), f"note: {note}"))
    return replace(reading, status=status, codes=(*codes, "STD103"), message=message, note=note)


_BESIDE = re.compile(r"\s*[/;,|\\]\s*|(?<=\))\s+(?=[+(]?\d)")


def _own_notes(
    cell: str, several: PhoneReading, region: str | None, words: PhoneWords
) -> list[str] | None:
    """Return the note beside each number of a cell; None where they cannot be told apart."""
    pieces = _BESIDE.split(cell)
    if several.number is None or len(pieces) != 1 + len(several.alternatives):
        return None
    cut = [cut_note(mark_extensions(piece, words), words) for piece in pieces]
    numbers = [_read_valid(mark_extensions(bare, words), region) for bare, _ in cut]
    written = [number.written if number else None for number in numbers]
    same = written == [several.number.written, *several.alternatives]
    return [", ".join(notes) for _, notes in cut] if same else None


def _with_notes(reading: PhoneReading, notes: Sequence[str]) -> PhoneReading:
    """Give the first number its note, and tell those of the others."""
    others = zip(reading.alternatives, notes[1:], strict=True)
    told = [f"note: {notes[0]}"] if notes[0] else []
    told += [f"{number}: {note}" for number, note in others if note]
    message = "; ".join((*filter(None, [reading.message]), *told))
    codes = (*(c for c in reading.codes if c not in {"STD101", "STD114"}), "STD103")
    left = reading.message and reading.message.startswith("left unread")
    if left:
        message = "; ".join(told)
    sure = 1.0 if left else reading.confidence
    return replace(reading, codes=codes, message=message, note=notes[0] or None, confidence=sure)
