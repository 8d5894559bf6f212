"""E-mail columns: the vectorised twin of `values.emails`."""

from collections.abc import Mapping

import polars as pl
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.emails import read_email, remark_domain
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["standardize_emails"]

_PARTS = PARTS[SemanticType.EMAIL]

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z]{{2,18}}$"
"""Addresses of which `email-validator` thinks nothing special; the rest goes to it."""

_RESERVED = r"(?i)(?:^|[.@])(?:arpa|example|invalid|local|localhost|onion|test|home|internal|lan|alt)(?:\.|$)"


def standardize_emails(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read e-mail cells: one valid address with its domain in lower case.

    Args:
        distinct: `text` and `_region`.
        book: Not used: addresses are the same everywhere.
        options: None are known.
    """
    del book, options
    numbered = distinct.select("text").with_row_index("_at")
    plain = numbered.filter(_is_plain()).with_columns(
        local=pl.col("text").str.extract(r"^(.*)@", 1),
        domain=pl.col("text").str.extract(r"@(.*)$", 1).str.to_lowercase(),
    )
    remarkable = _remarkable(plain)
    plain = plain.filter(~remarkable)
    rest = numbered.join(plain.select("_at"), on="_at", how="anti", maintain_order="left")
    slow = read_each(rest, _outcome, _PARTS)
    return in_order([(plain["_at"], _fast(plain)), (rest["_at"], slow)])


def _is_plain() -> pl.Expr:
    text = pl.col("text")
    local = text.str.extract(r"^(.*)@", 1)
    return (
        text.str.contains(_PLAIN)
        & (text.str.len_bytes() <= 254)
        & (local.str.len_bytes() <= 64)
        & ~text.str.contains(r"@(?:.*\.)?..--")
        & ~text.str.contains(_RESERVED)
    ).fill_null(value=False)


def _remarkable(plain: pl.DataFrame) -> pl.Series:
    """Tell which addresses have something to say about their domain or mailbox."""
    known = load_knowledge("mail_domains")
    domains = plain["domain"].unique()
    odd = [domain for domain in domains if any(remark_domain(domain))]
    dummies = pl.Series(list(known["dummies"]))
    roles = pl.Series([*known["roles"], *CASE_INSENSITIVE_MAILBOX_NAMES])
    return (
        plain["domain"].is_in(pl.Series(odd, dtype=pl.String).implode())
        | plain["local"].str.to_lowercase().is_in(roles.implode())
        | plain["text"].str.to_lowercase().is_in(dummies.implode())
    )


def _fast(plain: pl.DataFrame) -> pl.DataFrame:
    value = pl.concat_str("local", pl.lit("@"), "domain")
    same = value == pl.col("text")
    return fast_frame(
        plain.select(
            value=value,
            valid=pl.lit("true"),
            status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit("normalised")),
            codes=pl.when(same)
            .then(pl.lit([], dtype=pl.List(pl.String)))
            .otherwise(pl.lit(["STD151"])),
        ),
        _PARTS,
    )


def _outcome(text: str, region: str | None) -> Outcome:
    del region
    if not text.strip():
        return BLANK
    reading = read_email(text)
    return Outcome(
        text if reading.value is None else reading.value,
        reading.status,
        reading.codes,
        reading.message,
        {"valid": "false" if reading.value is None else "true"},
        reading.confidence,
        reading.alternatives,
    )
