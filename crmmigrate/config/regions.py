"""Read what the project and the package know about regions: `rules/regions/<cc>.yaml`.

A region's rules are the word lists of its languages (`rules/languages/<lang>.yaml`), then its
generated seed, then what its own file `extends`, then its own file, and last the project's file of
the same name. Maps are merged key by key, word lists are joined, everything else replaces. Every
group of rules has an id, `RO.phone.labels`, and remembers the files it came from. Regions are read
when they are first asked for.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.region_cases import CaseLists
from crmmigrate.config.region_values import build_rules
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import ClosedModel, line_of, read_model, read_yaml
from crmmigrate.errors import ConfigError
from crmmigrate.model.regions import RegionBook, RegionRules

__all__ = ["RegionFile", "load_region_book"]

_REPLACED = frozenset({"languages", "date_orders", "encodings", "groups", "required", "unit_order"})
_MAX_DEPTH = 5
_SECTIONS = frozenset({"phone", "name", "number", "address"})
_ABOUT = frozenset({"sources", "cases", "extends"})
"""Keys that tell about the rules and are none themselves."""


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

    @field_validator("decimal")
    @classmethod
    def _point_or_comma(cls, decimal: str) -> str:
        if decimal not in {".", ",", "٫"}:
            raise ValueError(f"'{decimal}' is no decimal sign; known are . and ,")
        return decimal

    @field_validator("groups")
    @classmethod
    def _unlike_decimal(cls, groups: list[str], info: ValidationInfo) -> list[str]:
        decimal = info.data.get("decimal")
        if decimal in groups:
            raise ValueError(f"'{decimal}' cannot part thousands and decimals at once")
        return groups


class LegalFormSection(ClosedModel):
    """One legal form of organizations."""

    canonical: str
    variants: list[str] = Field(default_factory=list)
    code: str = ""


class AddressSection(ClosedModel):
    """How addresses are written; words are given as `canonical: [spellings]`."""

    number_first: bool = False
    number_joint: str = Field(" ", pattern="^,? $")
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
    postcode_reach: str = Field("area", pattern="^(area|street)$")
    province_style: str = Field("name", pattern="^(name|code)$")
    province_list: list[list[str]] = Field(default_factory=list)
    cities: dict[str, list[str]] = Field(default_factory=dict)
    quarters: dict[str, list[str]] = Field(default_factory=dict)
    required: list[str] = Field(default_factory=list)
    format: str = ""
    upper: str = ""

    @field_validator("province_list")
    @classmethod
    def _provinces(cls, rows: list[list[str]]) -> list[list[str]]:
        for row in rows:
            if not row or (len(row) > 3 and not _is_pattern(row[3])):
                raise ValueError(
                    f"{row} is not [name, code, latin, pattern of postcodes, others …]"
                )
        return rows

    @field_validator("postcode_pattern", "unit_pattern", "box_pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as exc:
            raise ValueError(f"not a regular expression: {exc}") from None
        return pattern


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


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
    sources: list[str] = Field(default_factory=list)
    cases: CaseLists = Field(default_factory=dict)

    @field_validator("encodings")
    @classmethod
    def _known_encodings(cls, encodings: list[str]) -> list[str]:
        for name in encodings:
            try:
                codecs.lookup(name)
            except LookupError:
                raise ValueError(f"'{name}' is no encoding that Python knows") from None
        return encodings

    @field_validator("languages")
    @classmethod
    def _language_codes(cls, languages: list[str]) -> list[str]:
        for code in languages:
            if not re.fullmatch(r"[a-z]{2,3}", code):
                raise ValueError(f"'{code}' is no language code such as ro or th (ISO 639)")
        return languages

    @field_validator("letter_repairs")
    @classmethod
    def _single_letters(cls, repairs: dict[str, str]) -> dict[str, str]:
        for letter in repairs:
            if len(letter) != 1:
                raise ValueError(f"'{letter}' is not one letter")
        return repairs

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
            layers = self._layers(code)
            document: dict[str, Any] = {}
            for _, layer in layers:
                document = _merge(document, layer)
            self._built[code] = build_rules(code, document, _origins(layers))
        return self._built[code]

    def __iter__(self) -> Iterator[str]:
        own = {path.stem.upper() for path in self.project_files()}
        return iter(sorted({*self._seeds, *(code for code in own if len(code) == 2)}))

    def is_region(self, code: str) -> bool:
        """Tell whether there is such a region by ISO 3166-1."""
        return code in self._seeds

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

    def _layers(self, code: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the documents that make up a region, lowest first, with what they are called."""
        seed = self._seeds.get(code, {})
        own: list[tuple[str, dict[str, Any]]] = []
        path = self._own_file(code)
        if path:
            own.append((f"rules/regions/{path.name}", self._extended(path, 0)))
        own += [
            (f"regions/{project.name} of the project", self._extended(project, 0))
            for project in self.project_files()
            if project.stem.upper() == code
        ]
        told = [document["languages"] for _, document in own if document.get("languages")]
        languages = told[-1] if told else seed.get("languages", [])
        words = [
            (f"rules/languages/{language}.yaml", self._language(language))
            for language in reversed(languages)
        ]
        return [*words, ("rules/regions/_seeds.json", seed), *own]

    def _language(self, language: str) -> dict[str, Any]:
        if language not in self._words:
            path = self._rules / "languages" / f"{language}.yaml"
            self._words[language] = self._extended(path, 0) if path.is_file() else {}
        return self._words[language]

    def _extended(self, path: Path, depth: int) -> dict[str, Any]:
        document = _read(path)
        base: dict[str, Any] = {}
        for at, name in enumerate(document.pop("extends", [])):
            if depth > _MAX_DEPTH:
                where = f"{_shown(path)}:{line_of(read_yaml(path), ('extends', at))}"
                raise ConfigError("extends: extends itself in a circle", where=where)
            base = _merge(base, self._extended(self._parent(path, name, at), depth + 1))
        return _merge(base, document)

    def _parent(self, path: Path, name: str, at: int) -> Path:
        """Return the file that another one extends: beside it, else a packaged one."""
        folders = (path.parent, self._rules / path.parent.name)
        for folder in folders:
            parent = folder / f"{name}.yaml"
            if parent.is_file() and parent != path:
                return parent
        known = sorted({p.stem for folder in folders for p in folder.glob("*.yaml")} - {path.stem})
        line = line_of(read_yaml(path), ("extends", at))
        message = f"extends: there is no file '{name}.yaml'{did_you_mean(name, known)}"
        raise ConfigError(message, where=f"{_shown(path)}:{line}")


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
        code = path.stem.upper()
        if path.stem.startswith("_"):
            _ = _read(path)
        elif regions.is_region(code):
            _ = regions[code]
        else:
            raise ConfigError(
                f"'{path.stem}' is no region",
                where=f"{_shown(path)}:1",
                hint="name the file after a country (ISO 3166-1, e.g. ro.yaml, gb.yaml), or begin "
                "its name with _ if others extend it",
            )
    default = RegionRules(code="ZZ", date_orders=())
    return RegionBook(regions=regions, default=default, version=regions.version())


def _regions_at(project_root: Path | None) -> Mapping[str, RegionRules]:
    """Return the regions of a project; what pickled books call."""
    return _load(project_root).regions


def _read(path: Path) -> dict[str, Any]:
    """Read and check one file; only what is written in it is returned."""
    try:
        return read_model(path, RegionFile, shown=_shown(path)).model_dump(exclude_unset=True)
    except ConfigError:
        if not read_yaml(path, shown=_shown(path)):
            return {}  # a file of comments only
        raise


def _shown(path: Path) -> str:
    """Return how a file is called in messages: `rules/regions/ro.yaml`."""
    return "/".join(path.parts[-3:])


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


def _origins(layers: list[tuple[str, dict[str, Any]]]) -> Mapping[str, tuple[str, ...]]:
    """Return each group of rules (`phone.labels`) with the files it came from, the topmost first."""
    found: dict[str, list[str]] = {}
    for name, layer in reversed(layers):
        for key, value in layer.items():
            inner = value if isinstance(value, dict) and key in _SECTIONS else {"": value}
            for part in inner if key not in _ABOUT else ():
                found.setdefault(f"{key}.{part}" if part else key, []).append(name)
    return MappingProxyType({group: tuple(names) for group, names in sorted(found.items())})
