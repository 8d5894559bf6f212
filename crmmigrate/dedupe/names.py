"""Compare names of persons as a whole: either order, initials, nicknames, other scripts."""

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
from crmmigrate.dedupe.fold import fold, sound, squash
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import part_column

__all__ = ["FAMILY_LEVELS", "GIVEN_LEVELS", "SUFFIX_LEVELS", "compare_names", "encode_names"]

GIVEN_LEVELS = (
    Level("different", 0.03, 0.97),
    Level("similar", 0.02, 0.01),
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

_DIFFERENT, _SIMILAR, _MANGLED, _INITIAL, _TYPO, _NICKNAME, _PARTIAL, _EXACT = range(8)
_F_SIMILAR, _F_MANGLED, _F_TYPO, _F_PARTIAL, _F_EXACT = range(1, 6)


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
    return Encoded(feature, evidence, ids, values)


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
    return values.with_columns(
        first.alias("first"),
        first.replace(dict(words.nicknames)).alias("nick"),
        generation.alias("suffix"),
        sounds.alias("sorted"),
        sound(first).alias("given_sound"),
        sound(pl.col("family")).alias("family_sound"),
        first.str.slice(0, 1).alias("initial"),
        pl.col("family").str.split(" ").list.first().replace(dict(words.nicknames)).alias("family_nick"),
    ).with_columns(
        sound(pl.col("nick")).alias("nick_sound"),
        pl.concat_list("given_sound", "family_sound").list.drop_nulls().list.sort().list.join(" ")
        .alias("any_order"),
        pl.col("full").str.replace_all(r"\b[a-z]\b", "").str.split(" ").list.unique()
        .list.eval(pl.element().filter(pl.element().str.len_chars() > 1)).alias("words"),
    ).select(
        VALUE_ID, "shown", "foreign", "given", "family", "suffix", "first", "nick", "sorted",
        "given_sound", "nick_sound", "family_sound", "initial", "any_order", "words", "family_nick", "_count",
    )  # fmt: skip


def compare_names(values: pl.DataFrame, pairs: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add the levels of given name, family name and generation, with chances of agreement.

    Args:
        values: `Encoded.values`.
        pairs: Distinct pairs `va`, `vb` of value ids.
        name: Name of the feature, prefix of the evidence.
    """
    both = _both_sides(values, pairs)
    both = both.with_columns(
        _levels(both, values, "given", "given").alias("straight_given"),
        _levels(both, values, "family", "family").alias("straight_family"),
    )
    both = _crossed(both, values)
    swap = pl.col("swap")
    known_given = (pl.col("given_a").is_not_null() & pl.col("given_b").is_not_null()) | swap
    known_family = (pl.col("family_a").is_not_null() & pl.col("family_b").is_not_null()) | swap
    same = (pl.col("sorted_a") == pl.col("sorted_b")).fill_null(False)
    other = pl.col("foreign_a") != pl.col("foreign_b")
    given = _either_way("given", _EXACT, _TYPO, same, other)
    family = _either_way("family", _F_EXACT, _F_TYPO, same, other)
    return both.select(
        "va",
        "vb",
        pl.when(known_given | same).then(given).cast(pl.Int8).alias(f"{name}.given"),
        pl.min_horizontal("given~_a", "given~_b").alias(f"{name}.given~"),
        pl.when(known_family | same).then(family).cast(pl.Int8).alias(f"{name}.family"),
        pl.min_horizontal("family~_a", "family~_b").alias(f"{name}.family~"),
        (pl.col("suffix_a") == pl.col("suffix_b")).cast(pl.Int8).alias(f"{name}.suffix"),
    )


def _either_way(role: str, exact: int, typo: int, same: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return the level of a role in the order that fits, straight or crossed.

    A transliteration (`other` script) that does not agree proves nothing.
    """
    level = (
        pl.when(same)
        .then(exact)
        .when(pl.col("swap"))
        .then(f"crossed_{role}")
        .otherwise(f"straight_{role}")
    )
    return pl.when(other & (level < typo)).then(None).otherwise(level)


def _both_sides(values: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return what is needed of both values of each pair, texts by the numbers of `_spelt`."""
    side = values.select(
        *(pl.col(c).rank("dense").alias(c) for c in ("given", "family", "suffix", "sorted")),
        "foreign", "given~", "family~",
    )  # fmt: skip
    columns = [pairs["va"], pairs["vb"]]
    for end, ids in (("a", pairs["va"]), ("b", pairs["vb"])):
        columns += [c.gather(ids).alias(f"{c.name}_{end}") for c in side.get_columns()]
    return pl.DataFrame(columns)


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


def _levels(both: pl.DataFrame, values: pl.DataFrame, one: str, other: str) -> pl.Series:
    """Compare names of one role with names of another, each two texts once.

    As given names if `one` is the given name, else as family names.
    """
    packed = both.select(
        (pl.col(f"{one}_a").cast(pl.UInt64) * 2**32 + pl.col(f"{other}_b")).alias("texts")
    )
    distinct = packed["texts"].drop_nulls().unique()
    sides = []
    for end, role, ids in (("a", one, distinct // 2**32), ("b", other, distinct % 2**32)):
        table = _spelt(values, role)
        at = (ids - 1).cast(pl.UInt32)
        sides += [c.gather(at).alias(f"{c.name}_{end}") for c in table.get_columns()]
    compare = _given_level if one == "given" else _family_level
    levels = compare(pl.DataFrame(sides)).with_columns(distinct.alias("texts"))
    return packed.join(levels, on="texts", how="left", maintain_order="left")["level"]


def _crossed(both: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Compare given with family names where the straight comparison fails."""
    poor = (pl.col("straight_given") < _TYPO).fill_null(value=False) & (
        pl.col("straight_family") < _F_TYPO
    ).fill_null(value=True)
    both = both.with_row_index("p")
    crossed = both.filter(poor)
    crossed = crossed.with_columns(
        _levels(crossed, values, "given", "family").alias("crossed_given"),
        _levels(crossed, values, "family", "given").alias("crossed_family"),
    )
    one, other = pl.col("crossed_given"), pl.col("crossed_family")
    both_good = (one >= _INITIAL) & (other >= _F_TYPO)
    # Only one name agrees: it is the given name that stands in the wrong place.
    first = (one >= _TYPO) & (pl.col("straight_given") < _MANGLED)
    second = (other >= _F_TYPO) & (pl.col("straight_given") < _MANGLED)
    crossed = crossed.with_columns(
        pl.when(both_good | first).then(one).when(second).then(_EXACT).alias("crossed_given"),
        pl.when(both_good | first).then(other).when(second).then(_DIFFERENT)
        .alias("crossed_family"),
        (both_good | first | second).fill_null(value=False).alias("swap"),
    ).filter("swap").select("p", "crossed_given", "crossed_family", "swap")  # fmt: skip
    return both.join(crossed, on="p", how="left", maintain_order="left").with_columns(
        pl.col("swap").fill_null(False)
    )


def _given_level(both: pl.DataFrame) -> pl.DataFrame:
    both = measured(both, "text_a", "text_b", _jw=jaro_winkler, _edits=edits)
    x, y, fx, fy = (pl.col(c) for c in ("text_a", "text_b", "first_a", "first_b"))
    short = pl.min_horizontal(fx.str.len_chars(), fy.str.len_chars())
    initial = (short == 1) & (fx.str.slice(0, 1) == fy.str.slice(0, 1))
    shared = x.str.split(" ").list.set_intersection(y.str.split(" "))
    partial = shared.list.eval(pl.element().str.len_chars()).list.max() > 2
    nick = pl.col("nick_a") == pl.col("nick_b")
    prefix = (short >= 3) & (fx.str.starts_with(fy) | fy.str.starts_with(fx))
    level = (
        pl.when(squash(x) == squash(y)).then(_EXACT)
        .when(initial).then(_INITIAL)
        .when(partial).then(_PARTIAL)
        .when(nick).then(_NICKNAME)
        .when(_gendered(fx, fy)).then(_SIMILAR)
        .when(prefix).then(_NICKNAME)
        .when(_close(x, y) & _established()).then(_SIMILAR)
        .when(_close(x, y)).then(_TYPO)
        .when(_mangled(x, y) & ~_established()).then(_MANGLED)
        .otherwise(_DIFFERENT)
    )  # fmt: skip
    return both.select(level.cast(pl.Int8).alias("level"))


def _family_level(both: pl.DataFrame) -> pl.DataFrame:
    both = measured(both, "text_a", "text_b", _jw=jaro_winkler, _edits=edits)
    x, y = pl.col("text_a"), pl.col("text_b")
    shared = x.str.split(" ").list.set_intersection(y.str.split(" "))
    partial = shared.list.eval(pl.element().str.len_chars()).list.max() > 2
    married = (x + "ova" == y) | (y + "ova" == x) | (x + "a" == y) | (y + "a" == x)
    level = (
        pl.when(squash(x) == squash(y)).then(_F_EXACT)
        .when(partial).then(_F_PARTIAL)
        .when(married).then(_F_TYPO)
        .when(_close(x, y) & _established()).then(_F_SIMILAR)
        .when(_close(x, y)).then(_F_TYPO)
        .when(_mangled(x, y) & ~_established()).then(_F_MANGLED)
        .otherwise(0)
    )  # fmt: skip
    return both.select(level.cast(pl.Int8).alias("level"))


def _close(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    longest = pl.max_horizontal(x.str.len_chars(), y.str.len_chars())
    one = (pl.col("_edits") <= 1) & (longest >= 4)
    two = (pl.col("_edits") <= 2) & ((pl.col("_jw") >= 0.9) | (longest >= 8))
    near = (pl.col("_jw") >= 0.93) & (longest >= 6)
    alike = (pl.col("sound_a") == pl.col("sound_b")) & (pl.col("sound_a").str.len_chars() >= 3)
    return (one | two | near | (alike & (pl.col("_jw") >= 0.75))).fill_null(False)


def _mangled(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    """Much alike, but damaged: `aessicj` and `jessica`."""
    longest = pl.max_horizontal(x.str.len_chars(), y.str.len_chars())
    return ((pl.col("_jw") >= 0.78) | (pl.col("_edits") <= 0.45 * longest)) & (longest >= 4)


def _established() -> pl.Expr:
    """Both spellings are common: rather two names than one with a slip."""
    few = pl.min_horizontal("holders_a", "holders_b")
    many = pl.max_horizontal("holders_a", "holders_b")
    return (few >= 4) & (few * 20 >= many)


def _gendered(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    """Forms for a man and a woman: Daniel and Daniela, Mario and Maria, Andrei and Andreea."""
    ending = r"^(a|e|o|i|u|ia|ea|ina|ine|ana|ela|le|la|ette)$"
    found: pl.Expr = pl.lit(value=False)
    for short, long in ((x, y), (y, x)):
        stem = short.str.replace(r"[aeiou]$", "")
        rest = long.str.slice(stem.str.len_chars())
        added = long.str.starts_with(stem) & rest.str.contains(ending)
        found = found | (added & (stem.str.len_chars() >= 3) & (short.str.len_chars() >= 4))
    feminine = r"(a|ine|ette|elle|[^aeiou]e)$"
    return found & (x.str.contains(feminine) != y.str.contains(feminine))
