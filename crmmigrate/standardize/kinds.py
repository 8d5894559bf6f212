"""Every semantic type with its kernel: what `standardize_field` looks up.

Most kernels run behind the repair of text, so that they only see clean text, whatever the encoding
of the source was; those of dates and numbers see repaired text where they cannot read the raw one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.addresses import standardize_addresses
from crmmigrate.standardize.booleans import standardize_booleans
from crmmigrate.standardize.choices import standardize_choices
from crmmigrate.standardize.countries import standardize_countries
from crmmigrate.standardize.dates import standardize_dates, standardize_datetimes
from crmmigrate.standardize.emails import standardize_emails
from crmmigrate.standardize.identifiers import standardize_identifiers
from crmmigrate.standardize.lanes import fast_frame, in_blocks, unburdened
from crmmigrate.standardize.languages import standardize_languages
from crmmigrate.standardize.money import standardize_money
from crmmigrate.standardize.names import standardize_names
from crmmigrate.standardize.numbers import standardize_numbers
from crmmigrate.standardize.organizations import standardize_organizations
from crmmigrate.standardize.phones import standardize_phones
from crmmigrate.standardize.postcodes import standardize_postcodes
from crmmigrate.standardize.subdivisions import standardize_subdivisions
from crmmigrate.standardize.text import (
    repaired_first,
    repaired_where_unread,
    standardize_texts,
)
from crmmigrate.standardize.urls import standardize_urls

__all__ = ["KINDS", "Kernel", "Kind"]

Kernel = Callable[[pl.DataFrame, RegionBook, Mapping[str, object]], pl.DataFrame]
"""(distinct values, rules of regions, options) → outcome columns of the same height and order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one semantic type are standardized."""

    type: SemanticType
    parts: tuple[str, ...]
    standardize: Kernel


def leave_alone(
    distinct: pl.DataFrame,
    book: RegionBook,  # noqa: ARG001 - the signature of every kernel
    options: Mapping[str, object],  # noqa: ARG001
) -> pl.DataFrame:
    """Give every value back as it is: keys, references and binary content."""
    frame = fast_frame(distinct.select(value="text").clear(), ())
    kind = distinct.schema["text"]
    usual = fast_frame(pl.DataFrame({"value": [None] * distinct.height}), ())
    return usual.with_columns(distinct["text"].cast(kind).alias("value")).select(frame.columns)


_KERNELS: Mapping[SemanticType, Kernel] = {
    SemanticType.PERSON_NAME: standardize_names,
    SemanticType.PHONE: standardize_phones,
    SemanticType.EMAIL: standardize_emails,
    SemanticType.POSTAL_ADDRESS: standardize_addresses,
    SemanticType.ORGANIZATION: standardize_organizations,
    SemanticType.DATE: standardize_dates,
    SemanticType.DATETIME: standardize_datetimes,
    SemanticType.MONEY: standardize_money,
    SemanticType.COUNTRY: standardize_countries,
    SemanticType.SUBDIVISION: standardize_subdivisions,
    SemanticType.POSTAL_CODE: standardize_postcodes,
    SemanticType.LANGUAGE: standardize_languages,
    SemanticType.URL: standardize_urls,
    SemanticType.CHOICE: standardize_choices,
    SemanticType.NUMBER: standardize_numbers,
    SemanticType.BOOLEAN: standardize_booleans,
    SemanticType.IDENTIFIER: standardize_identifiers,
}

_READ_FIRST = frozenset(
    {
        SemanticType.DATE,
        SemanticType.DATETIME,
        SemanticType.MONEY,
        SemanticType.NUMBER,
        SemanticType.COUNTRY,
        SemanticType.SUBDIVISION,
        SemanticType.LANGUAGE,
        SemanticType.BOOLEAN,
        SemanticType.POSTAL_CODE,
        SemanticType.PHONE,
    }
)
"""Kinds of numbers and known words: only what cannot be read is repaired."""

_PHONES_AT_ONCE = 1 << 18
"""Cells of telephones that are read at a time; they take some 500 bytes each meanwhile."""

_UNTOUCHED = (SemanticType.EXTERNAL_ID, SemanticType.REFERENCE, SemanticType.BINARY)


def _kinds() -> dict[SemanticType, Kind]:
    kernels: dict[SemanticType, Kernel] = {
        kind: partial(repaired_where_unread, kernel)
        if kind in _READ_FIRST
        else partial(repaired_first, kernel, lines=kind is SemanticType.POSTAL_ADDRESS)
        for kind, kernel in _KERNELS.items()
    }
    phones = kernels[SemanticType.PHONE]
    kernels[SemanticType.PHONE] = partial(in_blocks, phones, most=_PHONES_AT_ONCE)
    kernels[SemanticType.TEXT] = standardize_texts
    kernels |= dict.fromkeys(_UNTOUCHED, leave_alone)
    return {
        kind: Kind(kind, PARTS.get(kind, ()), partial(unburdened, kernels[kind]))
        for kind in SemanticType
    }


KINDS: Mapping[SemanticType, Kind] = MappingProxyType(_kinds())
