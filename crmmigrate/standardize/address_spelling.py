"""Streets, towns and units in columns: the twins of `spell_street`, `spell_locality`, `spell_unit`."""

import re
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from crmmigrate.model.regions import AddressRules, RegionRules
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_patterns import UNIT_GROUPS
from crmmigrate.values.address_places import spell_locality
from crmmigrate.values.address_streets import order_units, spell_street, spell_unit
from crmmigrate.values.folding import fold

__all__ = ["folded", "once_worded", "spell_streets", "spell_towns", "spell_units"]

_MIXED = r"\p{Lu}.*\p{Ll}|\p{Ll}.*\p{Lu}"
"""Texts in both cases, which keep them."""

_LETTERS = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ß": "ss"}  # fmt: skip


def folded(text: pl.Expr) -> pl.Expr:
    """Return the lookup form of Latin text, as `values.folding.fold` does."""
    bare = text.str.to_lowercase().str.normalize("NFKD").str.replace_all("[\u0300-\u036f]", "")
    letters = bare.str.replace_many(list(_LETTERS), list(_LETTERS.values()))
    return letters.str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ").str.strip_chars(" ")


def _patched(column: pl.Series, hard: pl.Series, spell: Callable[[str], str]) -> pl.Series:
    """Replace the values that need it by what the scalar function makes of them."""
    distinct = column.filter(hard).unique().to_list()
    if not distinct:
        return column
    table = pl.DataFrame({"_from": distinct, "_to": [spell(t) for t in distinct]})
    frame = pl.DataFrame({"_from": column, "_hard": hard})
    joined = frame.join(table, on="_from", how="left", maintain_order="left")
    return joined.select(pl.when("_hard").then("_to").otherwise("_from")).to_series()


def spell_towns(column: pl.Series, rules: RegionRules) -> pl.Series:
    """Spell towns; only those in one case, with a stop at the end or with another name need it."""
    cities = grammar_of(rules).cities
    text = pl.col("t")
    hard = (
        ~text.str.contains(_MIXED) | text.str.ends_with(".") | text.str.contains("  ", literal=True)
    )
    if cities:
        hard |= folded(text).is_in(list(cities))
    flags = pl.DataFrame({"t": column}).select(hard).to_series()
    return _patched(column, flags, lambda town: spell_locality(town, rules))


def spell_streets(column: pl.Series, rules: RegionRules) -> pl.Series:
    """Spell streets, as `spell_street` does."""
    address = rules.address
    frame = pl.DataFrame({"t": column})
    mixed = pl.col("t").str.contains(_MIXED)
    if address.street_position == "before":
        easy, written = _before(frame, rules)
    elif address.street_position == "after":
        easy, written = _after(frame, address)
    else:
        easy, written = ~frame["t"].str.contains(_changing_tails(address)), frame["t"]
    hard = ~(frame.select(mixed).to_series() & easy)
    return _patched(column, hard, lambda street: spell_street(street, rules)).zip_with(
        hard, written
    )


def _changing_tails(address: AddressRules) -> str:
    """Return a pattern of the ends of streets that are written otherwise."""
    tails = {t for t, c in address.street_tails.items() if fold(t) != fold(c)}
    words = {w for w, c in address.street_types.items() if fold(w) != fold(c)}
    ends = sorted({*tails, *words}, key=lambda w: (-len(w), w))
    return rf"(?i)(?:{'|'.join(map(re.escape, ends)) or '!'})\.?$"


def _before(frame: pl.DataFrame, rules: RegionRules) -> tuple[pl.Series, pl.Series]:
    """Write the type at the beginning; what a type of several words may begin is not easy."""
    heads = frame["t"].str.extract(r"^([^ .]+(?:\.|/)? ?)", 1).fill_null("")
    known = {head: _head(head, rules) for head in heads.unique().to_list()}
    new = heads.replace_strict(known, default=None, return_dtype=pl.String)
    rest = frame["t"].str.slice(heads.str.len_chars())
    easy = new.is_not_null() & (rest != "") & ~frame["t"].str.ends_with(".")
    return easy, new.fill_null("") + rest


def _head(head: str, rules: RegionRules) -> str | None:
    """Return how the beginning of a street is written before any name; None if that depends on it."""
    bare = head.strip().rstrip("./").casefold()
    if bare in _first_words(rules):
        return None
    spelled = spell_street(f"{head}Xqz xqz", rules)
    return spelled[: -len("Xqz xqz")] if spelled.endswith("Xqz xqz") else None


@lru_cache(maxsize=512)
def _first_words(rules: RegionRules) -> frozenset[str]:
    """Return what may begin a type of several words, such as `eje` of `eje vial`."""
    return frozenset(
        word[:at]
        for word in rules.address.street_types
        for at, sign in enumerate(word)
        if not sign.isalpha() and word.rstrip(".") != word[:at]
    )


def _after(frame: pl.DataFrame, address: AddressRules) -> tuple[pl.Series, pl.Series]:
    """Write type and directions of `N Main Street NW`; two words before a direction are not easy."""
    table = _street_words(frame, address)
    long = pl.col("words") > 2
    turned = long & pl.col("dl").is_not_null()
    end = (
        pl.when(turned)
        .then(pl.coalesce("t2", "second") + pl.lit(" ") + pl.col("dl"))
        .otherwise(pl.coalesce("t1", "last"))
    )
    begin = pl.when(long & pl.col("d1").is_not_null()).then("d1").otherwise("first")
    middle = pl.when(turned).then("inner").when(long).then("middle")
    written = pl.concat_str([begin, middle, end], separator=" ", ignore_nulls=True)
    easy = (pl.col("words") == 2) | (long & ~(turned & (pl.col("words") == 3)))
    done = table.select(easy=easy, written=written)
    return done["easy"], done["written"]


def _street_words(frame: pl.DataFrame, address: AddressRules) -> pl.DataFrame:
    """Return the words of streets that may be directions (d1, dl) and types (t1, t2)."""
    text = pl.col("t")
    way = {w: d for w, d in address.directions.items() if " " not in w}
    ways = {**{w.rstrip(".,"): d for w, d in way.items()}, **way}

    def direction(name: str) -> pl.Expr:
        lower = pl.col(name).str.to_lowercase()
        bare = lower.str.strip_chars_end(".,")
        return pl.coalesce(
            bare.replace_strict(ways, default=None, return_dtype=pl.String),
            lower.replace_strict(way, default=None, return_dtype=pl.String),
        )

    return frame.select(
        first=text.str.extract("^([^ ]+) ", 1),
        last=text.str.extract(" ([^ ]+)$", 1),
        second=text.str.extract(" ([^ ]+) [^ ]+$", 1),
        inner=text.str.extract("^[^ ]+ (.*) [^ ]+ [^ ]+$", 1),
        middle=text.str.extract("^[^ ]+ (.*) [^ ]+$", 1),
        words=text.str.count_matches(" ", literal=True) + 1,
    ).with_columns(
        d1=direction("first"),
        dl=direction("last"),
        t1=_type("last", address),
        t2=_type("second", address),
    )


def _type(name: str, address: AddressRules) -> pl.Expr:
    """Return the written form of a street type in a column of words; null for other words."""
    changed = {w: c for w, c in address.street_types.items() if fold(w) != fold(c)}
    same = [w for w, c in address.street_types.items() if fold(w) == fold(c)]
    bare = pl.col(name).str.to_lowercase().str.strip_chars_end(".,")
    kept = pl.when(bare.is_in(same)).then(pl.col(name).str.strip_chars_end(".,"))
    return pl.coalesce(bare.replace_strict(changed, default=None, return_dtype=pl.String), kept)


def _unit_words(frame: pl.DataFrame) -> pl.Series:
    words = [pl.col(w).fill_null("") for w, _ in UNIT_GROUPS if w in frame.columns]
    return frame.select(_w=pl.concat_str(words, separator="\t"))["_w"]


def once_worded(frame: pl.DataFrame, rules: RegionRules) -> pl.Series:
    """Tell in which rows no word of a unit comes twice."""
    words = _unit_words(frame)

    def once(joined: str) -> bool:
        written = [spell_unit(word, "", rules) for word in joined.split("\t") if word]
        return len(set(written)) == len(written)

    known = {joined: once(joined) for joined in words.unique().to_list()}
    return words.replace_strict(known, default=False, return_dtype=pl.Boolean)


def spell_units(frame: pl.DataFrame, rules: RegionRules) -> pl.Series:
    """Write units with the region's words and in its order, as `order_units` does."""
    values = [pl.col(v).str.to_uppercase() for _, v in UNIT_GROUPS if v in frame.columns]
    words = _unit_words(frame)
    known = {joined: _ordered(joined.split("\t"), rules) for joined in words.unique().to_list()}
    shape = words.replace_strict(known, default=None, return_dtype=pl.String)
    return _filled(shape, frame.select(v=pl.concat_list(values))["v"])


_PLACES = tuple(chr(0xE000 + at) for at in range(len(UNIT_GROUPS)))
"""Private characters in place of values."""


def _ordered(words: list[str], rules: RegionRules) -> str:
    """Return the units in order, with a private character in place of each value."""
    units = [spell_unit(word, _PLACES[at], rules) for at, word in enumerate(words) if word]
    return order_units(units, rules)


def _filled(shapes: pl.Series, values: pl.Series) -> pl.Series:
    table = pl.DataFrame({"s": shapes, "v": values})
    text: pl.Expr = pl.col("s")
    for at in range(len(UNIT_GROUPS)):
        value = pl.col("v").list.get(at, null_on_oob=True).fill_null("")
        text = text.str.replace_all(_PLACES[at], value, literal=True)
    return table.select(pl.when(pl.col("s") != "").then(text)).to_series()
