"""Columns of organizations: the vectorised twin of `values.organizations`."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.organization_lane import read_plain_organizations
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
    regions = distinct["_region"].unique()
    forms = {r: form_book(r, book.get(r).legal_forms) for r in regions}
    parts = [part for part in ("base_name", "legal_form") if part in distinct.columns]
    rows = distinct.with_row_index("_at")
    lone = rows.filter(*(pl.col(part).is_null() for part in parts)).drop_nulls("text")
    plain = [
        read_plain_organizations(group, region, book.get(region).legal_forms)
        for (region,), group in lone.group_by("_region")
    ]
    slow = rows.join(pl.concat(plain), on="_at", how="anti") if plain else rows
    outcomes = [
        _outcome(row["text"], {part: row[part] for part in parts}, forms[row["_region"]])
        for row in slow.iter_rows(named=True)
    ]
    done = [(fast["_at"], fast_frame(fast.drop("_at"), _PARTS)) for fast in plain]
    return in_order([*done, (slow["_at"], outcome_frame(outcomes, _PARTS))])


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
