"""E-mail columns: the vectorised twin of `values.emails`."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.email_lane import (
    read_broken,
    read_international,
    read_pairs,
    read_plain,
    read_without_at,
    read_wrapped,
)
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import read_each
from crmmigrate.values.email_domains import domain_remarks, mail_words, wrong_endings
from crmmigrate.values.email_syntax import lower_mailboxes, refusal_of
from crmmigrate.values.emails import read_email, repeated_letters
from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["standardize_emails"]

_PARTS = PARTS[SemanticType.EMAIL]


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
    rest = distinct.select("text").with_row_index("_at")
    done: list[tuple[pl.Series, pl.DataFrame]] = []
    for read in (read_plain, read_wrapped, read_pairs, read_international):
        found = _sure(read(rest))
        done += _outcomes(found)
        rest = _without(rest, found)
    none = read_without_at(rest)
    done.append((none["_at"], _refused(none)))
    rest = _without(rest, none)
    broken = _sure(read_broken(rest))
    done.append((broken["_at"], _slipped(broken)))
    rest = _without(rest, broken)
    done.append((rest["_at"], read_each(rest, _outcome, _PARTS)))
    return in_order(done)


def _without(rows: pl.DataFrame, read: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that were not read yet."""
    if read.is_empty():
        return rows
    return rows.join(read.select("_at"), on="_at", how="anti", maintain_order="left")


@cache
def _doubtful() -> pl.Series:
    """Return mailboxes in lower case that may mean that there is no address."""
    dummies = {address.partition("@")[0] for address in mail_words("dummies")}
    words = mail_words("no_mailbox") | mail_words("no_word") | repeated_letters() | dummies
    return pl.Series(sorted(words))


@cache
def _roles() -> pl.Series:
    return pl.Series(sorted(mail_words("roles") | lower_mailboxes()))


@cache
def _remarks() -> pl.DataFrame:
    """Return what is known of domains: `domain`, `provider` and `meant`."""
    known = domain_remarks()
    return pl.DataFrame(
        {
            "domain": list(known),
            "provider": [provider for provider, _ in known.values()],
            "meant": [meant for _, meant in known.values()],
        },
        schema={"domain": pl.String, "provider": pl.String, "meant": pl.String},
    )


def _sure(found: pl.DataFrame) -> pl.DataFrame:
    """Leave out the addresses that may be placeholders, and those behind an apostrophe."""
    found = found.with_columns(folded=pl.col("local").str.to_lowercase())
    doubtful = pl.col("folded").is_in(_doubtful().implode())
    if "further" in found.columns:
        known = pl.concat([_doubtful(), pl.Series(sorted(lower_mailboxes()))])
        doubtful |= pl.col("other").is_in(known.implode())
    return found.filter(~doubtful & ~pl.col("local").str.starts_with("'"))


def _outcomes(found: pl.DataFrame) -> list[tuple[pl.Series, pl.DataFrame]]:
    """Return row numbers and outcomes: of those with nothing to remark, and of the others."""
    known = found.join(_remarks(), on="domain", how="left", maintain_order="left")
    folded = pl.col("folded")
    ending = "|".join(wrong_endings())
    remarkable = (
        folded.is_in(_roles().implode())
        | pl.col("meant").is_not_null()
        | (pl.col("provider") == "disposable")
        | pl.col("domain").str.contains(rf"\.(?:{ending})$")
    ).fill_null(value=False)
    special = known.select(remarkable).to_series()
    odd = known.filter(special)
    if "code" in found.columns:
        plain = known.filter(~special)
        return [(plain["_at"], _plain(plain)), (odd["_at"], _remarked(odd))]
    low = known["low"]
    same = known.select("_at", "text", "domain", "provider").filter(~special & low)
    changed = known.filter(~special & ~low)
    return [
        (same["_at"], _unchanged(same)),
        (changed["_at"], _plain(changed)),
        (odd["_at"], _remarked(odd)),
    ]


def _unchanged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of addresses that are right as they stand: most of them."""
    shown = rows.select(
        *("domain", pl.col("provider").fill_null("other")),
        value="text",
        role=pl.lit("false"),
        valid=pl.lit("true"),
    )
    return fast_frame(shown, _PARTS)


def _plain(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of addresses with nothing to say about mailbox and domain."""
    value = pl.concat_str("local", pl.lit("@"), "domain")
    code, message, confidence = _way(rows, value)
    return fast_frame(
        rows.select(
            value=value,
            domain="domain",
            role=pl.lit("false"),
            provider=pl.col("provider").fill_null("other"),
            valid=pl.lit("true"),
            status=_status(rows, code),
            codes=_listed(code),
            message=message,
            confidence=confidence,
            alternatives=_further(rows),
        ),
        _PARTS,
    )


def _way(rows: pl.DataFrame, value: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return code, message and confidence of how the address was found."""
    if "code" in rows.columns:
        return pl.col("code"), pl.col("message"), pl.col("confidence")
    changed = pl.when(value != pl.col("text")).then(pl.lit("STD151"))
    return changed, pl.lit(None, pl.String), pl.lit(1.0)


def _status(rows: pl.DataFrame, code: pl.Expr) -> pl.Expr:
    if "code" in rows.columns:
        split = pl.when(code == "STD152").then(pl.lit("split"))
        return split.otherwise(pl.lit("repaired"))
    return pl.when(code.is_null()).then(pl.lit("unchanged")).otherwise(pl.lit("normalised"))


def _listed(code: pl.Expr) -> pl.Expr:
    """Return a column of lists with at most one code."""
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return (
        pl.when(code.is_null())
        .then(nothing)
        .when(code == "STD151")
        .then(pl.lit(["STD151"]))
        .when(code == "STD152")
        .then(pl.lit(["STD152"]))
        .otherwise(pl.lit(["STD153"]))
    )


def _further(rows: pl.DataFrame, suggested: pl.Expr | None = None) -> pl.Expr:
    """Return the further addresses of a cell, else the one that may be meant."""
    if "further" in rows.columns:
        return pl.concat_list("further")
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return nothing if suggested is None else pl.concat_list(suggested).list.drop_nulls()


def _remarked(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of addresses of roles, of throw-away services, and with typing errors."""
    rows = _with_meant(rows)
    value = pl.concat_str("local", pl.lit("@"), "domain")
    meant = pl.concat_str("local", pl.lit("@"), "meant")
    code, message, confidence = _way(rows, value)
    perhaps = pl.concat_str(pl.lit("perhaps "), meant)
    codes = (
        code,
        pl.when(meant.is_not_null()).then(pl.lit("STD156")),
        pl.when("role").then(pl.lit("STD157")),
        pl.when(pl.col("provider") == "disposable").then(pl.lit("STD158")),
    )
    said = pl.concat_str(message, perhaps, separator="; ", ignore_nulls=True)
    return fast_frame(
        rows.select(
            value=value,
            domain="domain",
            role=pl.when("role").then(pl.lit("true")).otherwise(pl.lit("false")),
            provider="provider",
            valid=pl.lit("true"),
            status=_status(rows, code),
            codes=pl.concat_list(codes).list.drop_nulls(),
            message=pl.when(said != "").then(said),
            confidence=pl.when(meant.is_not_null())
            .then(pl.min_horizontal(confidence, pl.lit(0.8)))
            .otherwise(confidence),
            alternatives=_further(rows, meant),
        ),
        _PARTS,
    )


def _with_meant(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `role` and what may be meant by the domain; write mailboxes of RFC 2142 in lower case."""
    low = pl.col("folded").is_in(pl.Series(sorted(lower_mailboxes())).implode())
    ending = pl.col("domain").str.extract(r"\.([a-z0-9]+)$", 1)
    right = ending.replace_strict(dict(wrong_endings()), default=None, return_dtype=pl.String)
    head = pl.col("domain").str.extract(r"^(.*)\.[a-z0-9]+$", 1)
    return rows.with_columns(
        local=pl.when(low).then("folded").otherwise("local"),
        role=pl.col("folded").is_in(pl.Series(sorted(mail_words("roles"))).implode()),
        meant=pl.when(pl.col("provider").is_null())
        .then(pl.concat_str(head, pl.lit("."), right))
        .otherwise("meant"),
        provider=pl.col("provider").fill_null("other"),
    )


def _refused(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of cells that have no @."""
    blank = pl.col("text").str.strip_chars() == ""
    return fast_frame(
        rows.select(
            value=pl.when(~blank).then("text"),
            valid=pl.when(~blank).then(pl.lit("false")),
            status=pl.when(blank).then(pl.lit("unchanged")).otherwise(pl.lit("invalid")),
            codes=pl.when(blank)
            .then(pl.lit([], dtype=pl.List(pl.String)))
            .otherwise(pl.lit(["STD154"])),
            message=pl.when(~blank).then(pl.lit(refusal_of("no sign"))),
        ),
        _PARTS,
    )


def _slipped(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of addresses with a slip, which is only suggested to be one."""
    return fast_frame(
        rows.select(
            value="text",
            valid=pl.lit("false"),
            status=pl.lit("invalid"),
            codes=pl.lit(["STD154"]),
            message="message",
            alternatives=pl.concat_list("meant").list.drop_nulls(),
        ),
        _PARTS,
    )


def _outcome(text: str, region: str | None) -> Outcome:
    del region
    if not text.strip():
        return BLANK
    reading = read_email(text)
    found = reading.value is not None
    parts = {
        "domain": reading.domain,
        "role": ("true" if reading.role else "false") if found else None,
        "provider": reading.provider,
        "valid": "true" if found else "false",
    }
    return Outcome(
        reading.value if reading.value is not None else text,
        reading.status,
        reading.codes,
        reading.message,
        parts,
        reading.confidence,
        reading.alternatives,
    )
