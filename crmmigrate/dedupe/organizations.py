"""Compare names of organizations: legal form apart, rare words first."""

import polars as pl

from crmmigrate.dedupe.evidence import (
    OTHER_SCRIPT,
    VALUE_ID,
    Encoded,
    Level,
    counted,
    dictionary,
    sides,
)
from crmmigrate.dedupe.fold import sound
from crmmigrate.dedupe.organization_words import organization_words
from crmmigrate.dedupe.words import overlap, weigh_words, word_sets
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import part_column

__all__ = ["ORGANIZATION_LEVELS", "compare_organizations", "encode_organizations"]

ORGANIZATION_LEVELS = (
    Level("different", 0.04, 0.975),
    Level("neighbour", 0.04, 0.015),
    Level("branch", 0.02, 0.001),
    Level("partial", 0.06, 0.005),
    Level("contained", 0.12, 0.002, rare=True),
    Level("near", 0.12, 0.001, rare=True),
    Level("exact", 0.60, 0.001, rare=True),
)
_NEIGHBOUR, _BRANCH, _PARTIAL, _CONTAINED, _NEAR, _EXACT = range(1, 7)


def encode_organizations(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Take the first filled field, without its legal form, as words."""
    rows = _rows(frame, feature)
    ids, values = dictionary(rows)
    values = counted(ids, values)
    foreign = pl.col("base").str.contains(OTHER_SCRIPT).fill_null(value=False).alias("foreign")
    told = organization_words(values["base"], values["form"], words)
    values = values.with_columns(foreign, told["words"].list.unique(maintain_order=True))
    values = _left_out(values, told["left_out"])
    values = values.with_columns(_digits("words").alias("numbers"))
    weights = weigh_words(values, frozenset())
    values = _keys(values, weights)
    number, sets = word_sets(values)
    values = values.with_columns(number.alias("set"))
    tables = {"sets": sets, "weights": weights}
    return Encoded(feature, {feature.name: ORGANIZATION_LEVELS}, ids, values, (), tables)


def _left_out(values: pl.DataFrame, words: pl.Series) -> pl.DataFrame:
    """Add the words of legal forms as a text (`left_out`), and their weight (`beside`).

    Some are no legal form where they stand: SCI Systems, Mi Casa.
    """
    rows = values.select(VALUE_ID, "_count").with_columns(words.list.unique().alias("words"))
    weights = weigh_words(rows, frozenset()).select(pl.col("word").alias("words"), "weight")
    each = rows.select(VALUE_ID, "words").explode("words", empty_as_null=False).drop_nulls()
    sums = (
        each.join(weights, on="words")
        .group_by(VALUE_ID)
        .agg(pl.col("weight").sum().alias("beside"))
    )
    return (
        values.with_columns(words.list.join(" ").fill_null("").alias("left_out"))
        .join(sums, on=VALUE_ID, how="left", maintain_order="left")
        .with_columns(pl.col("beside").fill_null(0.0))
    )


def _rows(frame: pl.DataFrame, feature: Feature) -> pl.DataFrame:
    """Return the first filled field, without its legal form (`base`), the form, and what is shown."""

    def text(column: str) -> pl.Expr:
        if column not in frame.columns:
            return pl.lit(None, dtype=pl.String)
        stripped = pl.col(column).cast(pl.String).str.strip_chars()
        return pl.when(stripped != "").then(stripped)

    base, form = pl.lit(None, dtype=pl.String), pl.lit(None, dtype=pl.String)
    for field in reversed(feature.fields):
        name = pl.coalesce(text(part_column(field, "base_name")), text(field))
        form = (
            pl.when(name.is_not_null()).then(text(part_column(field, "legal_form"))).otherwise(form)
        )
        base = pl.coalesce(name, base)
    shown = pl.coalesce(*(text(f) for f in feature.fields), base)
    known = base.is_not_null()
    return frame.select(
        base.alias("base"), pl.when(known).then(form).alias("form"),
        pl.when(known).then(shown).alias("shown"),
    )  # fmt: skip


def _keys(values: pl.DataFrame, weights: pl.DataFrame) -> pl.DataFrame:
    """Add what blocking reads: the rarest words, their sounds and the squeezed name."""
    ranked = (
        values.select(VALUE_ID, "words")
        .explode("words", empty_as_null=False)
        .join(weights, left_on="words", right_on="word")
        .filter(pl.col("words").str.len_chars() > 1)
        .sort(VALUE_ID, "weight", "words", descending=[False, True, False])
        .group_by(VALUE_ID, maintain_order=True)
        .head(3)
    )  # fmt: skip
    ranked = (
        ranked.with_columns(sound(ranked["words"]).alias("sound"))
        .group_by(VALUE_ID, maintain_order=True)
        .agg(
            pl.col("sound").unique(maintain_order=True).alias("rare_sounds"),
            pl.col("sound").head(2).sort().str.join(" ").alias("two_sounds"),
        )
    )
    squeezed = pl.col("words").list.join("")
    return values.join(ranked, on=VALUE_ID, how="left", maintain_order="left").with_columns(
        squeezed.alias("squeezed"),
        pl.col("words").list.sort().list.join(" ").alias("sorted"),
        squeezed.str.slice(0, 7).alias("prefix"),
        pl.col("words").list.first().str.slice(0, 4).alias("begin"),
    )


def compare_organizations(encoded: Encoded, pairs: pl.DataFrame) -> pl.DataFrame:
    """Add the level of agreement, and how likely the shared words agree by chance."""
    name, values = encoded.feature.name, encoded.values
    looked_at = sides(values, pairs, "squeezed", "numbers", "foreign", "left_out", "beside")
    both = overlap(encoded, pairs).hstack(looked_at.drop("va", "vb"))
    shared, a, b = pl.col("shared"), pl.col("only_a"), pl.col("only_b")
    ratio = 2 * shared / (2 * shared + a + b)
    less, more = pl.min_horizontal(a, b), pl.max_horizontal(a, b)
    digits_a, digits_b = pl.col("numbers"), pl.col("numbers_b")
    branch = (digits_a != digits_b) & (digits_a.list.len() + digits_b.list.len() > 0)
    level = (
        pl.when(pl.col("squeezed") == pl.col("squeezed_b")).then(_EXACT)
        .when((ratio >= 0.6) & branch).then(_BRANCH)
        .when((more == 0) | (ratio >= 0.9)).then(_NEAR)
        .when((less == 0) & (shared >= 0.35 * more)).then(_CONTAINED)
        .when(ratio >= 0.66).then(_PARTIAL)
        .when(shared > 0).then(_NEIGHBOUR)
        .otherwise(0)
    )  # fmt: skip
    # A transliteration or translation that does not agree proves nothing.
    unlike = (pl.col("foreign") != pl.col("foreign_b")) & (level < _CONTAINED)
    level = pl.when(~unlike).then(level)
    # What is left out of both names speaks for them, too, where they are the same to the letter.
    whole = (level == _EXACT) & (pl.col("left_out") == pl.col("left_out_b"))
    shared += pl.when(whole).then("beside").otherwise(0.0)
    # Words go together, so a part that agrees proves less than the sum of its words.
    part = pl.when(level == _EXACT).then(1.0).otherwise(0.75)
    # That neither has another word beside them is evidence of its own.
    alone = pl.when(level == _EXACT).then(0.1).otherwise(1.0)
    chance = (alone * (-part * shared).exp()).clip(1e-7, 1.0)
    return both.select(
        "va", "vb", level.cast(pl.Int8).alias(name), chance.cast(pl.Float32).alias(f"{name}~")
    )


def _digits(column: str) -> pl.Expr:
    return (
        pl.col(column)
        .list.eval(pl.element().filter(pl.element().str.contains(r"^\d+$")))
        .list.sort()
    )
