"""Turn the merged document of a region into the frozen rules that kernels are handed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from crmmigrate.model.regions import (
    AddressRules,
    LegalForm,
    NameRules,
    NumberRules,
    PhoneRules,
    Province,
    RegionRules,
)

__all__ = ["build_rules"]


def build_rules(
    code: str, document: Mapping[str, Any], origins: Mapping[str, tuple[str, ...]]
) -> RegionRules:
    """Build the rules of a region from its merged document.

    Args:
        code: ISO 3166-1 alpha-2.
        document: What all files say, in the shape of a region file.
        origins: Group of rules → the files it came from.
    """
    number = document.get("number", {})
    name = document.get("name", {})
    phone = document.get("phone", {})
    return RegionRules(
        code=code,
        languages=tuple(document.get("languages", ())),
        date_orders=tuple(document.get("date_orders", ())),
        calendar=document.get("calendar", "gregorian"),
        encodings=tuple(document.get("encodings", ())),
        letter_repairs=MappingProxyType(dict(document.get("letter_repairs", {}))),
        phone=PhoneRules(
            tuple(phone.get("extension_words", ())), MappingProxyType(dict(phone.get("labels", {})))
        ),
        name=NameRules(
            name.get("order", "given_first"),
            *(tuple(name.get(key, ())) for key in ("titles", "suffixes", "particles")),
        ),
        number=NumberRules(
            number.get("decimal", "."), tuple(number.get("groups", ",")), number.get("currency", "")
        ),
        address=_address(document.get("address", {})),
        legal_forms=tuple(
            LegalForm(form["canonical"], tuple(form.get("variants", ())), form.get("code", ""))
            for form in document.get("legal_forms", ())
        ),
        sources=tuple(document.get("sources", ())),
        origins=origins,
    )


def _address(section: Mapping[str, Any]) -> AddressRules:
    values: dict[str, Any] = {}
    provinces = tuple(Province(*row[:4]) for row in section.get("province_list", ()))
    style = section.get("province_style", "name")
    for key, value in section.items():
        if key == "province_list":
            values[key] = provinces
        elif key == "street_types":
            short = section.get("street_style") == "short"
            values[key] = _by_spelling(value, short=short)
        elif isinstance(value, dict):
            values[key] = _by_spelling(value)
        else:
            values[key] = tuple(value) if isinstance(value, list) else value
    spellings = _province_spellings(section.get("province_list", ()), style)
    values["provinces"] = MappingProxyType({**spellings, **values.get("provinces", {})})
    return AddressRules(**values)


def _by_spelling(words: Mapping[str, list[str]], *, short: bool = False) -> Mapping[str, str]:
    """Turn `canonical: [spellings]` into spelling → canonical; a canonical spells itself.

    With `short` the first spelling is what is written, e.g. `St` for `Street: [st, str]`.
    """
    found: dict[str, str] = {}
    for name, spellings in words.items():
        canonical = spellings[0].capitalize() if short and spellings else name
        if canonical != name:
            found.setdefault(name.casefold(), canonical)
        for spelling in (canonical, *spellings):
            if spelling:
                found.setdefault(spelling.casefold(), canonical)
    return MappingProxyType(found)


def _province_spellings(rows: list[list[str]], style: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, code, latin, _, *others in rows:
        written = code if style == "code" and code else name
        latin_written = code if style == "code" and code else (latin or name)
        found.setdefault(name.casefold(), written)
        for other in (*others, latin):
            if other:
                found.setdefault(other.casefold(), written if other is not latin else latin_written)
        if code and not code.isdigit():
            found.setdefault(code.casefold(), written)
    return found
