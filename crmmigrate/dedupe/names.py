"""Names of persons, taken apart and folded, so that pairs can be compared."""

import polars as pl

from crmmigrate.dedupe.evidence import (
    OTHER_SCRIPT,
    VALUE_ID,
    Encoded,
    Glance,
    Level,
    counted,
    dictionary,
    rarity,
)
from crmmigrate.dedupe.fold import fold, sound, squash
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import part_column

__all__ = ["CODED", "FAMILY_LEVELS", "GIVEN_LEVELS", "SUFFIX_LEVELS", "encode_names"]

GIVEN_LEVELS = (
    Level("different", 0.03, 0.97),
    Level("similar", 0.02, 0.01),
    Level("clash", 0.02, 0.002),
    Level("mangled", 0.03, 0.005),
    Level("initial", 0.05, 0.01),
    Level("typo", 0.10, 0.002),
    Level("nickname", 0.05, 0.002),
    Level("partial", 0.05, 0.004),
    Level("exact", 0.70, 0.01, rare=True),
)
FAMILY_LEVELS = (
    Level("different", 0.04, 0.985),
    Level("similar", 0.02, 0.004),
    Level("mangled", 0.03, 0.003),
    Level("typo", 0.10, 0.001),
    Level("partial", 0.04, 0.002),
    Level("exact", 0.80, 0.004, rare=True),
)
SUFFIX_LEVELS = (Level("different", 0.05, 0.5), Level("exact", 0.95, 0.5))

CODED = ("given", "family", "suffix", "sorted", "joined")
"""Columns that pairs compare by the number of their text."""


def encode_names(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Take names apart (unless they are) and fold them."""
    raw = pl.concat([_parts(frame, field) for field in feature.fields], how="vertical_relaxed")
    if len(feature.fields) > 1:
        raw = _first_filled(raw, frame.height)
    ids, distinct = dictionary(raw)
    values = _derived(_in_order(counted(ids, _folded(distinct, words))), words)
    for column in ("given", "family"):
        values = rarity(values, column)
    evidence = {
        f"{feature.name}.given": GIVEN_LEVELS,
        f"{feature.name}.family": FAMILY_LEVELS,
        f"{feature.name}.suffix": SUFFIX_LEVELS,
    }
    codes = (pl.col(c).rank("dense").alias(f"{c}_code") for c in CODED)
    tables = {role: _spelt(values, role) for role in ("given", "family")}
    values = values.with_columns(codes)
    return Encoded(feature, evidence, ids, values, _glances(feature.name), tables)


def _glances(name: str) -> tuple[Glance, ...]:
    given = (("given", "given/family", "family/given", "sorted", "joined"), "exact")
    family = (("family", "family/given", "given/family", "sorted", "joined"), "exact")
    return (
        Glance(
            f"{name}.given", (given, (("initial", "nick", "given_sound"), "partial")), "mangled",
            "given~",
        ),
        Glance(
            f"{name}.family", (family, (("family_initial", "family_sound"), "partial")), "mangled",
            "family~",
        ),
    )  # fmt: skip


def _parts(frame: pl.DataFrame, field: str) -> pl.DataFrame:
    def column(name: str) -> pl.Expr:
        if name not in frame.columns:
            return pl.lit(None, dtype=pl.String)
        text = pl.col(name).cast(pl.String).str.strip_chars()
        return pl.when(text != "").then(text)

    parts = ("given", "middle", "family", "suffix", "nickname")
    taken = frame.select(
        column(field).alias("whole"), *(column(part_column(field, p)).alias(p) for p in parts)
    )
    # One column with several words and the other empty is a whole name in the wrong place.
    one = pl.coalesce("given", "family")
    lone = pl.col("given").is_null() | pl.col("family").is_null()
    misplaced = lone & one.str.contains(" ") & pl.col("middle").is_null()
    none = pl.col("given").is_null() & pl.col("family").is_null()
    return taken.with_columns(
        pl.when(misplaced).then(one).when(none).then("whole").alias("whole"),
        *(pl.when(~misplaced).then(c).alias(c) for c in ("given", "family")),
    )


def _first_filled(raw: pl.DataFrame, height: int) -> pl.DataFrame:
    blocks = [raw.slice(start, height) for start in range(0, raw.height, height)] if height else []
    first = blocks[0] if blocks else raw
    for other in blocks[1:]:
        empty = ~pl.any_horizontal(pl.all().is_not_null())
        mask = first.select(empty.alias("e"))["e"]
        first = pl.DataFrame([
            first[c].zip_with(~mask, other[c]) for c in first.columns
        ])  # fmt: skip
    return first


def _folded(distinct: pl.DataFrame, words: Vocabulary) -> pl.DataFrame:
    """Fold and, where only a whole name is known, split it."""
    texts = ("whole", "given", "middle", "family", "suffix", "nickname")
    shown = pl.coalesce(
        "whole", pl.concat_str("given", "middle", "family", separator=" ", ignore_nulls=True)
    )
    foreign = pl.concat_str("whole", "given", "family", ignore_nulls=True)
    values = distinct.with_columns(
        shown.alias("shown"),
        foreign.str.contains(OTHER_SCRIPT).alias("foreign"),
        pl.col("whole").str.contains(r"^[^,]+,[^,]+$").fill_null(False).alias("comma"),
    )
    values = values.with_columns(fold(values[c]) for c in texts)
    comma = distinct["whole"].str.split(",")
    before = fold(comma.list.get(0, null_on_oob=True).alias("before"))
    after = fold(comma.list.get(1, null_on_oob=True).alias("after"))
    noise = sorted(words.titles | words.generations.keys())

    def tokens(column: str) -> pl.Expr:
        kept = pl.element().filter(~pl.element().is_in(noise))
        return pl.col(column).str.split(" ").list.eval(kept)

    values = values.with_columns(before.alias("before"), after.alias("after")).with_columns(
        pl.when("comma").then(tokens("before")).otherwise(tokens("whole").list.tail(1)).alias("last"),
        pl.when("comma").then(tokens("after"))
        .otherwise(tokens("whole").list.head(tokens("whole").list.len().cast(pl.Int64) - 1)).alias("rest"),
    )  # fmt: skip
    split = pl.col("whole").is_not_null() & (pl.col("last").list.len() > 0)
    rest = pl.col("rest").list.join(" ")
    generations = pl.col("whole").str.split(" ").list.set_intersection(sorted(words.generations))
    values = values.with_columns(
        pl.when(split).then(rest)
        .otherwise(pl.concat_str("given", "middle", separator=" ", ignore_nulls=True))
        .alias("given"),
        pl.when(split).then(pl.col("last").list.join(" ")).otherwise("family").alias("family"),
        pl.coalesce("suffix", generations.list.first()).alias("suffix"),
    )  # fmt: skip
    blank = [pl.when(pl.col(c) != "").then(c).alias(c) for c in ("given", "family")]
    return values.with_columns(blank)


def _in_order(values: pl.DataFrame) -> pl.DataFrame:
    """Swap given and family name where the other records say that they stand the wrong way round."""
    used = [
        values.select(pl.col(c).str.split(" ").list.first().alias("word"), "_count").drop_nulls()
        .group_by("word").agg(pl.col("_count").sum().alias(f"as_{c}"))
        for c in ("given", "family")
    ]  # fmt: skip
    uses = used[0].join(used[1], on="word", how="full", coalesce=True).fill_null(0)
    told = values.select("given", "family", "_count")
    for side in ("given", "family"):
        told = told.with_columns(pl.col(side).str.split(" ").list.first()).join(
            uses.select(pl.col("word").alias(side), pl.col("as_given").alias(f"{side}_g"), pl.col("as_family").alias(f"{side}_f")),
            on=side, how="left", maintain_order="left",
        )  # fmt: skip
    own = pl.col("_count")
    for_swap = (pl.col("given_f") + 0.5) * (pl.col("family_g") + 0.5)
    against = (pl.col("given_g") - own + 0.5) * (pl.col("family_f") - own + 0.5)
    swap = told.select((for_swap > 8 * against).fill_null(value=False).alias("swap"))["swap"]
    return values.with_columns(
        swap, pl.when(swap).then("family").otherwise("given").alias("given"),
        pl.when(swap).then("given").otherwise("family").alias("family"),
    )  # fmt: skip


def _derived(values: pl.DataFrame, words: Vocabulary) -> pl.DataFrame:
    values = values.with_columns(
        pl.concat_str("given", "family", separator=" ", ignore_nulls=True).alias("full")
    )
    first = pl.col("given").str.split(" ").list.first()
    generation = pl.col("suffix").replace_strict(dict(words.generations), default=None)
    sounds = pl.col("full").str.split(" ").list.sort().list.join(" ")
    values = values.with_columns(
        first.alias("first"),
        first.replace(dict(words.nicknames)).alias("nick"),
        generation.alias("suffix"),
        sounds.alias("sorted"),
        squash(pl.col("full")).alias("joined"),
        first.str.slice(0, 1).alias("initial"),
        pl.col("family").str.slice(0, 1).alias("family_initial"),
        pl.col("family")
        .str.split(" ")
        .list.first()
        .replace(dict(words.nicknames))
        .alias("family_nick"),
    )
    heard = {"first": "given_sound", "family": "family_sound", "nick": "nick_sound"}
    values = values.with_columns(sound(values[c]).alias(name) for c, name in heard.items())
    return values.with_columns(
        pl.concat_str(
            pl.min_horizontal("given_sound", "family_sound"),
            pl.when(pl.col("given_sound").is_not_null() & pl.col("family_sound").is_not_null())
            .then(pl.max_horizontal("given_sound", "family_sound")),
            separator=" ", ignore_nulls=True,
        ).alias("any_order"),
        pl.col("full").str.split(" ").list.unique()
        .list.eval(pl.element().filter(pl.element().str.len_chars() > 1)).alias("words"),
    ).select(
        VALUE_ID, "shown", "foreign", "given", "family", "suffix", "first", "nick", "sorted", "joined",
        "given_sound", "nick_sound", "family_sound", "initial", "any_order", "words", "family_nick", "_count",
        "family_initial",
    )  # fmt: skip


def _spelt(values: pl.DataFrame, role: str) -> pl.DataFrame:
    """Return what is known of each given or family name, by the dense rank of its text less one."""
    nick, first = ("nick", "first") if role == "given" else ("family_nick", "family_first")
    return (
        values.with_columns(pl.col("family").str.split(" ").list.first().alias("family_first"))
        .filter(pl.col(role).is_not_null())
        .unique(role).sort(role)
        .select(
            pl.col(role).alias("text"), pl.col(first).alias("first"), pl.col(nick).alias("nick"),
            pl.col(f"{role}_sound").alias("sound"), pl.col(f"{role}#").alias("holders"),
        )
    )  # fmt: skip
