"""A second voice for addresses within longer text: pyap, which knows the shapes of three countries.

A cell such as `Please deliver to 12 Main St, Springfield, IL 62701 before noon` is no address, but
holds one. Our reading places every word it can; pyap finds where an address of the United States,
Canada or the United Kingdom begins and ends.
"""

import re
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from crmmigrate.values.address_american import is_military
from crmmigrate.values.folding import fold

__all__ = ["explains_more", "find_address", "is_clean", "speaks_of"]

_COUNTRIES = frozenset({"US", "CA", "GB"})
_CORE = ("house_number", "street", "unit", "po_box", "locality", "region", "postal_code", "country")
_STREETS = frozenset({"street", "po_box"})
_AROUND = " \t\n,;:.-–()"
_ELIDED = re.compile(r"[^\W\d_]['’][^\W\d_]")
"""An apostrophe within a name: `O'Brien`."""
_LONGEST = 300
_TOWN_WORDS = 4
_WHOLE_ADDRESSES = (
    frozenset({"street", "locality", "house_number"}),
    frozenset({"street", "unit", "locality", "postal_code"}),
    frozenset({"po_box", "locality", "postal_code"}),
)
_AMISS = frozenset({"recipient", "dependent_locality", "care_of"})
"""Parts that words around an address may land in."""
_COMPLETE = frozenset({"street", "house_number", "locality", "postal_code"})
"""Parts of an address that is whole, whatever stands behind it."""


def speaks_of(region: str) -> bool:
    """Tell whether the second voice knows a region."""
    return region in _COUNTRIES


def is_clean(parts: Mapping[str, str | None]) -> bool:
    """Tell whether parts are those of a whole address with no other words around it."""
    told = {part for part, text in parts.items() if text}
    if not _AMISS.isdisjoint(told):
        return False
    if "unparsed" in told:
        return told >= _COMPLETE
    return is_military(parts) or any(needed <= told for needed in _WHOLE_ADDRESSES)


@lru_cache(maxsize=4096)
def find_address(text: str, region: str) -> tuple[str, str, str] | None:
    """Return the one address within a text, with what stands before and behind it.

    Args:
        text: A cell.
        region: Country of the address; None is returned for countries that pyap does not know.
    """
    if region not in _COUNTRIES or len(text) > _LONGEST or not any(c.isdigit() for c in text):
        return None
    found = _pyap()(text, country=region)
    if len(found) != 1:
        return None
    start, end = found[0].match_start, found[0].match_end
    if _inside_word(text, start) or _inside_word(text, end):
        return None
    before, behind = text[:start].strip(_AROUND), text[end:].strip(_AROUND)
    if not before and not behind:
        return None
    return text[start:end].strip(_AROUND), before, behind


@lru_cache(maxsize=1)
def _pyap() -> Callable[..., list[Any]]:
    """Import pyap, and take back the import hook that its copy of `six` leaves behind.

    The hook lacks `find_spec`, so with it every later import of the process warns (Python 3.11).
    """
    from pyap.api import parse

    sys.meta_path[:] = [f for f in sys.meta_path if type(f).__module__ != "pyap.packages.six"]
    parse_text: Callable[..., list[Any]] = parse
    return parse_text


def _inside_word(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    around = text[max(at - 2, 0) : at + 1]
    return (text[at - 1].isalnum() and text[at].isalnum()) or bool(_ELIDED.fullmatch(around))


def explains_more(
    theirs: Mapping[str, str], ours: Mapping[str, str], before: str, behind: str
) -> bool:
    """Tell whether the address within the text says more than the reading of the whole text.

    A name or company before the address is ours to place; words behind it, and words that have
    driven street or town from their places, are not.

    Args:
        theirs: Parts of the stretch that was found.
        ours: Parts of the whole text.
        before: What stands before the stretch.
        behind: What stands behind it.
    """
    complete = {"locality", "postal_code"} <= set(theirs) and not _STREETS.isdisjoint(theirs)
    number = ours.get("house_number")
    street = fold(ours.get("street", ""))
    if (number and number in f"{before} {behind}".split()) or (
        street and street in fold(before) and "house_number" not in theirs
    ):
        return False
    if not complete or not set(theirs) <= set(_CORE):
        return False
    if len(theirs["locality"].split()) > _TOWN_WORDS:
        return False
    agreed = [p for p in _CORE if p in theirs and fold(ours.get(p, "")) == fold(theirs[p])]
    if len(agreed) < sum(1 for part in _CORE if part in theirs):
        return _words(ours, agreed) < _words(theirs, _CORE)
    told = " ".join(fold(ours.get(part, "")) for part in ("country", "unit"))
    unplaced = "unparsed" in ours or "dependent_locality" in ours
    return bool(behind) and fold(behind) not in told and (unplaced or not before)


def _words(parts: Mapping[str, str], names: tuple[str, ...] | list[str]) -> int:
    return sum(len(parts[name].split()) for name in names if name in parts)
