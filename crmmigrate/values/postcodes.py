"""Postcodes: canonical spelling, repair of what people and spreadsheets do to them, search in text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from crmmigrate.model.regions import AddressRules
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder

__all__ = ["SIGNS", "Postcode", "find_postcodes", "label_start", "read_postcode"]

SIGNS = {
    "AT": "A", "BE": "B", "CH": "CH", "DE": "D", "ES": "E", "FI": "FIN", "FR": "F", "HU": "H", "IT": "I",
    "LU": "L", "NO": "N", "PT": "P", "SE": "S", "RO": "R", "SI": "SLO", "LI": "FL",
}  # fmt: skip
"""Distinguishing signs of vehicles that once stood before postcodes (CEPT, until 2000)."""

_LABELS = r"(?:〒|CEP:?|PLZ:?|CAP:?|CP\.?:?|C\.P\.:?|ZIP(?: CODE)?:?|PIN(?: ?CODE)?:?|POSTCODE:?|COD(?:\.|UL)? ?POȘ?S?TAL:?|COD:?|POSTNR\.?:?|รหัสไปรษณีย์:?|รหัส(?=[ :\d]):?)"


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode in canonical spelling with the rule that repaired it, '' for none."""

    value: str
    code: str = ""


_LABEL = re.compile(rf"^{_LABELS}\s*")
_LABEL_BEFORE = re.compile(rf"(?<![^\W_]){_LABELS}\s*$", re.IGNORECASE)
_DECIMAL = re.compile(r"[\d ]+[.,]0")
_SIGNS = re.compile(r"[\s.-]")
_ALL_SIGNS = re.compile(r"[\s.\-–—−－]")


@lru_cache(maxsize=1024)
def _shaped(pattern: str, region: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """Return the pattern of a whole postcode, and that of the country's sign before it."""
    names = "|".join(re.escape(x) for x in (region, SIGNS.get(region, "")) if x)
    sign = re.compile(rf"^(?:{names})[\s-]*") if names else None
    return re.compile(pattern, re.IGNORECASE), sign


@lru_cache(maxsize=65536)
def _read(
    text: str, pattern: str, shape: str, width: int, region: str, starts: str
) -> Postcode | None:
    plain = to_ascii_digits(tidy(text)).upper().strip(" .,;:()")
    plain = _LABEL.sub("", plain)
    if not plain:
        return None
    full, sign = _shaped(pattern, region)
    code = ""
    if _DECIMAL.fullmatch(plain):
        plain, code = plain[:-2], "STD322"
    bare = sign.sub("", plain) if sign else plain
    for candidate in dict.fromkeys((bare, plain)):
        fitting = _fitting(candidate, full, shape)
        if fitting:
            return Postcode(fitting, code or ("" if fitting == text else "STD321"))
    digits = _SIGNS.sub("", bare)
    lost = width - 3 <= len(digits) < width and not digits.startswith("0")
    if width and digits.isdigit() and lost and not _is_group(digits, shape):
        padded = _fitting(digits.zfill(width), full, shape)
        if padded and re.match(starts, padded):
            return Postcode(padded, "STD323")
    return None


def _is_group(digits: str, shape: str) -> bool:
    """Tell the first group of a postcode alone, as of `1756` of `1756-123`, from lost zeros."""
    groups = _groups(shape)
    return groups is not None and len(digits) == groups[0]


def read_postcode(text: str | None, rules: AddressRules, region: str = "") -> Postcode | None:
    """Read a postcode that stands alone; None if it is none of the region.

    A lost leading zero is filled in, and told by its code.
    """
    if not text or not rules.postcode_pattern:
        return None
    shape, width, starts = rules.postcode_format, rules.postcode_width, _starts(rules)
    return _read(text, rules.postcode_pattern, shape, width, region, starts)


@lru_cache(maxsize=512)
def _starts(rules: AddressRules) -> str:
    """Return a pattern of how postcodes of the region begin; '' where too few provinces tell."""
    provinces = rules.province_list
    known = [province.postcodes for province in provinces if province.postcodes]
    return f"(?:{'|'.join(known)})" if known and len(known) >= _MOST * len(provinces) else ""


_MOST = 0.9
"""A province founded lately has no codes of its own in the metadata, or shares its neighbour's."""


_RESTORED = "STD323"


def postcode_cell(text: str | None, rules: AddressRules, region: str = "") -> Outcome:
    """Read a column of postcodes; without a known shape only blanks are tidied."""
    raw = tidy(text)
    if not raw:
        return BLANK
    if is_placeholder(raw) or not raw.strip("0 -."):
        return Outcome(text, "invalid", ("STD324",), "stands for no postcode", confidence=0.0)
    if not rules.postcode_pattern:
        return Outcome(raw, "unchanged" if raw == text else "normalised")
    found = read_postcode(text, rules, region)
    if found is None:
        return _with_cedex(raw, rules, region) or _unlike(text, raw, rules, region)
    if found.code == _RESTORED:
        message = f"'{raw}' is read as {found.value}"
        return Outcome(found.value, "repaired", (found.code,), message, confidence=0.9)
    return Outcome(
        found.value, "normalised" if found.code else "unchanged", tuple(filter(None, (found.code,)))
    )


_CEDEX = re.compile(r"(?i)(\d[\d ]+\d)\s+(cedex(?:\s\d{1,2})?)")
"""French special delivery: `75008 CEDEX 08` is the postcode and what stands behind the town."""


def _with_cedex(raw: str, rules: AddressRules, region: str) -> Outcome | None:
    match = _CEDEX.fullmatch(raw)
    found = read_postcode(match[1], rules, region) if match else None
    if match is None or found is None:
        return None
    message = f"'{match[2]}' belongs to the town"
    return Outcome(found.value, "repaired", ("STD321",), message, confidence=0.9)


def _unlike(text: str | None, raw: str, rules: AddressRules, region: str) -> Outcome:
    """Tell a text that is no postcode; the one that stands in it, or is meant, is an alternative."""
    meant = tuple(dict.fromkeys(_meant(raw, rules, region)))
    message = f"'{raw[:40]}' has not the shape of a postcode of {region}"
    message += f"; did you mean '{meant[0]}'?" if len(meant) == 1 else ""
    return Outcome(
        text, "invalid", ("STD324",), message, confidence=0.0,
        alternatives=meant if len(meant) == 1 else (),
    )  # fmt: skip


def _meant(raw: str, rules: AddressRules, region: str) -> Iterator[str]:
    """Yield the postcodes that stand in a text, or that it is once O and 0, I and 1 are exchanged."""
    if len(raw) > _LONGEST:
        return
    for match in find_postcodes(raw, rules, region):
        found = read_postcode(match["code"], rules, region)
        if found:
            yield found.value
    places = [at for at, sign in enumerate(raw) if sign.upper() in _ALIKE]
    if len(places) <= _SWAPPED and len(raw) <= _CODE:
        for some in range(1, 1 << len(places)):
            signs = list(raw)
            for number, at in enumerate(places):
                if some >> number & 1:
                    signs[at] = _ALIKE[signs[at].upper()]
            found = read_postcode("".join(signs), rules, region)
            if found and not found.code.startswith(_RESTORED):
                yield found.value


_ALIKE = {"O": "0", "0": "O", "I": "1", "1": "I", "L": "1"}
_LONGEST, _CODE, _SWAPPED = 80, 12, 4


def _fitting(text: str, full: re.Pattern[str], shape: str) -> str | None:
    """Return the text in the region's grouping if the pattern matches it in any grouping."""
    compact = _ALL_SIGNS.sub("", text)
    grouped = _grouped(compact, shape)
    if grouped and full.fullmatch(grouped):
        return grouped
    if full.fullmatch(text):
        return re.sub(r"\s+", " ", text)
    if full.fullmatch(compact):
        return compact
    for sign in (" ", "-"):
        for at in range(1, len(compact)):
            candidate = f"{compact[:at]}{sign}{compact[at:]}"
            if full.fullmatch(candidate):
                return candidate
    return None


@lru_cache(maxsize=256)
def _groups(shape: str) -> tuple[int, str, int] | None:
    match = re.fullmatch(r"(\d+)([ -])(\d+)", shape)
    return (int(match[1]), match[2], int(match[3])) if match else None


def _grouped(compact: str, shape: str) -> str | None:
    if shape.startswith("-"):
        behind = int(shape[1:])
        return f"{compact[:-behind]} {compact[-behind:]}" if len(compact) > behind else None
    if shape.isdecimal():
        return compact if len(compact) == int(shape) else None
    groups = _groups(shape)
    if groups and len(compact) == groups[0] + groups[2]:
        return f"{compact[: groups[0]]}{groups[1]}{compact[groups[0] :]}"
    return None


@lru_cache(maxsize=512)
def _finder(pattern: str, region: str) -> re.Pattern[str]:
    loose = re.sub(r"\((?!\?)", "(?:", pattern)
    loose = re.sub(r"(?<!\\)[ -]\??(?![^\[]*\])", r"[\\s\\-–—]{0,2}", loose.replace(r"\-", "-"))
    names = [re.escape(x) for x in (region, SIGNS.get(region, "")) if x]
    glued = rf"|{re.escape(region)}(?=\d)" if region else ""
    prefix = rf"(?:(?:{'|'.join(names)})[\s-]{{1,2}}{glued})?" if names else ""
    return re.compile(
        rf"(?<![\w/])(?:{_LABELS}\s*)?{prefix}(?P<code>{loose})(?![\w/])", re.IGNORECASE
    )


def label_start(before: str) -> int:
    """Return where a word begins that announces the postcode behind a text; its length for none."""
    label = _LABEL_BEFORE.search(before)
    return label.start() if label else len(before)


def find_postcodes(text: str, rules: AddressRules, region: str = "") -> list[re.Match[str]]:
    """Return where postcodes of the region may stand in a text."""
    if not rules.postcode_pattern:
        return []
    return list(_finder(rules.postcode_pattern, region).finditer(text))
