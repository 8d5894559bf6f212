"""Columns of organizations: the vectorised twin of `values.organizations`."""

from collections.abc import Mapping, Sequence

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.legal_forms import FormBook, form_book
from crmmigrate.values.organizations import read_organization
from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["standardize_organizations"]

_PARTS = PARTS[SemanticType.ORGANIZATION]


def standardize_organizations(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Tell the name of an organization from its legal form.

    Args:
        distinct: `text`, or the parts `base_name` and `legal_form`; and `_region`.
        book: Rules of regions; their legal forms come before the official list.
        options: None are known.
    """
    del options
    parts = [part for part in ("base_name", "legal_form") if part in distinct.columns]
    if distinct.height < LEAST_ROWS:
        return outcome_frame(_read_each(distinct, parts, book), _PARTS)
    from crmmigrate.standardize.organization_lane import read_plain_organizations

    texts = distinct["text"]
    if parts:
        lone = pl.all_horizontal(pl.col(part).is_null() for part in parts)
        texts = distinct.select(pl.when(lone).then("text")).to_series()
    plain = read_plain_organizations(texts, distinct["_region"], book)
    others = _read_each(distinct.filter(~plain.done), parts, book)
    return plain.completed(outcome_frame(others, _PARTS))


LEAST_ROWS = 2_000
"""Columns with fewer distinct names are read one by one: loading machine code takes longer."""


def _read_each(distinct: pl.DataFrame, parts: Sequence[str], book: RegionBook) -> list[Outcome]:
    """Read names one by one."""
    regions = distinct["_region"].unique()
    forms = {r: form_book(r, book.get(r).legal_forms) for r in regions}
    return [
        _outcome(row["text"], {part: row[part] for part in parts}, forms[row["_region"]])
        for row in distinct.iter_rows(named=True)
    ]


def _outcome(text: str | None, parts: Mapping[str, str | None], forms: FormBook) -> Outcome:
    whole = text
    if text is None or not text.strip():
        whole = " ".join(value for value in parts.values() if value and value.strip())
    if not whole or not whole.strip():
        return BLANK
    reading = read_organization(whole, forms)
    name = reading.name
    return Outcome(
        reading.value,
        reading.status,
        reading.codes,
        reading.message,
        {
            "base_name": name.base_name or None,
            "legal_form": name.legal_form or None,
            "legal_form_code": name.legal_form_code or None,
        },
        reading.confidence,
        reading.alternatives,
    )
