"""Labels, extensions and notes around one number, cut off.

Cells are many, but what stands around their numbers is much the same everywhere: each surrounding is
read once, with any number in its middle and its own digits masked.
"""

from collections.abc import Mapping

import polars as pl

from crmmigrate.values.phone_cells import PhoneWords

__all__ = ["cut_words"]

_CLASS = r"[0-9 ().\u00a0/\-\u2010-\u2015]"
_CORE = rf"(?s)^([^+(0-9]*)(\+?\(?\+?[0-9]{_CLASS}*[0-9])(.*)$"
_SOME_NUMBER = "000000000"
_SHORTEST, _LONGEST = 4, 20
"""Signs of numbers that may be exchanged for another; the pattern has its own limits, further off."""
_LONGEST_EXTENSION = 7
_FEWEST_BEFORE_LETTERS = 7
"""Letters behind fewer digits may stand for digits."""
_KEY = ("_words", "_before", "_masked")


def cut_words(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Cut a label before the number, and an extension or a note behind it.

    Args:
        rows: `_at`, `text`, `_region` and `_row`.
        words: Words of each region.

    Returns:
        The columns of `cut_cells`, only of cells that hold nothing else.
    """
    kinds = {known: number for number, known in enumerate(dict.fromkeys(words.values()))}
    regions = rows["_region"].unique()
    number_of = pl.DataFrame(
        {"_region": regions, "_words": [kinds[words[region]] for region in regions]},
        schema={"_region": pl.String, "_words": pl.UInt32},
    )
    rows = rows.join(number_of, on="_region", nulls_equal=True)
    parts = rows["text"].str.extract_groups(_CORE).struct.unnest()
    before, core, behind = (parts[name] for name in parts.columns)
    rows = rows.with_columns(_before=before, _core=core, _behind=behind)
    size = pl.col("_core").str.len_chars()
    usual = size.is_between(_SHORTEST, _LONGEST).fill_null(value=False)
    often = rows.filter(usual).with_columns(_masked=pl.col("_behind").str.replace_all("[0-9]", "0"))
    digits = pl.col("_masked").str.count_matches("0", literal=True)
    often = often.filter(digits <= _LONGEST_EXTENSION)
    often, few = _cut_often(often, list(kinds))
    rest = pl.concat([rows.filter(~usual).select(few.columns), few])
    return pl.concat([_shaped(often), _shaped(_cut_each(rest, list(kinds)))])


def _cut_often(rows: pl.DataFrame, known: list[PhoneWords]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cut by what stands around; cells where signs behind the number may belong to it come back."""
    keys = rows.select(_KEY).unique()
    texts = keys.with_columns(text=pl.concat_str("_before", pl.lit(_SOME_NUMBER), "_masked"))
    around = _cut_each(texts, known).with_columns(
        _more=pl.col("number").str.slice(len(_SOME_NUMBER))
    )
    found = rows.join(around.drop("number", "text"), on=_KEY, nulls_equal=True)
    sure = pl.col("_more").str.len_chars() < _SHORTEST
    extension = pl.col("_behind").str.extract("([0-9]+)")
    cut = found.filter(sure).with_columns(
        number=pl.concat_str("_core", "_more"),
        extension=pl.when(pl.col("extension").is_not_null()).then(extension),
    )
    return cut, found.filter(~sure).select("_at", "text", "_region", "_row", "_words")


def _cut_each(rows: pl.DataFrame, known: list[PhoneWords]) -> pl.DataFrame:
    """Add `label`, `number`, `extension`, `bracketed` and `trailing`; other cells are left out."""
    parts = []
    for number, words in enumerate(known):
        group = rows.filter(pl.col("_words") == number)
        if group.height:
            cut = group["text"].str.extract_groups(_pattern(words)).struct.unnest()
            cut.columns = list(_PARTS)
            parts.append(pl.concat([group, cut], how="horizontal"))
    empty = rows.clear().with_columns(pl.lit(None, pl.String).alias(name) for name in _PARTS)
    return pl.concat([empty, *parts]).filter(pl.col("number").is_not_null())


_PARTS = ("label", "number", "extension", "bracketed", "trailing")


def _pattern(words: PhoneWords) -> str:
    number = rf"\+?\(?\+?[0-9]{_CLASS}{{2,28}}?"
    label = rf"((?:{words.labels})\.?|[{words.letters}][.:])(?:[\s.]*[0-9]?\s*:|[\s.:]*)[ :.-]*"
    mark = rf"[\s,;)]*[(]?\s*(?:ext\.?|x|#|{words.marks})[\s.:]*([0-9]{{1,7}})\)?"
    bracketed = r"\s*[(\[]\s*([^0-9()\[\]{}<>+\s][^0-9()\[\]{}<>+]*?)\s*[)\]]"
    trailing = r"[\s,;:–—-]+(\pL[^0-9\s:,;/()\[\]]*)"
    return rf"(?i)^(?:{label})?({number})(?:{mark})?(?:{bracketed}|{trailing})?$"


def _shaped(cut: pl.DataFrame) -> pl.DataFrame:
    label, number, trailing = (pl.col(name) for name in ("label", "number", "trailing"))
    digits = number.str.replace_all("[^0-9]+", "").str.len_bytes()
    vanity = trailing.is_not_null() & (digits < _FEWEST_BEFORE_LETTERS)
    notes = pl.concat_str(
        label.str.strip_chars(" .:"), "bracketed", trailing, separator=", ", ignore_nulls=True
    )
    extended = pl.col("extension").is_null() | number.str.contains(r"[0-9)]\s*$")
    return cut.filter(~vanity & extended).select(
        "_at",
        "_region",
        "_row",
        text=number.str.strip_chars(),
        cut_extension="extension",
        cut_note=pl.when(notes != "").then(notes),
        cut_float=pl.lit(value=False),
        cut_label=pl.col("bracketed").is_null() & trailing.is_null(),
    )
