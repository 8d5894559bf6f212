"""Compare texts of several words by the weight of the words they share."""

import polars as pl

from crmmigrate.dedupe.distance import jaro_winkler, measured, token_sort
from crmmigrate.dedupe.evidence import Encoded, among
from crmmigrate.dedupe.loops import LEAST_PAIRS

__all__ = ["overlap", "weigh_words", "word_sets"]


def weigh_words(values: pl.DataFrame, light: frozenset[str]) -> pl.DataFrame:
    """Return `word`, `weight` (natural logarithm of its rarity) and `holders` of a column `words`.

    Args:
        values: Distinct values with `VALUE_ID`, `words` and `_count`.
        light: Words that say next to nothing.
    """
    words = values.select("words", "_count").explode("words", empty_as_null=False).drop_nulls()
    total = among(int(values["_count"].sum()))
    return (
        words.group_by(pl.col("words").alias("word"))
        .agg(pl.col("_count").sum().alias("holders"))
        .with_columns((total / (pl.col("holders") - 1).clip(1)).log().clip(0.1).alias("weight"))
        .with_columns(
            pl.when(pl.col("word").is_in(sorted(light))).then(0.1)
            .otherwise("weight").cast(pl.Float32).alias("weight")
        )
    )  # fmt: skip


def word_sets(values: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    """Number the sets of words of all values.

    Returns:
        The set of each value (UInt32, null without words), and `set`, `words`, `total` (sum of the
        weights of its words) of each set.
    """
    sets = values.select(pl.col("words").list.sort().alias("words"), "_count").with_columns(
        pl.col("words").list.join(" ").replace("", None).rank("dense").cast(pl.UInt32).alias("set")
    )
    distinct = sets.select("set", "words").drop_nulls("set").unique("set").sort("set")
    weights = weigh_words(values, frozenset())
    total = (
        distinct.explode("words").join(weights, left_on="words", right_on="word", how="left")
        .group_by("set").agg(pl.col("weight").sum().alias("total"))
    )  # fmt: skip
    return sets["set"], distinct.join(total, on="set", how="left", maintain_order="left")


def overlap(encoded: Encoded, pairs: pl.DataFrame) -> pl.DataFrame:
    """Weigh what pairs of values share and what only one of them has.

    Words that differ by a slip count as shared. Returns va, vb and Float32 columns `shared`,
    `only_a` and `only_b` (sums of weights). Each distinct pair of word sets is weighed once.
    """
    if pairs.height >= LEAST_PAIRS:
        from crmmigrate.dedupe.loops.shared_words import overlap_words

        sums, left = overlap_words(encoded, pairs)
        if not left.any():
            columns = zip(("shared", "only_a", "only_b"), sums, strict=True)
            return pl.DataFrame([pairs["va"], pairs["vb"], *(pl.Series(n, c) for n, c in columns)])
    one, other = (
        encoded.values["set"].gather(pairs["va"]),
        encoded.values["set"].gather(pairs["vb"]),
    )
    both = pl.DataFrame([pairs["va"], pairs["vb"], one.alias("set"), other.alias("set_b")])
    sets = encoded.tables["sets"]
    apart = both.filter(pl.col("set") != pl.col("set_b")).select("set", "set_b").unique()
    weighed = _weighed(apart, sets, encoded.tables["weights"])
    both = both.join(weighed, on=["set", "set_b"], how="left", maintain_order="left")
    total = sets["total"].gather((both["set"] - 1).cast(pl.UInt32))
    alike = pl.when(pl.col("set") == pl.col("set_b")).then(total)
    return both.select(
        "va", "vb", pl.coalesce("shared", alike).fill_null(0.0).alias("shared"),
        *(pl.col(c).fill_null(0.0) for c in ("only_a", "only_b")),
    )  # fmt: skip


def _weighed(pairs: pl.DataFrame, sets: pl.DataFrame, weights: pl.DataFrame) -> pl.DataFrame:
    words = sets["words"]
    at = [(pairs[c] - 1).cast(pl.UInt32) for c in ("set", "set_b")]
    both = pairs.hstack(
        [words.gather(at[0]).alias("words_a"), words.gather(at[1]).alias("words_b")]
    ).with_row_index("p")
    rest = both.select(
        "p",
        pl.col("words_a").list.set_intersection("words_b").alias("both"),
        pl.col("words_a").list.set_difference("words_b").alias("a"),
        pl.col("words_b").list.set_difference("words_a").alias("b"),
    )
    slips = _slips(rest)
    totals = both.select("p", "set", "set_b")
    for part in ("both", "a", "b"):
        totals = totals.join(
            _sum(rest, part, weights, slips), on="p", how="left", maintain_order="left"
        )
    slipped = slips.join(weights, left_on="a", right_on="word", how="left").group_by("p").agg(
        pl.col("weight").sum().alias("slipped")
    )  # fmt: skip
    totals = totals.join(slipped, on="p", how="left", maintain_order="left")
    totals = totals.with_columns(pl.col(pl.Float32).fill_null(0.0))
    return totals.select(
        "set",
        "set_b",
        (pl.col("sum_both") + 0.8 * pl.col("slipped")).alias("shared"),
        pl.col("sum_a").alias("only_a"),
        pl.col("sum_b").alias("only_b"),
    )


def _sum(rest: pl.DataFrame, part: str, weights: pl.DataFrame, slips: pl.DataFrame) -> pl.DataFrame:
    words = rest.select("p", pl.col(part).alias("word")).explode("word", empty_as_null=False)
    if part != "both":
        words = words.join(slips, left_on=["p", "word"], right_on=["p", part], how="anti")
    return words.join(weights, on="word", how="left").group_by("p").agg(
        pl.col("weight").sum().alias(f"sum_{part}")
    )  # fmt: skip


def _slips(rest: pl.DataFrame) -> pl.DataFrame:
    """Pairs of words (p, a, b), one of each side, that are the same but for a slip."""
    crossed = (
        rest.filter((pl.col("a").list.len() > 0) & (pl.col("b").list.len() > 0))
        .filter(pl.col("a").list.len() * pl.col("b").list.len() <= 64)
        .select("p", "a", "b")
        .explode("a").explode("b")
    )  # fmt: skip
    alpha = r"^[a-z]{4,}$"
    crossed = crossed.filter(
        pl.col("a").str.contains(alpha) & pl.col("b").str.contains(alpha)
        & ((pl.col("a").str.slice(0, 1) == pl.col("b").str.slice(0, 1))
           | (pl.col("a").str.slice(-3) == pl.col("b").str.slice(-3)))
    )  # fmt: skip
    near = measured(crossed, "a", "b", jw=jaro_winkler, ratio=token_sort).filter(
        (pl.col("jw") >= 0.88) & (pl.col("ratio") >= 80)
    )
    return (
        near.sort("ratio", descending=True, maintain_order=True)
        .unique(["p", "a"], keep="first", maintain_order=True)
        .unique(["p", "b"], keep="first", maintain_order=True)
        .select("p", "a", "b")
    )
