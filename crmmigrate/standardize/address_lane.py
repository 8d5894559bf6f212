"""Plain addresses, vectorised: the twin of `values.address_plain`.

Every region is read by its own patterns; what they cover gets its parts by expressions, and the line
and what is said about it by a template, which the scalar functions make once for each set of parts.
Names in one case, abbreviations and other names of towns are spelled once for each distinct value.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.address_spelling import (
    folded,
    once_worded,
    spell_streets,
    spell_towns,
    spell_units,
)
from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_outcome import AddressReading, tell
from crmmigrate.values.address_patterns import (
    JOINED,
    LETTERS,
    SEPARATORS,
    THAI,
    UNIT_GROUPS,
    Plain,
    plain_of,
)
from crmmigrate.values.address_plain import announce, spell_counted
from crmmigrate.values.address_validity import KEY_LENGTH, misplaced, validity
from crmmigrate.values.countries import country_code
from crmmigrate.values.folding import fold
from crmmigrate.values.outcome import Outcome

__all__ = ["read_plain_addresses"]

_PARTS = PARTS[SemanticType.POSTAL_ADDRESS]
_CLEAN = rf"^[{LETTERS}{THAI}ฯªº0-9 ,.\n'’\-/()]*$"
_LONGEST = 200


def read_plain_addresses(
    rows: pl.DataFrame, book: RegionBook
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Read what is plain.

    Args:
        rows: `_at`, `text` and `_region`; the text is the only column that is filled.
        book: Rules of all regions.

    Yields:
        Row numbers and their outcomes; rows that are not plain are left out.
    """
    clean = rows.filter(
        (pl.col("text").str.len_bytes() <= _LONGEST) & pl.col("text").str.contains(_CLEAN)
    ).with_columns(
        _joined=pl.col("text")
        .str.replace_all(SEPARATORS, JOINED)
        .str.replace_all(" {2,}", " ")
        .str.strip_chars(" ")
    )
    for group in clean.partition_by("_region", include_key=True):
        rules = book.get(group["_region"][0])
        plain = plain_of(rules)
        if plain is not None:
            yield from _by_region(group, rules, plain)


def _by_region(
    group: pl.DataFrame, rules: RegionRules, plain: Plain
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    left = group
    for pattern in plain.patterns:
        if left.is_empty():
            return
        found = left.with_columns(pl.col("_joined").str.extract_groups(pattern).alias("_groups"))
        street = pl.col("_groups").struct.field("street")
        matched = found.filter(street.is_not_null())
        left = found.filter(street.is_null()).drop("_groups")
        if not matched.is_empty():
            yield from _read(matched.unnest("_groups"), rules, plain)


def _read(
    matched: pl.DataFrame, rules: RegionRules, plain: Plain
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Give the rows of one pattern their parts, then group them by the parts they have."""
    given = set(matched.columns)
    blank = [pl.col(n).replace("", None) for n in _OPTIONAL if n in given]
    frame = _spelled(_accepted(matched.with_columns(blank), rules, plain, given), rules, given)
    present = [part for part in _PARTS if part in frame.columns]
    if "region" in given:
        frame = frame.with_columns(_owners(frame, rules))
    frame = frame.with_columns(
        _kind=pl.concat_str(
            [
                *(pl.col(p).is_null().cast(pl.UInt8) for p in present),
                *(_repeats(part, present).cast(pl.UInt8) for part in _ONCE),
                _is_owned(frame),
                pl.col("_regrouped").cast(pl.UInt8),
            ]
        )
    )
    for kind in frame.partition_by("_kind"):
        signs = kind["_kind"][0]
        parts = tuple(p for p, empty in zip(present, signs, strict=False) if empty == "0")
        twice = tuple(p for p, s in zip(_ONCE, signs[len(present) :], strict=False) if s == "1")
        shape = Shape(parts, twice, regrouped=signs[-1] == "1", elsewhere=signs[-2] == "1")
        yield from _told(kind, shape, rules)


_ONCE = ("region", "dependent_locality")
"""Parts that the line leaves out where they say the same as the town."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What rows have in common that one template can tell.

    Attributes:
        parts: Parts they have.
        twice: Parts that say the same as the town.
        regrouped: Whether their postcodes were written otherwise.
        elsewhere: Whether their postcodes belong to another province.
    """

    parts: tuple[str, ...]
    twice: tuple[str, ...]
    regrouped: bool
    elsewhere: bool


def _owners(frame: pl.DataFrame, rules: RegionRules) -> pl.Series:
    """Return the province that each postcode belongs to, where it is not the written one."""
    key = frame.select(key=pl.col("postal_code").str.head(KEY_LENGTH), region="region")
    pairs = key.drop_nulls().unique()
    owners = [misplaced(code, region, rules) for code, region in pairs.iter_rows()]
    table = pairs.with_columns(_owner=pl.Series(owners, dtype=pl.String))
    return key.join(table, on=["key", "region"], how="left", maintain_order="left")["_owner"]


def _is_owned(frame: pl.DataFrame) -> pl.Expr:
    if "_owner" not in frame.columns:
        return pl.lit(0, dtype=pl.UInt8)
    return pl.col("_owner").is_not_null().cast(pl.UInt8)


def _repeats(part: str, present: list[str]) -> pl.Expr:
    if part not in present:
        return pl.lit(value=False)
    return (folded(pl.col(part)) == folded(pl.col("locality"))).fill_null(value=False)


_OPTIONAL = (
    "house_number",
    "dependent_locality",
    "locality",
    "region",
    "postal_code",
    "country",
    "sign",
    *(n for p in UNIT_GROUPS for n in p),
)


def _accepted(
    matched: pl.DataFrame, rules: RegionRules, plain: Plain, given: set[str]
) -> pl.DataFrame:
    """Keep rows whose names hold no announcing word, and whose codes and country are the region's."""
    written = pl.col("postal_code")
    code = written.str.to_uppercase()
    grouped = _grouped(code, rules)
    names = [n for n in ("street", "locality", "dependent_locality") if n in given]
    held = pl.any_horizontal(_holds(n, plain, given) for n in names)
    shaped = pl.col("_grouped_code").str.contains(f"^(?:{plain.postcode})$")
    frame = matched.with_columns(_grouped_code=grouped, _code=written).filter(
        ~held & shaped.fill_null(value=True)
    )
    if "region" in given:
        frame = _mapped(frame, "region", lambda text: grammar_of(rules).provinces.get(fold(text)))
    if "u1" in given:
        frame = frame.filter(pl.Series(once_worded(frame, rules)))
    if "country" in given:
        own = rules.code
        frame = _mapped(
            frame,
            "country",
            lambda text: own if country_code(text, rules.languages) == own else None,
        )
    return frame


def _holds(name: str, plain: Plain, given: set[str]) -> pl.Expr:
    """Tell which names hold more than a name: an announcing word, or a province at their end."""
    text = pl.col(name)
    ended = text.str.contains(plain.ending)
    if name == "street" and "house_number" in given:
        ended &= pl.col("house_number").is_null()
    return (text.str.contains(plain.guard) | ended).fill_null(value=False)


def _mapped(frame: pl.DataFrame, name: str, read: Callable[[str], str | None]) -> pl.DataFrame:
    """Replace a column by what its few distinct values mean; rows with unknown values go."""
    distinct = frame[name].drop_nulls().unique().to_list()
    known = {text: found for text in distinct if (found := read(text)) is not None}
    kept = pl.col(name).is_null() | pl.col(name).is_in(list(known))
    return frame.filter(kept).with_columns(
        pl.col(name).replace_strict(known, default=None, return_dtype=pl.String)
    )


def _grouped(code: pl.Expr, rules: RegionRules) -> pl.Expr:
    """Write postcodes in their canonical grouping, as `group_postcode` does."""
    address = rules.address
    if address.postcode_format.startswith("-"):
        behind = int(address.postcode_format[1:])
        compact = code.str.replace(" ", "", literal=True)
        return compact.str.head(-behind) + " " + compact.str.tail(behind)
    shape = re.fullmatch(r"(\d+)([ -])(\d+)", address.postcode_format)
    if shape is None or int(shape[1]) == address.postcode_width:
        return code
    return code.str.head(int(shape[1])) + shape[2] + code.str.tail(int(shape[3]))


def _spelled(frame: pl.DataFrame, rules: RegionRules, given: set[str]) -> pl.DataFrame:
    """Spell the parts."""
    changed = (pl.col("_grouped_code") != pl.col("_code")).fill_null(value=False)
    signed = pl.col("sign").is_not_null() if "sign" in given else pl.lit(value=False)
    parts: dict[str, pl.Expr | pl.Series] = {
        "street": spell_streets(frame["street"], rules),
        "locality": spell_towns(_announced(frame, "locality", rules), rules),
        "postal_code": pl.col("_grouped_code"),
        "_regrouped": changed | signed,
    }
    if "house_number" in given:
        parts["house_number"] = _counted(frame["house_number"], rules)
    if "dependent_locality" in given:
        spelled = _by_distinct(frame["dependent_locality"], spell_case)
        frame = frame.with_columns(dependent_locality=spelled)
        parts["dependent_locality"] = _announced(frame, "dependent_locality", rules)
    if "u1" in given:
        parts["unit"] = spell_units(frame, rules)
    return frame.with_columns(**parts)


def _counted(column: pl.Series, rules: RegionRules) -> pl.Series:
    """Write house numbers; few distinct texts say that there is none."""
    numbered = column.str.contains("[0-9]").fill_null(value=True)
    none = _by_distinct(column.set(numbered, None), lambda text: spell_counted(text, rules))
    return column.str.to_uppercase().zip_with(numbered, none)


def _announced(frame: pl.DataFrame, part: str, rules: RegionRules) -> pl.Series:
    """Put the canonical word of its level before a name, where one is written."""
    if f"{part}_word" not in frame.columns:
        return frame[part]
    words = frame[f"{part}_word"].replace("", None)
    known = {word: announce(word, rules) for word in words.drop_nulls().unique().to_list()}
    written = words.replace_strict(known, default=None, return_dtype=pl.String)
    return written.fill_null("") + frame[part]


def _by_distinct(column: pl.Series, spell: Callable[[str], str]) -> pl.Series:
    distinct = column.drop_nulls().unique().to_list()
    return column.replace_strict(
        {t: spell(t) for t in distinct}, default=None, return_dtype=pl.String
    )


_MARK = "Xq{}q"
_MARKS = re.compile(r"Xq(\d+)q")


@lru_cache(maxsize=8192)
def _template(shape: Shape, rules: RegionRules) -> Outcome:
    """Return what is said about addresses of a shape, with a mark in place of each part."""
    marked = {part: _MARK.format(at) for at, part in enumerate(shape.parts)}
    marked |= dict.fromkeys(shape.twice, marked.get("locality", ""))
    if "country" in marked:
        marked["country"] = rules.code
    codes = ("STD321",) if shape.regrouped else ()
    owner = _MARK.format(len(shape.parts)) if shape.elsewhere else None
    return tell(AddressReading(marked, codes, rules), owner)


def _filled(template: str | None, columns: tuple[str, ...]) -> pl.Expr:
    """Return an expression that puts the parts back into a template."""
    if template is None:
        return pl.lit(None, dtype=pl.String)
    pieces = enumerate(_MARKS.split(template))
    filled = [pl.col(columns[int(x)]) if at % 2 else pl.lit(x) for at, x in pieces if x]
    return pl.concat_str(filled)


def _told(
    rows: pl.DataFrame, shape: Shape, rules: RegionRules
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Add line, status and codes to rows of one shape."""
    outcome = _template(shape, rules)
    columns = (*shape.parts, "_owner")
    frame = rows.with_columns(value=_filled(outcome.value, columns))
    same = pl.col("value") == pl.col("text")
    told = frame.select(
        "value",
        *shape.parts,
        validity=pl.lit(validity(outcome.codes)),
        status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit(outcome.status)),
        codes=pl.when(same).then(_list(outcome.codes[1:])).otherwise(_list(outcome.codes)),
        message=_filled(outcome.message, columns),
        confidence=pl.lit(outcome.confidence),
    )
    yield frame["_at"], fast_frame(told, _PARTS)


def _list(codes: tuple[str, ...]) -> pl.Expr:
    return pl.lit(list(codes), dtype=pl.List(pl.String))
