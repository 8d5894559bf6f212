"""Labels, extensions and notes around one number, cut off."""

from collections.abc import Sequence

import polars as pl

from crmmigrate.values.phone_cells import PhoneWords

__all__ = ["cut_surroundings"]

_CLASS = r"[0-9 ().\u00a0/\-\u2010-\u2015]"


def cut_surroundings(rows: pl.DataFrame, kinds: Sequence[PhoneWords]) -> pl.DataFrame:
    """Read what stands around a number.

    Args:
        rows: `_at`, `text` (with some number) and `_words` (which of the kinds).
        kinds: Words of regions.

    Returns:
        `_at`, `number` (with signs behind it that may belong to it), `extension`, `note`, `labelled`
        (nothing but a label is cut), `trailing` (a word is behind it) and `typed` (that is a label),
        only of texts with nothing else.
    """
    number, trailing = pl.col("number"), pl.col("trailing")
    extended = pl.col("extension").is_null() | number.str.contains(r"[0-9)]\s*$")
    notes = _notes()
    return (
        _cut_each(rows, list(kinds))
        .filter(extended)
        .select(
            "_at",
            "number",
            "extension",
            note=pl.when(notes != "").then(notes),
            labelled=pl.col("bracketed").is_null() & trailing.is_null(),
            trailing=trailing.is_not_null(),
            typed=pl.col("typed").fill_null(value=False),
        )
    )


def _notes() -> pl.Expr:
    label = pl.col("label").str.strip_chars(" .:")
    return pl.concat_str(label, "bracketed", "trailing", separator=", ", ignore_nulls=True)


def _cut_each(rows: pl.DataFrame, known: list[PhoneWords]) -> pl.DataFrame:
    """Add `label`, `number`, `extension`, `bracketed`, `trailing` and `typed`; leave out other cells."""
    parts = []
    for number, words in enumerate(known):
        group = rows.filter(pl.col("_words") == number)
        if group.height:
            cut = group["text"].str.extract_groups(_pattern(words)).struct.unnest()
            cut.columns = list(_PARTS)
            typed = pl.col("trailing").str.contains(rf"(?i)^(?:{words.labels})$")
            cut = cut.with_columns(typed=typed)
            parts.append(pl.concat([group, cut], how="horizontal"))
    nothing = (pl.lit(None, pl.String).alias(name) for name in _PARTS)
    empty = rows.clear().with_columns(*nothing, typed=pl.lit(value=False))
    return pl.concat([empty, *parts]).filter(pl.col("number").is_not_null())


_PARTS = ("label", "number", "extension", "bracketed", "trailing")


def _pattern(words: PhoneWords) -> str:
    number = rf"\+?\(?\+?[0-9]{_CLASS}{{2,28}}?"
    label = rf"((?:{words.labels})\.?|[{words.letters}][.:])(?:[\s.]*[0-9]?\s*:|[\s.:]*)[ :.-]*"
    mark = rf"[\s,;)]*[(]?\s*(?:ext=|(?:ext\.?|x|#|{words.marks})[\s.:]*)([0-9]{{1,7}})\)?"
    bracketed = r"\s*[(\[]\s*([^0-9()\[\]{}<>+\s][^0-9()\[\]{}<>+]*?)\s*[)\]]"
    trailing = r"[\s,;:–—-]+(\pL[^0-9\s:,;/()\[\]]*)"
    return rf"(?i)^(?:{label})?({number})(?:{mark})?(?:{bracketed}|{trailing})?$"
