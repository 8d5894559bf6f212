"""Read what the project and the package know about regions: `rules/regions/<cc>.yaml`.

A region's rules are its generated seed, then the word lists of its languages
(`rules/languages/<lang>.yaml`), then what its own file `extends`, then its own file, and last the
project's file of the same name. Maps are merged key by key, word lists are joined, everything else
replaces. Regions are read when they are first asked for.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import Field, field_validator

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.yaml import ClosedModel, read_model, read_yaml
from crmmigrate.errors import ConfigError
from crmmigrate.model.regions import (
    AddressRules,
    LegalForm,
    NameRules,
    NumberRules,
    PhoneRules,
    Province,
    RegionBook,
    RegionRules,
)

__all__ = ["RegionFile", "load_region_book"]

_REPLACED = frozenset({"languages", "date_orders", "encodings", "groups", "required", "unit_order"})
_MAX_DEPTH = 5


class PhoneSection(ClosedModel):
    """Words around phone numbers."""

    extension_words: list[str] = Field(default_factory=list)
    labels: dict[str, str] = Field(default_factory=dict)


class NameSection(ClosedModel):
    """How people's names are written."""

    order: str = Field("given_first", pattern="^(given_first|family_first)$")
    titles: list[str] = Field(default_factory=list)
    suffixes: list[str] = Field(default_factory=list)
    particles: list[str] = Field(default_factory=list)


class NumberSection(ClosedModel):
    """How numbers and amounts are written."""

    decimal: str = "."
    groups: list[str] = Field(default_factory=lambda: [","])
    currency: str = Field("", pattern="^([A-Z]{3})?$")


class LegalFormSection(ClosedModel):
    """One legal form of organizations."""

    canonical: str
    variants: list[str] = Field(default_factory=list)
    code: str = ""


class AddressSection(ClosedModel):
    """How addresses are written; words are given as `canonical: [spellings]`."""

    number_first: bool = False
    postcode_pattern: str = ""
    postcode_first: bool = True
    postcode_format: str = ""
    postcode_width: int = Field(0, ge=0, le=12)
    large_to_small: bool = False
    street_position: str = Field("before", pattern="^(before|after|attached)$")
    street_style: str = Field("full", pattern="^(full|short)$")
    street_types: dict[str, list[str]] = Field(default_factory=dict)
    street_tails: dict[str, list[str]] = Field(default_factory=dict)
    unit_words: dict[str, list[str]] = Field(default_factory=dict)
    unit_pattern: str = ""
    building_words: dict[str, list[str]] = Field(default_factory=dict)
    unit_order: list[str] = Field(default_factory=list)
    number_words: list[str] = Field(default_factory=list)
    no_number: dict[str, list[str]] = Field(default_factory=dict)
    dependent_words: dict[str, list[str]] = Field(default_factory=dict)
    locality_words: dict[str, list[str]] = Field(default_factory=dict)
    province_words: dict[str, list[str]] = Field(default_factory=dict)
    directions: dict[str, list[str]] = Field(default_factory=dict)
    po_box_words: dict[str, list[str]] = Field(default_factory=dict)
    box_pattern: str = ""
    care_of_words: list[str] = Field(default_factory=list)
    provinces: dict[str, list[str]] = Field(default_factory=dict)
    province_style: str = Field("name", pattern="^(name|code)$")
    province_list: list[list[str]] = Field(default_factory=list)
    cities: dict[str, list[str]] = Field(default_factory=dict)
    required: list[str] = Field(default_factory=list)
    format: str = ""
    upper: str = ""

    @field_validator("postcode_pattern", "unit_pattern", "box_pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as exc:
            raise ValueError(f"not a regular expression: {exc}") from None
        return pattern


class RegionFile(ClosedModel):
    """One file `rules/regions/<cc>.yaml` or `rules/languages/<lang>.yaml`."""

    extends: list[str] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    date_orders: list[str] = Field(default_factory=list)
    calendar: str = Field(
        "gregorian", pattern="^(gregorian|buddhist|japanese|roc|persian|islamic)$"
    )
    encodings: list[str] = Field(default_factory=list)
    letter_repairs: dict[str, str] = Field(default_factory=dict)
    phone: PhoneSection = Field(default_factory=PhoneSection)
    name: NameSection = Field(default_factory=NameSection)
    number: NumberSection = Field(default_factory=NumberSection)
    address: AddressSection = Field(default_factory=AddressSection)
    legal_forms: list[LegalFormSection] = Field(default_factory=list)

    @field_validator("date_orders")
    @classmethod
    def _known_orders(cls, orders: list[str]) -> list[str]:
        for order in orders:
            if order not in {"dmy", "mdy", "ymd", "ydm"}:
                raise ValueError(f"'{order}' is no order of a date; known are dmy, mdy, ymd, ydm")
        return orders


class _LazyRegions(Mapping[str, RegionRules]):
    """Regions by code, each read at its first use."""

    def __init__(self, project_root: Path | None) -> None:
        self._root = project_root
        self._rules = bundled_path("rules")
        self._project = project_root / "rules" if project_root else None
        text = (self._rules / "regions" / "_seeds.json").read_text(encoding="utf-8")
        self._seeds: dict[str, dict[str, Any]] = json.loads(text)
        self._built: dict[str, RegionRules] = {}
        self._words: dict[str, dict[str, Any]] = {}

    def __getitem__(self, code: str) -> RegionRules:
        if code not in self._built:
            if code not in self._seeds and self._own_file(code) is None:
                raise KeyError(code)
            self._built[code] = _build(code, self._document(code))
        return self._built[code]

    def __iter__(self) -> Iterator[str]:
        own = {path.stem.upper() for path in self.project_files()}
        return iter(sorted({*self._seeds, *(code for code in own if len(code) == 2)}))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __reduce__(
        self,
    ) -> tuple[Callable[[Path | None], Mapping[str, RegionRules]], tuple[Path | None]]:
        """Travel to another process as the place of the project's rules, read again there."""
        return _regions_at, (self._root if self.project_files() else None,)

    def project_files(self) -> list[Path]:
        """Return the region files of the project, which the user may have broken."""
        folder = self._project / "regions" if self._project else None
        return sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []

    def version(self) -> str:
        """Return a hash of every rule file that counts."""
        digest = hashlib.sha256()
        folders = [self._rules, *([self._project] if self._project else [])]
        for folder in folders:
            for path in sorted([*folder.glob("regions/*"), *folder.glob("languages/*")]):
                digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:16]

    def _own_file(self, name: str) -> Path | None:
        path = self._rules / "regions" / f"{name.lower()}.yaml"
        return path if path.is_file() else None

    def _document(self, code: str) -> dict[str, Any]:
        seed = self._seeds.get(code, {})
        path = self._own_file(code)
        own = self._extended(path, 0) if path else {}
        for project in self.project_files():
            if project.stem.upper() == code:
                own = _merge(own, _read(project))
        languages = own.get("languages") or seed.get("languages", [])
        document: dict[str, Any] = {}
        for language in reversed(languages):
            document = _merge(document, self._language(language))
        return _merge(_merge(document, seed), own)

    def _language(self, language: str) -> dict[str, Any]:
        if language not in self._words:
            path = self._rules / "languages" / f"{language}.yaml"
            self._words[language] = self._extended(path, 0) if path.is_file() else {}
        return self._words[language]

    def _extended(self, path: Path, depth: int) -> dict[str, Any]:
        document = _read(path)
        if depth > _MAX_DEPTH:
            raise ConfigError("extends itself in a circle", where=str(path))
        base: dict[str, Any] = {}
        for name in document.pop("extends", []):
            parent = path.parent / f"{name}.yaml"
            base = _merge(base, self._extended(parent, depth + 1))
        return _merge(base, document)


def load_region_book(project_root: Path | None = None) -> RegionBook:
    """Return the rules of all regions.

    The project's own region files are checked at once, so that a mistake is told before any
    work; the packaged ones are read when a region is first used.

    Args:
        project_root: Folder that may hold `rules/regions/<cc>.yaml`; None for the packaged rules.

    Raises:
        ConfigError: a region file is wrong (`file:line`).
    """
    return _load(project_root.resolve() if project_root else None)


@lru_cache(maxsize=4)
def _load(project_root: Path | None) -> RegionBook:
    regions = _LazyRegions(project_root)
    for path in regions.project_files():
        _ = regions[path.stem.upper()]
    default = RegionRules(code="ZZ", date_orders=())
    return RegionBook(regions=regions, default=default, version=regions.version())


def _regions_at(project_root: Path | None) -> Mapping[str, RegionRules]:
    """Return the regions of a project; what pickled books call."""
    return _load(project_root).regions


def _read(path: Path) -> dict[str, Any]:
    """Read and check one file; only what is written in it is returned."""
    if not read_yaml(path):
        return {}
    return read_model(path, RegionFile).model_dump(exclude_unset=True)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one document over another; what lies on top also comes first."""
    merged: dict[str, Any] = {}
    for key, value in over.items():
        old = base.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _merge(old, value)
        elif isinstance(value, list) and isinstance(old, list) and key not in _REPLACED:
            merged[key] = [*value, *(x for x in old if x not in value)]
        else:
            merged[key] = value
    return {**merged, **{key: value for key, value in base.items() if key not in over}}


def _build(code: str, document: Mapping[str, Any]) -> RegionRules:
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
