"""Telephone numbers, e-mail addresses and web domains of records, each record's as one set."""

import polars as pl

from crmmigrate.dedupe.evidence import (
    VALUE_ID,
    Encoded,
    Glance,
    Level,
    chance_of,
    first_rows,
)
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
    Level("local", 0.10, 0.0002),
    Level("near", 0.10, 0.0001),
    Level("role", 0.05, 0.0005, rare=True),
    Level("shared", 0.55, 0.0001, rare=True),
)
DOMAIN_LEVELS = (Level("different", 0.20, 0.99), Level("shared", 0.80, 0.01, rare=True))
_GLANCED = 3
"""Members of a set that screening looks at, the rarest ones."""


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
    return _encoded(frame.height, feature, found, texts, PHONE_LEVELS)


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
    return _encoded(frame.height, feature, found, texts, EMAIL_LEVELS)


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
    return _encoded(frame.height, feature, found, texts, DOMAIN_LEVELS)


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


def _encoded(
    records: int,
    feature: Feature,
    found: pl.DataFrame,
    texts: pl.DataFrame,
    levels: tuple[Level, ...],
) -> Encoded:
    """Number the members from the rarest on, and the sets they form.

    A record with one member has the set of that number; sets of several come behind them.
    """
    ids_given = int(found["id"].max() or 0) + 1  # type: ignore[arg-type]
    distinct = texts.group_by("text").agg("id", pl.col("tail", "end").first(), pl.col("mark").any())
    distinct = distinct.with_row_index("at")
    at = pl.Series("at", [None], dtype=pl.UInt32).new_from_index(0, ids_given)
    spelt = distinct.select("at", "id").explode("id")
    at = at.scatter(spelt["id"], spelt["at"])
    known = found.select("row", at=at.gather(found["id"])).drop_nulls()
    if len(feature.fields) > 1:
        known = known.unique()
    counts = known.group_by("at").agg(pl.len().alias("holders"))
    holders = known["row"].n_unique()
    members = (
        counts.join(distinct.drop("id"), on="at").sort("holders", pl.col("text").hash(3))
        .with_row_index("member").with_columns(chance_of(pl.col("holders"), holders).alias("chance"))
    )  # fmt: skip
    number = pl.Series([None], dtype=pl.UInt32).new_from_index(0, distinct.height)
    number = number.scatter(members["at"], members["member"])
    rows = known.select("row", member=number.gather(known["at"]))
    ids, sets = _sets(rows, members.height, records)
    values = _listed(members, sets)
    glance = _glance(feature, levels)
    return Encoded(feature, {feature.name: levels}, ids, values, (glance,))


def _sets(rows: pl.DataFrame, members: int, records: int) -> tuple[pl.Series, pl.DataFrame]:
    """Return the set of every record, and `_value`, `members` of the sets of several members."""
    alone = ~rows["row"].is_duplicated()
    several = (
        rows.filter(~alone).sort("row", "member").group_by("row", maintain_order=True)
        .agg("member").with_row_index(VALUE_ID, members)
    )  # fmt: skip
    ids = pl.Series("ids", [None], dtype=pl.UInt32).new_from_index(0, records)
    lone = rows.filter(alone)
    ids = ids.scatter(lone["row"], lone["member"])
    if several.height:
        ids = ids.scatter(several["row"], several[VALUE_ID])
    return ids, several.select(VALUE_ID, pl.col("member").alias("members"))


def _listed(members: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of the members of each set, as lists in the order of the members."""
    facts = {"member": "members", "text": "texts", "chance": "chance", "holders": "holders",
             "mark": "mark", "tail": "tails"}  # fmt: skip
    single = members.select(
        pl.col("member").alias(VALUE_ID),
        *(pl.concat_list(column).alias(name) for column, name in facts.items()),
        "end", shown="text",
    )  # fmt: skip
    exploded = sets.explode("members")
    looked_up = members.select(*facts, "end")[exploded["members"]]
    every = (
        looked_up.hstack([exploded[VALUE_ID]]).group_by(VALUE_ID, maintain_order=True)
        .agg(*(pl.col(column).alias(name) for column, name in facts.items()), pl.col("end").first())
        .with_columns(shown=pl.col("texts").list.join(", "))
    )  # fmt: skip
    values = pl.concat([single, every.select(single.columns)], how="vertical_relaxed")
    return values.with_columns(
        pl.col("tails").list.drop_nulls(),
        *(pl.col("texts").list.get(n, null_on_oob=True).alias(f"member{n}") for n in range(_GLANCED)),
    ).with_columns(last_tail=pl.col("tails").list.first())  # fmt: skip


def _glance(feature: Feature, levels: tuple[Level, ...]) -> Glance:
    every = range(_GLANCED)
    members = tuple(f"member{i}/member{j}" for i in every for j in every)
    checks: tuple[tuple[tuple[str, ...], str], ...] = ((members, levels[-1].name),)
    if feature.type is not SemanticType.URL:
        checks = (*checks, (("end", "last_tail"), "near"))
    return Glance(feature.name, checks, "different")
