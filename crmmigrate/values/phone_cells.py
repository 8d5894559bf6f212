"""What stands around phone numbers in a cell: labels, notes, masks, several numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from crmmigrate.model.regions import PhoneRules
from crmmigrate.values.knowledge import load_knowledge, word_table
from crmmigrate.values.placeholders import is_placeholder

__all__ = [
    "PhoneWords",
    "cut_cell",
    "cut_note",
    "drop_trunk_zero",
    "excel_digits",
    "is_masked",
    "is_phone_placeholder",
    "joined_halves",
    "mark_extensions",
    "phone_words",
]

_FLOAT = re.compile(r"^\+?(\d{4,15})[.,]0+$")
_SCIENTIFIC = re.compile(r"^\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})$")


def excel_digits(text: str) -> tuple[str | None, bool]:
    """Return the digits of a number that a spreadsheet turned into a float.

    Returns:
        The digits, or None if the text is no float; and whether digits were lost, as in 4.07E+10.
    """
    match = _FLOAT.match(text)
    if match:
        sign = "+" if text.startswith("+") else ""
        return (sign + match[1], False) if text.endswith((".0", ",0")) else (None, False)
    match = _SCIENTIFIC.match(text)
    if not match:
        return None, False
    fraction, exponent = match[2] or "", int(match[3])
    if len(fraction) == exponent:
        return match[1] + fraction, False
    return None, True


_MASK = re.compile(r"\d[\s.()-]*(?:[xX]{3,}|[*•●]{2,}|#{3,})|(?:[xX]{4,}|[*•●]{2,})[\s.()-]*\d")


def is_masked(text: str) -> bool:
    """Tell whether digits were hidden: `0722 XXX XXX`, `07221*****`."""
    return bool(_MASK.search(text))


def is_phone_placeholder(text: str) -> bool:
    """Tell whether the cell holds no number on purpose: `n/a`, `-`, `0000000`."""
    digits = re.sub(r"\D", "", text)
    if not digits:
        return is_placeholder(text, tests=True)
    if re.search(r"[^\W\d_]", text):
        return False
    return len(digits) >= 3 and set(digits) == {"0"}


_TRUNK = re.compile(
    r"^([^\d+]*(?:\+|00|011)\s*\(?\d{1,3}\)?[\s./-]*)[(\[]\s*0+\s*[)\]]([\s./-]*\d)"
)


def drop_trunk_zero(text: str) -> str | None:
    """Return `+cc (0) n` without the bracketed zero; None if there is none."""
    changed = _TRUNK.sub(r"\1\2", text, count=1)
    return changed if changed != text else None


@dataclass(frozen=True, slots=True)
class PhoneWords:
    """The words of a region around phone numbers, compiled.

    Attributes:
        label: A label before a number.
        trailing_label: A label behind it.
        extension: An extension behind a number, to the end of the text.
        further: A text that is nothing but a further extension.
        behind: An extension whose word stands behind its digits.
        labels: Every label, as a choice of a pattern.
        letters: Letters that are labels before a colon or a dot.
        marks: Every word before an extension, as a choice of a pattern.
    """

    label: re.Pattern[str]
    trailing_label: re.Pattern[str]
    extension: re.Pattern[str]
    further: re.Pattern[str]
    behind: re.Pattern[str]
    labels: str
    letters: str
    marks: str


def phone_words(rules: PhoneRules) -> PhoneWords:
    """Compile the words of a region together with those known everywhere."""
    return _compile(rules.extension_words, tuple(rules.labels))


@cache
def _compile(extension_words: tuple[str, ...], labels: tuple[str, ...]) -> PhoneWords:
    known = load_knowledge("phone_words")
    words = _either({*word_table(known["labels"]), *labels})
    letters = "".join(word_table(known["letters"]))
    label = rf"(?<![^\W\d_])(?:(?:{words})(?![^\W\d_])\.?|[{letters}](?=\s*[.:]))"
    known_marks = {*known["extension"], *extension_words}
    marks = _either(known_marks - {"x", "ext"})
    long_marks = _either({mark for mark in known_marks if len(mark) > _ABBREVIATION})
    return PhoneWords(
        re.compile(rf"{label}(?:[\s.]*\d?\s*:|[\s.:]*)", re.IGNORECASE),
        re.compile(rf"[\s,;:/–-]*{label}[\s.:]*$", re.IGNORECASE),
        re.compile(
            rf"(?<=\d)[\s,;)]*[(\[]?\s*(?<![^\W\d_])(?:{marks})[\s.:\-–]*(?:nr\.?\s*)?(\d{{1,7}})"
            r"\s*[)\]]?\s*$",
            re.IGNORECASE,
        ),
        re.compile(
            rf"^(?:{_either(known_marks)})[\s.:\-–]*(\d{{1,7}})$"
            rf"|^(\d{{1,6}})[\s.-]*[^\W\d_]{{0,2}}\s+(?:{long_marks})\.?$",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?<=\d)(?:\s*[,;/]\s*|\s+)[(\[]?(\d{{1,6}})[\s.-]*[^\W\d_]{{0,2}}\s+(?:{long_marks})\s*[)\]]?\s*$",
            re.IGNORECASE,
        ),
        words,
        letters,
        marks,
    )


_ABBREVIATION = 4
"""Longer words for an extension may also stand behind its digits: `12-es mellék`."""


def _either(words: set[str]) -> str:
    bare = sorted({word.rstrip(".") for word in words}, key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, bare))


def mark_extensions(text: str, words: PhoneWords) -> str:
    """Write the region's word before an extension as the library knows it: `ext. 12`."""
    if _WORDLESS.fullmatch(text):
        return text
    marked = words.behind.sub(r" ext. \1", text, count=1)
    return words.extension.sub(r" ext. \1", marked, count=1)


_WORDLESS = re.compile(r"[+\d\s().\-/]*")
"""Digits and what stands between them: there is no word to cut, and searching for all of them takes long."""
_BRACKETED = re.compile(r"\s*[(\[{<]([^\d()\[\]{}<>+]*[^\W\d_][^\d()\[\]{}<>+]*)[)\]}>]\s*")
_TRAILING = re.compile(r"(?<=[\d)])[\s,;:–—-]+([^\W\d_][^\d]*)$")


def cut_note(text: str, words: PhoneWords) -> tuple[str, tuple[str, ...]]:
    """Cut bracketed notes, labels and trailing words off a number.

    Returns:
        The text without them, and what was cut.
    """
    if _WORDLESS.fullmatch(text):
        return text.strip(), ()
    before: list[str] = []
    within: list[str] = []
    behind: list[str] = []

    def keep(match: re.Match[str]) -> str:
        within.append(match[1].strip())
        return " "

    bare = _BRACKETED.sub(keep, text).strip()
    match = words.trailing_label.search(bare)
    if match and match.start() > 0 and any(c.isdigit() for c in bare[: match.start()]):
        behind.append(match[0].strip(" ,;:/–-"))
        bare = bare[: match.start()]
    match = words.label.match(bare)
    if match and match.end() < len(bare):
        before.append(match[0].strip(" .:"))
        bare = bare[match.end() :].lstrip(" :.-")
    match = _TRAILING.search(bare)
    if match and not _may_be_vanity(bare, match):
        behind.insert(0, match[1].strip())
        bare = bare[: match.start()]
    return bare.strip(), tuple(filter(None, (*before, *within, *behind)))


def _may_be_vanity(text: str, match: re.Match[str]) -> bool:
    """Tell whether letters may stand for digits, as in 1-800-FLOWERS."""
    return len(re.sub(r"\D", "", text[: match.start()])) < 7


@cache
def _between() -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in load_knowledge("phone_words")["between"])
    return re.compile(
        rf"[;,|\n\r\t&、，；]+|(?<=\d)[\s)]+(?:{words})\s+(?=[+(\d])|(?<=\d)[\s/]*(?=\+)",
        re.IGNORECASE,
    )


def cut_cell(text: str, words: PhoneWords) -> list[str]:
    """Cut a cell at labels and at what never stands within a number."""
    pieces = [piece for part in words.label.split(text) for piece in _between().split(part)]
    return [piece.strip(" /\\") for piece in pieces if piece and piece.strip(" .-–()[]/\\")]


def joined_halves(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a text at one of its blanks."""
    words = text.split()
    if len(re.sub(r"\D", "", text)) >= 12:
        for at in range(1, len(words)):
            yield " ".join(words[:at]), " ".join(words[at:])
