"""Compare postal addresses: house number, street and unit as one, and the area around."""

import polars as pl

from crmmigrate.dedupe.distance import edits, jaro_winkler, measured
from crmmigrate.dedupe.evidence import (
    OTHER_SCRIPT,
    VALUE_ID,
    Encoded,
    Level,
    counted,
    dictionary,
    rarity,
)
from crmmigrate.dedupe.fold import fold, sound
from crmmigrate.dedupe.words import overlap, weigh_words
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import part_column

__all__ = ["AREA_LEVELS", "STREET_LEVELS", "compare_places", "encode_places"]

STREET_LEVELS = (
    Level("different", 0.10, 0.985),
    Level("other_number", 0.03, 0.005),
    Level("street", 0.05, 0.005),
    Level("loose", 0.05, 0.001),
    Level("near", 0.17, 0.0005),
    Level("exact", 0.60, 0.0005, rare=True),
)
AREA_LEVELS = (
    Level("different", 0.04, 0.90),
    Level("locality", 0.06, 0.05),
    Level("near", 0.10, 0.02),
    Level("postcode", 0.10, 0.01),
    Level("exact", 0.70, 0.02, rare=True),
)
_OTHER_NUMBER, _STREET, _LOOSE, _NEAR, _EXACT = range(1, 6)
_PARTS = (
    "house_number",
    "street",
    "unit",
    "dependent_locality",
    "locality",
    "region",
    "postal_code",
)


def encode_places(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Fold the parts of the first filled address; take an unparsed one by its numbers and words."""
    ids, values = dictionary(_rows(frame, feature))
    values = counted(ids, values)
    foreign = pl.concat_str("whole", "street", "locality", ignore_nulls=True)
    values = values.with_columns(foreign.str.contains(OTHER_SCRIPT).alias("foreign"))
    for column in (*_PARTS, "whole"):
        values = values.with_columns(fold(values[column]))
    values = _street(values, words)
    values = _area(values)
    values = rarity(rarity(values, "place"), "area")
    evidence = {f"{feature.name}.street": STREET_LEVELS, f"{feature.name}.area": AREA_LEVELS}
    return Encoded(feature, evidence, ids, values)


def _rows(frame: pl.DataFrame, feature: Feature) -> pl.DataFrame:
    def text(column: str) -> pl.Expr:
        if column not in frame.columns:
            return pl.lit(None, dtype=pl.String)
        stripped = pl.col(column).cast(pl.String).str.strip_chars()
        return pl.when(stripped != "").then(stripped)

    fields = feature.fields
    filled = [
        pl.any_horizontal(text(c).is_not_null() for c in (f, *(part_column(f, p) for p in _PARTS)))
        for f in fields
    ]

    def first(column_of: dict[str, str]) -> pl.Expr:
        chosen = pl.lit(None, dtype=pl.String)
        for field, known in reversed(list(zip(fields, filled, strict=True))):
            chosen = pl.when(known).then(text(column_of[field])).otherwise(chosen)
        return chosen

    rows = frame.select(
        first({f: f for f in fields}).alias("whole"),
        *(first({f: part_column(f, p) for f in fields}).alias(p) for p in _PARTS),
    )
    parsed = pl.any_horizontal(pl.col("street", "locality", "postal_code").is_not_null())
    joined = pl.concat_str(*_PARTS, separator=" ", ignore_nulls=True)
    return rows.with_columns(
        pl.when(pl.col("street").is_null() & ~parsed).then("whole").alias("whole"),
        pl.when(parsed).then(joined).otherwise("whole").alias("shown"),
    ).with_columns(pl.when(pl.col("shown") != "").then("shown").alias("shown"))


def _street(values: pl.DataFrame, words: Vocabulary) -> pl.DataFrame:
    """Add `number`, `unit`, `words` (street words) and `place`, their joined text."""
    text = pl.coalesce("street", "whole")
    tokens = text.str.split(" ")
    digits = r"^\d"
    numbers = tokens.list.eval(pl.element().filter(pl.element().str.contains(digits)))
    letters = tokens.list.eval(
        pl.element().filter(~pl.element().str.contains(digits)).replace(dict(words.street_words))
    )
    number = pl.coalesce(pl.col("house_number").str.replace_all(" ", ""), numbers.list.first())
    kept = pl.element().filter(pl.element().str.len_chars() > 1)
    values = values.with_columns(
        number.alias("number"),
        letters.list.eval(kept).list.unique(maintain_order=True).alias("words"),
        pl.col("unit").str.extract(r"([a-z]?\d+[a-z]?)$").alias("unit"),
    )
    return values.with_columns(
        pl.concat_str(
            "number", pl.col("words").list.sort().list.join(" "), separator=" ", ignore_nulls=True
        ).alias("place"),
        pl.col("number").str.extract(r"^(\d+)").alias("digits"),
        pl.col("words").list.eval(sound(pl.element())).alias("street_sounds"),
    ).with_columns(
        pl.when(pl.col("place") != "").then("place").alias("place"),
        pl.col("street_sounds").list.eval(
            pl.element().sort_by(pl.element().str.len_chars(), descending=True)
        ).list.first().alias("street_sound"),
    )  # fmt: skip


def _area(values: pl.DataFrame) -> pl.DataFrame:
    return values.with_columns(
        pl.col("postal_code").str.replace_all(" ", "").alias("postcode"),
        sound(pl.col("locality")).alias("locality_sound"),
    ).with_columns(
        pl.concat_str("postcode", "locality", separator=" ", ignore_nulls=True).alias("area")
    ).with_columns(pl.when(pl.col("area") != "").then("area").alias("area"))  # fmt: skip


def compare_places(values: pl.DataFrame, pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add the levels of street and area, with chances of agreement."""
    weights = weigh_words(values, frozenset())
    side = values.select(
        VALUE_ID, "number", "digits", "unit", "place", "postcode", "locality", "place~", "area~",
        "words", "foreign",
    )  # fmt: skip
    both = overlap(values, pairs, weights)
    both = both.join(side, left_on="va", right_on=VALUE_ID, maintain_order="left").join(
        side, left_on="vb", right_on=VALUE_ID, suffix="_b", maintain_order="left"
    )
    both = measured(both, "locality", "locality_b", _city=jaro_winkler)
    both = measured(both, "postcode", "postcode_b", _code=edits)
    # A transliteration that does not agree proves nothing.
    other = pl.col("foreign") != pl.col("foreign_b")
    street, area = _street_level(), _area_level(other)
    numbers = (pl.col("digits") != pl.col("digits_b")).fill_null(value=False)
    street = pl.when(other & (street < _NEAR) & ~numbers).then(None).otherwise(street)
    return both.select(
        "va",
        "vb",
        street.cast(pl.Int8).alias(f"{name}.street"),
        pl.max_horizontal("place~", "place~_b").alias(f"{name}.street~"),
        area.cast(pl.Int8).alias(f"{name}.area"),
        pl.max_horizontal("area~", "area~_b").alias(f"{name}.area~"),
    )


def _street_level() -> pl.Expr:
    shared, a, b = pl.col("shared"), pl.col("only_a"), pl.col("only_b")
    ratio = (2 * shared / (2 * shared + a + b)).fill_nan(0.0)
    inside = (pl.min_horizontal(a, b) == 0) & (shared > 0)
    same_number = (pl.col("number") == pl.col("number_b")) | (
        pl.col("digits") == pl.col("digits_b")
    )
    no_number = pl.col("number").is_null() | pl.col("number_b").is_null()
    both_none = pl.col("number").is_null() & pl.col("number_b").is_null()
    units = (pl.col("unit") != pl.col("unit_b")).fill_null(False)
    return (
        pl.when(pl.col("place").is_null() | pl.col("place_b").is_null()).then(None)
        .when((pl.col("place") == pl.col("place_b")) & ~units).then(_EXACT)
        .when(same_number.fill_null(False) & ((ratio >= 0.75) | inside)).then(_NEAR)
        .when(same_number.fill_null(False) & (ratio >= 0.35)).then(_LOOSE)
        .when(both_none & (ratio >= 0.75)).then(_NEAR)
        .when(no_number & (ratio >= 0.75)).then(_STREET)
        .when((ratio >= 0.75) & ~no_number).then(_OTHER_NUMBER)
        .otherwise(0)
    )  # fmt: skip


def _area_level(other: pl.Expr) -> pl.Expr:
    code_known = pl.col("postcode").is_not_null() & pl.col("postcode_b").is_not_null()
    city_known = pl.col("locality").is_not_null() & pl.col("locality_b").is_not_null() & ~other
    same_code = (pl.col("postcode") == pl.col("postcode_b")).fill_null(False)
    city = ((pl.col("locality") == pl.col("locality_b")) | (pl.col("_city") >= 0.9)).fill_null(
        False
    )
    near_code = (pl.col("_code") <= 1).fill_null(False)
    return (
        pl.when(~code_known & ~city_known).then(None)
        .when(same_code & (city | ~city_known)).then(4)
        .when(city & ~code_known).then(4)
        .when(same_code).then(3)
        .when(city & near_code).then(2)
        .when(city).then(1)
        .otherwise(0)
    )  # fmt: skip
