"""Telephone numbers, e-mail addresses and web domains of records, each record's as one set."""

import polars as pl

from crmmigrate.dedupe.evidence import Encoded, Level, first_rows
from crmmigrate.dedupe.member_sets import encode_members
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import SemanticType, part_column

__all__ = [
    "DOMAIN_LEVELS",
    "EMAIL_LEVELS",
    "PHONE_LEVELS",
    "encode_domains",
    "encode_emails",
    "encode_phones",
]

PHONE_LEVELS = (
    Level("different", 0.20, 0.9999),
    Level("near", 0.10, 0.0001),
    Level("shared", 0.40, 0.0001, rare=True),
    Level("mobile", 0.30, 0.00005, rare=True),
)
EMAIL_LEVELS = (
    Level("different", 0.20, 0.998),
    Level("alike", 0.02, 0.001),
    Level("local", 0.10, 0.0002),
    Level("near", 0.10, 0.0001),
    Level("role", 0.05, 0.0005, rare=True),
    Level("shared", 0.55, 0.0001, rare=True),
)
DOMAIN_LEVELS = (Level("different", 0.20, 0.99), Level("shared", 0.80, 0.01, rare=True))


def encode_phones(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Keep the digits of all phone fields of a record as one set."""
    del words
    found, texts = _numbered(frame, feature)
    e164 = pl.col("raw").str.contains(r"^\+\d")
    number = pl.col("raw").str.replace(r"(?i)\s*(ext|x|;ext=).*$", "").str.replace_all(r"\D", "")
    texts = texts.with_columns(
        pl.when(e164).then(number).otherwise(number.str.strip_chars_start("0")).alias("text")
    ).filter(
        (pl.col("text").str.len_bytes() >= 5) & ~pl.col("text").str.contains(r"^(\d)?(0+|1+|9+)$")
    )
    texts = texts.with_columns(
        tail=pl.col("text").str.slice(-7),
        mark=(pl.col("kind") == "mobile").fill_null(value=False),
        end=pl.col("text").str.slice(-4),
    )
    return encode_members(frame.height, feature, found, texts, PHONE_LEVELS)


def encode_emails(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Keep the addresses of all e-mail fields of a record as one set; mark role mailboxes."""
    found, texts = _numbered(frame, feature)
    lower = pl.col("raw").str.to_lowercase().str.replace(r"\+[^@]*@", "@")
    texts = texts.with_columns(lower.alias("text"))
    texts = texts.filter(pl.col("text").str.contains(r"^[^@\s]+@[^@\s]+$")).with_columns(
        local=pl.col("text").str.extract(r"^([^@]*)@", 1)
    )
    role = pl.col("local").str.strip_chars_end("0123456789._-").is_in(sorted(words.role_mailboxes))
    plain = pl.col("local").str.replace_all(r"[._-]", "")
    texts = texts.with_columns(
        mark=role,
        tail=pl.when(~role & (plain.str.len_chars() >= 5)).then(plain),
        end=pl.col("text").str.slice(0, 4),
    )
    return encode_members(frame.height, feature, found, texts, EMAIL_LEVELS)


def encode_domains(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Keep the hosts of web sites and the domains of mail addresses as one set."""
    found, texts = _numbered(frame, feature)
    host = (
        pl.col("raw").str.to_lowercase().str.replace(r"^.*@", "").str.replace(r"^[a-z]+://", "")
        .str.replace(r"^www\d?\.", "").str.replace(r"[/?#:\s].*$", "")
    )  # fmt: skip
    texts = texts.with_columns(host.alias("text")).filter(
        pl.col("text").str.contains(r"^[^.\s]+(\.[^.\s]+)+$")
        & ~pl.col("text").is_in(sorted(words.free_domains))
    )
    nothing = pl.lit(None, dtype=pl.String)
    texts = texts.with_columns(tail=nothing, mark=pl.lit(value=False), end=nothing)
    return encode_members(frame.height, feature, found, texts, DOMAIN_LEVELS)


def _numbered(frame: pl.DataFrame, feature: Feature) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `row`, `id` of every filled field, and `id`, `raw`, `kind` of the distinct texts."""
    parts = []
    for field in feature.fields:
        e164 = part_column(field, "e164")
        columns = [e164, field] if feature.type is SemanticType.PHONE else [field]
        present = [
            pl.col(c).cast(pl.String).str.strip_chars() for c in columns if c in frame.columns
        ]
        known = [pl.when(c != "").then(c) for c in present]
        kind = part_column(field, "type")
        kinds = pl.col(kind) if kind in frame.columns else pl.lit(None, dtype=pl.String)
        if known:
            row = pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
            parts.append(frame.select(row, pl.coalesce(known).alias("raw"), kinds.alias("kind")))
    every = pl.concat(parts).drop_nulls("raw")
    firsts, numbers = first_rows(every.select("raw"))
    return every.select("row", numbers.alias("id")), every.drop("row")[firsts].with_row_index("id")
