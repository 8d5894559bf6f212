"""Compare postal addresses: house number, street and unit as one, and the area around."""

import polars as pl

from crmmigrate.dedupe.distance import edits, jaro_winkler, measured
from crmmigrate.dedupe.evidence import (
    OTHER_SCRIPT,
    Encoded,
    Glance,
    Level,
    counted,
    dictionary,
    rarity,
    sides,
)
from crmmigrate.dedupe.fold import fold, sound
from crmmigrate.dedupe.words import overlap, weigh_words, word_sets
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import part_column

__all__ = ["AREA_LEVELS", "STREET_LEVELS", "are_neighbours", "compare_places", "encode_places"]

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
_LEAST = 100
"""House number from which one near it is rather a slip than a neighbour."""
_NEXT = 10
"""Greatest difference of house numbers next to each other."""
_DIGITS = 9
"""Digits of a house number that are read."""
_LONG = 6
"""Letters from which a street's name is telling."""
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
    digits = pl.col("digits")
    value = pl.when(digits.str.len_bytes() <= _DIGITS).then(digits.cast(pl.Int32, strict=False))
    values = values.with_columns(
        digits.fill_null("").alias("house"), value.fill_null(0).alias("house_value")
    )
    streets = values.group_by("_text").agg(pl.col("_count").sum(), pl.col("words").first())
    number, sets = word_sets(streets)
    tables = {"sets": sets, "weights": weigh_words(streets, frozenset())}
    streets = streets.select("_text", number.alias("set"))
    values = values.join(streets, on="_text", how="left", nulls_equal=True, maintain_order="left")
    return Encoded(feature, evidence, ids, values, _glances(feature.name), tables)


def _glances(name: str) -> tuple[Glance, ...]:
    place = ((("place",), "exact"), (("house",), "near"))
    area = ((("area",), "exact"), (("postcode", "locality_sound"), "postcode"))
    return (
        Glance(f"{name}.street", place, "street", "place~"),
        Glance(f"{name}.area", area, "different", "area~"),
    )


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
        if len(fields) == 1:
            return text(column_of[fields[0]])
        chosen = pl.lit(None, dtype=pl.String)
        for field, known in reversed(list(zip(fields, filled, strict=True))):
            chosen = pl.when(known).then(text(column_of[field])).otherwise(chosen)
        return chosen

    rows = frame.select(
        first({f: f for f in fields}).alias("whole"),
        first({f: part_column(f, "country") for f in fields}).alias("country"),
        *(first({f: part_column(f, p) for f in fields}).alias(p) for p in _PARTS),
    )
    parsed = pl.any_horizontal(pl.col("street", "locality", "postal_code").is_not_null())
    told = pl.col("whole").ne_missing(pl.col("country"))
    joined = pl.concat_str(*_PARTS, separator=" ", ignore_nulls=True)
    return rows.with_columns(
        pl.when(pl.col("street").is_null() & ~parsed & told).then("whole").alias("whole"),
        pl.when(parsed).then(joined).when(told).then("whole").alias("shown"),
    ).select(pl.when(pl.col("shown") != "").then("shown").alias("shown"), "whole", *_PARTS)


def _street(values: pl.DataFrame, words: Vocabulary) -> pl.DataFrame:
    """Add `number`, `unit`, `words` (street words) and `place`, their joined text."""
    text = pl.coalesce("street", "whole")
    for digit, ending in ((r"\d", "th"), ("2", "nd"), ("3", "rd")):
        text = text.str.replace_all(rf"({digit}) {ending}\b", f"${{1}}{ending}")
    values = values.with_columns(text.alias("_text"))
    streets = _street_words(values["_text"].unique().drop_nulls(), words)
    values = values.join(streets, on="_text", how="left", maintain_order="left")
    number = pl.coalesce(pl.col("house_number").str.replace_all(" ", ""), "first_number")
    values = values.with_columns(
        number.alias("number"), pl.col("unit").str.extract(r"([a-z]?\d+[a-z]?)$").alias("unit")
    )
    place = pl.concat_str("number", "sorted_words", separator=" ", ignore_nulls=True)
    return values.with_columns(
        place.replace("", None).alias("place"),
        # Of a range, folded to `8225 29`, the first number counts.
        pl.coalesce("house_number", "first_number").str.extract(r"^(\d+)").alias("digits"),
        pl.col("words").list.join("").alias("squeezed"),
    )  # fmt: skip


def _street_words(texts: pl.Series, words: Vocabulary) -> pl.DataFrame:
    """Return what each distinct street is made of, by its folded text `_text`."""
    tokens = pl.DataFrame({"_text": texts}).select("_text", pl.col("_text").str.split(" ").alias("word")).explode("word")  # fmt: skip
    canonical = pl.col("word").replace(dict(words.street_words))
    # `63rd` is the name of a street, no number in it.
    number = canonical.str.contains(r"^\d") & ~canonical.str.contains(r"^\d+(st|nd|rd|th)$")
    tokens = tokens.with_columns(number.alias("number"), canonical.alias("word"))
    tokens = tokens.with_columns(sound(tokens["word"]).alias("sound"))
    kept = ~pl.col("number") & (pl.col("word").str.len_chars() > 1)
    return tokens.group_by("_text", maintain_order=True).agg(
        pl.col("word").filter("number").first().alias("first_number"),
        pl.col("word").filter(kept).unique(maintain_order=True).alias("words"),
        pl.col("word").filter(kept).unique().sort().str.join(" ").alias("sorted_words"),
        pl.col("sound").filter(kept).unique(maintain_order=True).alias("street_sounds"),
        pl.col("sound").filter(kept).sort_by(pl.col("sound").filter(kept).str.len_chars(), descending=True, maintain_order=True)
        .first().alias("street_sound"),
    )  # fmt: skip


def _area(values: pl.DataFrame) -> pl.DataFrame:
    heard = sound(values["locality"]).alias("locality_sound")
    return values.with_columns(
        pl.col("postal_code").str.replace_all(" ", "").alias("postcode"), heard
    ).with_columns(
        pl.concat_str("postcode", "locality", separator=" ", ignore_nulls=True).replace("", None).alias("area")
    )  # fmt: skip


def compare_places(encoded: Encoded, pairs: pl.DataFrame) -> pl.DataFrame:
    """Add the levels of street and area, with chances of agreement."""
    name, values = encoded.feature.name, encoded.values
    looked_at = sides(
        values, pairs, "number", "digits", "unit", "place", "squeezed", "postcode", "locality",
        "place~", "area~", "foreign", "house_value",
    )  # fmt: skip
    both = overlap(encoded, pairs).hstack(looked_at.drop("va", "vb"))
    both = measured(both, "locality", "locality_b", _city=jaro_winkler)
    both = measured(both, "postcode", "postcode_b", _code=edits)
    houses = zip(both["house_value"], both["house_value_b"], strict=True)
    near = [are_neighbours(one, other) for one, other in houses]
    both = both.with_columns(pl.Series("neighbours", near, dtype=pl.Boolean))
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


def are_neighbours(one: int, other: int) -> bool:
    """Tell whether house numbers of three digits or more are near, or differ by a slip.

    That is one digit, or two neighbours swapped.
    """
    if min(one, other) < _LEAST:
        return False
    if abs(one - other) <= _NEXT:
        return True
    last_x, last_y, slips, swapped = 0, 0, 0, False
    while one > 0 and other > 0:
        x, y = one % 10, other % 10
        swapped = swapped or (slips == 1 and x == last_y and y == last_x and x != y)
        slips += x != y
        last_x, last_y, one, other = x, y, one // 10, other // 10
    return one == other and (slips == 1 or (slips == 2 and swapped))


def _street_level() -> pl.Expr:
    shared, a, b = pl.col("shared"), pl.col("only_a"), pl.col("only_b")
    ratio = (2 * shared / (2 * shared + a + b)).fill_nan(0.0)
    ratio = pl.when(_written_apart()).then(1.0).otherwise(ratio)
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
        .when((ratio >= 0.75) & pl.col("neighbours")).then(_LOOSE)
        .when((ratio >= 0.75) & ~no_number).then(_OTHER_NUMBER)
        .otherwise(0)
    )  # fmt: skip


def _written_apart() -> pl.Expr:
    """Tell whether streets differ in blanks only, or one goes on behind the other (Van Buren St)."""
    x, y = pl.col("squeezed"), pl.col("squeezed_b")
    long = pl.min_horizontal(x.str.len_chars(), y.str.len_chars()) >= _LONG
    return (long & (x.str.starts_with(y) | y.str.starts_with(x))).fill_null(value=False)


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
