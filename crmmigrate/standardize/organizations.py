"""Columns of organizations: the vectorised twin of `values.organizations`."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.lanes import in_order
from crmmigrate.standardize.organization_lane import PLAIN, RULES, read_plain_organizations
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
    fast = pl.concat([_NOTHING.cast({"_at": rows.schema["_at"]}), *plain])
    done = pl.repeat(value=False, n=rows.height, eager=True).scatter(fast["_at"], values=True)
    slow = rows.filter(~done)
    outcomes = [
        _outcome(row["text"], {part: row[part] for part in parts}, forms[row["_region"]])
        for row in slow.iter_rows(named=True)
    ]
    return _together(fast, slow["_at"], outcome_frame(outcomes, _PARTS))


_NOTHING = pl.DataFrame(schema=PLAIN)


def _together(fast: pl.DataFrame, at: pl.Series, slow: pl.DataFrame) -> pl.DataFrame:
    """Put both lanes together; their lists, which few rows of a lane differ in, are fetched last."""
    numbers = pl.int_range(len(RULES), len(RULES) + slow.height, dtype=pl.UInt32, eager=True)
    single = slow.drop("codes", "alternatives").with_columns(rule=numbers)
    plain = fast.drop("_at").with_columns(message=pl.lit(None, dtype=pl.String))
    whole = in_order([(fast["_at"], plain.select(single.columns)), (at, single)])
    which = whole["rule"]
    usual = pl.Series([list(codes) for codes in RULES], dtype=pl.List(pl.String))
    none = pl.Series([[]] * len(RULES), dtype=pl.List(pl.String))
    return whole.with_columns(
        pl.concat([usual, slow["codes"]], rechunk=True).gather(which).alias("codes"),
        pl.concat([none, slow["alternatives"]], rechunk=True).gather(which).alias("alternatives"),
    ).select(slow.columns)


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
