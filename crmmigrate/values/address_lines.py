"""Write an address from its parts: on one line, or in lines as the country's post wants them."""

import re
from collections.abc import Mapping
from functools import lru_cache

from anyascii import anyascii

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.countries import country_name
from crmmigrate.values.folding import fold
from crmmigrate.values.postcodes import read_postcode

__all__ = ["address_lines", "display_line", "international_lines"]


def display_line(parts: Mapping[str, str], rules: RegionRules) -> str:
    """Return the lines of an address joined by commas, country code and leftovers at the end."""
    if _is_joined(parts, rules):
        return _joined_line(parts, rules)
    lines = address_lines(parts, rules)
    tail = [parts[part] for part in ("country", "unparsed") if parts.get(part)]
    return ", ".join([*lines, *tail])


_HAN = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff]")
_UNSPACED = frozenset({"CN", "HK", "JP", "MO", "TW"})
"""Regions that write the parts of an address without any sign between them."""


def _is_joined(parts: Mapping[str, str], rules: RegionRules) -> bool:
    names = (parts.get("street", ""), parts.get("locality", ""), parts.get("region", ""))
    return rules.code in _UNSPACED and any(_HAN.search(name) for name in names)


def _joined_line(parts: Mapping[str, str], rules: RegionRules) -> str:
    """Return `315 褒忠民權路87號之3`: postcode, the parts from the large to the small, the rest."""
    sign = "〒" if rules.code == "JP" else ""
    body = "".join(
        parts.get(part, "")
        for part in ("region", "locality", "dependent_locality", "street", "house_number")
    )
    unit = parts.get("unit", "")
    between = " " if rules.code == "JP" and unit else ""
    written = [f"{sign}{parts['postal_code']}"] if parts.get("postal_code") else []
    rest = [
        parts[p] for p in ("po_box", "recipient", "care_of", "country", "unparsed") if parts.get(p)
    ]
    return ", ".join([" ".join([*written, f"{body}{between}{unit}"]), *rest])


def address_lines(parts: Mapping[str, str], rules: RegionRules) -> list[str]:
    """Return the lines of an address in the order of its country, without the country."""
    parts = _once(parts, rules)
    asked = "".join(sign for sign, part in _ASKED if parts.get(part))
    layout = _layout(rules.address.format, asked, rules.address.large_to_small)
    street = _street(parts, rules)
    fields = {
        "%N": ", ".join(parts[p] for p in ("recipient", "care_of") if parts.get(p)),
        "%O": "",
        "%A": ", ".join(x for x in (street, parts.get("unit"), parts.get("po_box")) if x),
        "%D": parts.get("dependent_locality", ""),
        "%C": parts.get("locality", ""),
        "%S": parts.get("region", ""),
        "%Z": _postcode(parts.get("postal_code", ""), rules),
        "%X": "",
    }
    lines = []
    for line, pieces in layout:
        values = [fields.get(piece, "") if sign else piece for sign, piece in pieces]
        if any(value for value, (sign, _) in zip(values, pieces, strict=True) if sign):
            lines.append(_tidy("".join(values), parts, line))
    return [line for line in lines if line]


_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")


def international_lines(parts: Mapping[str, str], rules: RegionRules) -> list[str]:
    """Return the lines for a letter from abroad: Latin letters, the country's name last in capitals.

    The order of the lines stays that of the country of destination (Universal Postal Union,
    Convention regulations, addresses); provinces have the Latin names of its rules.
    """
    latin = {p.name: p.latin for p in rules.address.province_list if p.latin}
    plain = {part: _latin(latin.get(text, text)) for part, text in parts.items()}
    country = country_name(parts.get("country") or rules.code)
    lines = [line.removeprefix("〒") for line in address_lines(plain, rules)]
    return [*lines, *([country.upper()] if country else [])]


def _latin(text: str) -> str:
    """Write other scripts in Latin letters; Latin letters keep their accents."""
    return anyascii(text).strip() if _OTHER_SCRIPT.search(text) else text


def _postcode(text: str, rules: RegionRules) -> str:
    """Group a postcode as its country does, if it is one."""
    if not text or (text.isdigit() and not rules.address.postcode_format):
        return text
    postcode = read_postcode(text, rules.address, rules.code)
    return postcode.value if postcode and postcode.code == "STD321" else text


def _once(parts: Mapping[str, str], rules: RegionRules) -> Mapping[str, str]:
    """Leave out what the town's name says already: a county or quarter of the same name."""
    town = parts.get("locality", "")
    if not town:
        return parts
    shown = dict(parts)
    for part in ("region", "dependent_locality"):
        if part in shown and fold(shown[part]) == fold(town):
            del shown[part]
    if "%C" not in rules.address.format and fold(town) in fold(rules.address.format):
        del shown["locality"]
    return shown


_ASKED = (("S", "region"), ("Z", "postal_code"), ("C", "locality"), ("D", "dependent_locality"))
_SIGN = re.compile(r"(%[A-Z])")
Line = tuple[str, tuple[tuple[bool, str], ...]]


@lru_cache(maxsize=4096)
def _layout(layout: str, asked: str, large_to_small: bool) -> tuple[Line, ...]:
    """Return the lines of a country's layout, each with its text and signs, completed by parts.

    Args:
        layout: The country's format.
        asked: Letters of the parts that must have a place.
        large_to_small: Whether addresses begin with the province.
    """
    if "Z" not in asked:
        layout = re.sub(r"(?<![%A-Z])[A-Z]{1,3}[- ]?(?=%Z)|〒(?=%Z)", "", layout)
    layout = layout or "%N%n%O%n%A%n%Z %C%n%S"
    if "%S" not in layout and "S" in asked:
        layout += "%n%S"
    if "%Z" not in layout and "Z" in asked:
        layout += "%n%Z"
    if "%C" not in layout and "C" in asked:
        layout = layout.replace("%A", "%C%n%A") if large_to_small else f"{layout}%n%C"
    if "%D" not in layout and "D" in asked:
        layout = layout.replace("%A", "%A%n%D")
    return tuple(
        (line, tuple((bool(_SIGN.fullmatch(p)), p) for p in _SIGN.split(line) if p))
        for line in layout.split("%n")
    )


def _street(parts: Mapping[str, str], rules: RegionRules) -> str:
    street, number = parts.get("street", ""), parts.get("house_number", "")
    if not (street and number):
        return street or number
    if rules.address.number_first:
        return f"{number}{rules.address.number_joint}{street}"
    return f"{street}{rules.address.number_joint}{number}"


def _tidy(written: str, parts: Mapping[str, str], line: str) -> str:
    """Remove signs that stand beside an empty field, e.g. the comma of `%C, %S %Z`."""
    if "%Z" in line and not parts.get("postal_code"):
        written = _NO_CODE.sub("", written)
    written = " ".join(written.replace("()", "").split())
    if "," in written:
        written = _LOST_COMMA.sub("", written)
    return _EDGES.sub("", written) if written and not _plain(written) else written


_NO_CODE = re.compile(r"[A-Z]{2}-(?=\s|$)|〒")
_LOST_COMMA = re.compile(r"\s*,\s*(?=,|$)|^\s*,\s*")
_EDGES = re.compile(r"^[-/\s]+|[-/\s]+$")


def _plain(written: str) -> bool:
    """Tell that neither end of a text is a hyphen or blank."""
    return written[0] not in "-/ " and written[-1] not in "-/ "
