"""Plain names of organizations, without the scalar reading.

A name is plain if it is words, and at most one known legal form behind them: `Nord Wind GmbH`.
What a form becomes is read once for each spelling by the scalar reading, behind a made-up name; so
both agree. Every name with anything else that may be a form is left to the scalar reading.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import polars as pl

from crmmigrate.model.regions import LegalForm
from crmmigrate.values.legal_forms import FOLDED, FormBook, form_book, form_key
from crmmigrate.values.organizations import front_keys, read_organization
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["read_plain_organizations"]

_LETTER = r"[\p{Latin}\p{Greek}\p{Cyrillic}0-9]"
_WORD = rf"{_LETTER}+(?:[-'’&]{_LETTER}+)*"
_SHAPE = rf"^{_WORD},?(?: (?:[\p{{Latin}}\p{{Greek}}\p{{Cyrillic}}0-9.&/'’-]+,?)){{0,5}}$"
_BASE = rf"^{_WORD}(?:(?: &)? {_WORD})*$"
_MOST = 6
"""Words of a plain name, its form included."""


def read_plain_organizations(
    group: pl.DataFrame, region: str | None, rules: tuple[LegalForm, ...]
) -> pl.DataFrame:
    """Read the plain names of one region.

    Args:
        group: Columns `_at` and `text`.
        region: The region of the names.
        rules: Legal forms that the region's own rules name.

    Returns:
        `_at`, `value`, `base_name`, `legal_form`, `legal_form_code`, `status` and `codes`, only of
        the names that were read.
    """
    cut = _cut(group, _keys(region, rules))
    forms = _forms(cut, form_book(region, rules))
    read = cut.join(forms, on=["tail", "lone"], how="left", maintain_order="left", nulls_equal=True)
    plain = read.filter((pl.col("width") == 0) | pl.col("written").is_not_null())
    base = pl.col("base")
    loud = (
        base.str.contains(" ", literal=True)
        & base.str.contains(r"\p{L}.*\p{L}")
        & ((base == base.str.to_uppercase()) | (base == base.str.to_lowercase()))
        & (base.str.to_uppercase() != base.str.to_lowercase())
        & (base.str.len_chars() > 3)
    )
    value = pl.concat_str("base", "written", separator=" ", ignore_nulls=True)
    return plain.with_columns(value=value, loud=loud).select(
        "_at",
        "value",
        "legal_form",
        "legal_form_code",
        base_name="base",
        status=pl.when(pl.col("value") == pl.col("text"))
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("normalised")),
        codes=_codes(pl.col("value") != pl.col("text"), pl.col("loud")),
    )


def _codes(changed: pl.Expr, loud: pl.Expr) -> pl.Expr:
    def told(*codes: str) -> pl.Expr:
        return pl.lit(list(codes), dtype=pl.List(pl.String))

    return (
        pl.when(changed & loud)
        .then(told("STD251", "STD254"))
        .when(changed)
        .then(told("STD251"))
        .when(loud)
        .then(told("STD254"))
        .otherwise(told())
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys of forms, as `form_key` makes them.

    Attributes:
        known: Those that may stand at the end.
        before: Those that may stand before another one, and what together with another is a third.
        within: Those that are a form in the middle of a name, too.
        front: Those that are a form at the start, or dropped there.
        starts: Everything that one at the start begins with.
        phrases: Forms of several words in the middle of a name.
    """

    known: pl.Series
    before: pl.Series
    within: pl.Series
    front: pl.Series
    starts: pl.Series
    phrases: str


@cache
def _keys(region: str | None, rules: tuple[LegalForm, ...]) -> _Keys:
    book = form_book(region, rules)
    entries = {
        key: entry for key in (*book.own, *book.foreign) if key and (entry := book.find(key))
    }
    ends = {*entries, *(form_key(entry.canonical) for entry in entries.values())}
    before = {key[:at] for key in entries for at in range(1, len(key)) if key[at:] in ends}
    before |= {key for key, entry in entries.items() if entry.short}
    front = front_keys(book)
    starts = {key[:at] for key in front for at in range(1, len(key) + 1)}
    phrases = "|".join(map(re.escape, sorted(key for key in book.within if len(key) > _SHORT)))
    return _Keys(
        _series(entries),
        _series(before),
        _series(book.within),
        _series(front),
        _series(starts),
        phrases,
    )


def _series(keys: Iterable[str]) -> pl.Series:
    return pl.Series(sorted(keys), dtype=pl.String).implode()


_SHORT = 5
"""No form of several words has a key as short as this."""


@cache
def _placeholders() -> pl.Series:
    return _series(placeholder_words(tests=True))


def _cut(group: pl.DataFrame, keys: _Keys) -> pl.DataFrame:
    """Keep the plain names, cut into `base` and `tail`; `width` is 0 where no form stands behind."""
    whole = pl.col("text")
    nothing = whole.str.to_lowercase().is_in(_placeholders())
    rows = group.filter(whole.str.contains(_SHAPE) & ~whole.str.ends_with(",") & ~nothing).select(
        "_at", "text", words=whole.str.split(" "), keys=_folded(whole).str.split(" ")
    )
    rows = rows.with_columns(count=pl.col("words").list.len().cast(pl.Int64))
    known = (
        (
            pl.col("keys").list.tail(width).list.join("").is_in(keys.known)
            & (pl.col("count") > width)
        ).alias(f"_{width}")
        for width in range(1, _MOST)
    )
    rows = rows.with_columns(known)
    wide = [pl.when(f"_{width}").then(width) for width in range(_MOST - 1, 0, -1)]
    rows = rows.with_columns(width=pl.coalesce(*wide, 0).cast(pl.Int64)).with_columns(
        base=pl.col("words").list.head(pl.col("count") - pl.col("width")).list.join(" "),
        tail=pl.col("words").list.tail("width").list.join(" "),
        own=pl.col("keys").list.head(pl.col("count") - pl.col("width")),
        lone=pl.col("count") - pl.col("width") == 1,
    )
    behind = pl.col("width") > 0
    bare = pl.when(behind).then(pl.col("base").str.strip_chars_end(",")).otherwise("base")
    return rows.with_columns(base=bare).filter(
        pl.col("base").str.contains(_BASE),
        ~_has_more_forms(keys),
    )


def _has_more_forms(keys: _Keys) -> pl.Expr:
    """Tell whether anything of the name itself may be a form, or part of one."""
    own, size = pl.col("own"), pl.col("count") - pl.col("width")
    more = own.list.join("").is_in(keys.starts)
    more |= own.list.eval(pl.element().is_in(keys.within)).list.any()
    if keys.phrases:
        more |= own.list.join("").str.contains(keys.phrases)
    for width in range(1, _MOST):
        more |= (size >= width) & own.list.head(width).list.join("").is_in(keys.front)
        tail = own.list.tail(width).list.join("").is_in(keys.before)
        more |= (pl.col("width") > 0) & (size > width) & tail
    return more


def _folded(text: pl.Expr) -> pl.Expr:
    """Return `form_key` of each word."""
    lower = text.str.replace_all("İ", "i", literal=True).str.to_lowercase()
    folded = lower.str.replace_many(list(FOLDED), list(FOLDED.values())).str.normalize("NFKD")
    return folded.str.replace_all(r"\p{M}|[.,'’/_–-]", "")


def _forms(cut: pl.DataFrame, book: FormBook) -> pl.DataFrame:
    """Read each spelling of a form once, behind a made-up name."""
    tails = cut.filter(pl.col("width") > 0).select("tail", "lone").unique()
    read = [_form(tail, book, lone=lone) for tail, lone in tails.iter_rows()]
    names = ("written", "legal_form", "legal_form_code")
    columns = {
        name: pl.Series([row[at] for row in read], dtype=pl.String) for at, name in enumerate(names)
    }
    return tails.with_columns(**columns)


def _form(tail: str, book: FormBook, *, lone: bool) -> tuple[str | None, str | None, str | None]:
    name = _MADE_UP if lone else f"{_MADE_UP} {_MADE_UP}"
    reading = read_organization(f"{name} {tail}", book)
    written = reading.value.removeprefix(f"{name} ")
    glued = tail.endswith(written) and tail != written
    if written == reading.value or reading.name.base_name != name or glued:
        return None, None, None
    return written, reading.name.legal_form or None, reading.name.legal_form_code or None


_MADE_UP = "Qzorvakwynim"
"""A word that is no form, nor part of one."""
