"""Words of organization names, as matching reads them: forms dropped, spellings of a word made one.

`Open Joint Stock Company Gazprom` is `gazprom`, `First Int'l Bank & Trust` is `first international
bank trust`, `Tiny Tots` is `tiny tot`, `Citigroup Capital II` is `citigroup capital 2`, and `Goodwill`
is `good will` where another record writes it so.
"""

from collections.abc import Mapping
from functools import cache

import polars as pl

from crmmigrate.dedupe.fold import fold
from crmmigrate.model.matching import Vocabulary
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.legal_forms import form_words

__all__ = ["organization_words"]

_COMMON = "the of and for de der die das und la le et si og".split()  # noqa: SIM905
_JOINED = 6
"""Letters from which a word may be two or three words written together."""
_ROMAN = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11",
    "xii": "12", "xiii": "13", "xiv": "14", "xv": "15", "xvi": "16", "xvii": "17", "xviii": "18",
    "xix": "19", "xx": "20",
}  # fmt: skip
_ROMAN_LETTERS = {"i": "1", "v": "5", "x": "10"}
"""Letters that are numbers only behind a name: `Fund V`."""


def organization_words(base: pl.Series, form: pl.Series, words: Vocabulary) -> pl.DataFrame:
    """Return the words that tell an organization (`words`), and those of legal forms (`left_out`).

    Names of nothing but such words keep them. Works on distinct values.

    Args:
        base: Names without the legal form that standardizing found.
        form: These legal forms, as written.
        words: Abbreviations of words, and phrases of legal forms.
    """
    numbered = pl.col("form").str.extract(r"\b(I{2,3})\b", 1)
    rows = pl.DataFrame([base.alias("base"), form.alias("form")])
    name = pl.concat_str("base", numbered, separator=" ", ignore_nulls=True)
    names = rows.select(pl.when(pl.col("base").is_not_null()).then(name).alias("name"))["name"]
    names = names.str.replace_all("[&+]", " and ")
    folded = pl.DataFrame([fold(names).alias("name"), fold(rows["form"]).alias("form")])
    trades = pl.element().filter(pl.element().is_in(sorted(_trades())))
    tokens = folded.select(
        _without_phrases(pl.col("name"), words.legal_phrases).alias("name"),
        pl.col("form").str.split(" ").list.eval(trades).fill_null([]).alias("trades"),
    )
    tokens = tokens.select(
        _joined_letters(pl.col("name")).str.split(" ").list.concat("trades").alias("words")
    )
    rows = tokens["words"].alias("word").to_frame().with_row_index("row")
    each = rows.explode("word", empty_as_null=False).drop_nulls("word")
    return _weighty(_split_again(_spelt(each, words)), len(base), words)


@cache
def _trades() -> frozenset[str]:
    """Return words of legal forms that tell what an organization does: `Trust Corporation`."""
    return frozenset(load_knowledge("legal_form_words")["trades"]) - form_words() - {*_COMMON, "or"}


def _without_phrases(name: pl.Expr, phrases: frozenset[str]) -> pl.Expr:
    """Drop legal forms of several words wherever they stand, unless nothing is left."""
    if not phrases:
        return name
    longest = "|".join(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))
    left = name.str.replace_all(rf"\b(?:{longest})\b", "").str.replace_all(" +", " ")
    left = left.str.strip_chars()
    return pl.when(left != "").then(left).otherwise(name)


def _joined_letters(folded: pl.Expr) -> pl.Expr:
    """Join single letters (`a b c motors` is `abc motors`), and the s of a genitive with its word."""
    return (
        (folded.str.replace_all(r"([a-z]{3}) s\b", "${1}s") + " ")
        .str.replace_all(r"\b([a-z]) ", "${1}\u0001")
        .str.replace_all("\u0001([a-z])\u0001", "${1}\u0001")
        .str.replace_all(r"([a-z])\x01([a-z])\x01", "${1}${2}\u0001")
        .str.replace_all("\u0001", " ")
        .str.strip_chars()
    )


def _spelt(each: pl.DataFrame, words: Vocabulary) -> pl.DataFrame:
    """Write each `word` in one way, and a number behind a name in digits."""
    distinct = each.select(pl.col("word").unique()).with_columns(_one_way(pl.col("word"), words))
    row = pl.col("row")
    first = (row != row.shift(1)).fill_null(value=True)
    last = (row != row.shift(-1)).fill_null(value=True)
    number = last & ~first & pl.col("word").is_in(list(_ROMAN_LETTERS))
    digits = pl.col("word").replace(_ROMAN_LETTERS)
    return each.join(distinct, on="word", how="left", maintain_order="left").select(
        "row", pl.when(number).then(digits).otherwise("spelt").alias("word")
    )


def _one_way(word: pl.Expr, words: Vocabulary) -> pl.Expr:
    return _singular(word.replace({**words.organization_words, **_ROMAN})).alias("spelt")


def _weighty(each: pl.DataFrame, rows: int, words: Vocabulary) -> pl.DataFrame:
    """Return the words of each row, and apart those of legal forms unless there are no others."""
    light = sorted((form_words() | words.legal_words) - _ROMAN.keys())
    either = pl.DataFrame({"word": light}).select("word", _one_way(pl.col("word"), words))
    forms = pl.concat([either["word"], either["spelt"]]).unique().implode()
    each = each.with_columns(
        pl.col("word").is_in(forms).alias("form"), pl.col("word").is_in(_COMMON).alias("common")
    )
    word, form, common = (pl.col(c) for c in ("word", "form", "common"))
    lists = each.group_by("row", maintain_order=True).agg(
        word.filter(~form & ~common).alias("words"), word.filter(form & ~common).alias("left_out"),
        word.alias("all"),
    )  # fmt: skip
    some = pl.col("words").list.len() > 0
    told = lists.select(
        "row", pl.when(some).then("words").otherwise("all").alias("words"),
        pl.when(some).then("left_out").alias("left_out"),
    )  # fmt: skip
    every = pl.DataFrame({"row": pl.int_range(rows, dtype=pl.UInt32, eager=True)})
    return every.join(told, on="row", how="left", maintain_order="left").drop("row")


def _singular(word: pl.Expr) -> pl.Expr:
    """Return a word without the s of its plural or genitive; any word that ends so loses it."""
    single = word.str.replace(r"^([a-z]{3,})ies$", "${1}y")
    return single.str.replace(r"^([a-z]{2,}[^suio0-9])s$", "${1}")


def _split_again(each: pl.DataFrame) -> pl.DataFrame:
    """Write words apart that another name has apart: `goodwill`, where there is `good will`."""
    apart = _written_apart(each)
    if not apart:
        return each
    return each.with_columns(pl.col("word").replace(apart).str.split(" ")).explode("word")


def _written_apart(each: pl.DataFrame) -> Mapping[str, str]:
    """Return word → two or three words that stand side by side in some name and make it up."""
    known = each.select(pl.col("word").unique()).filter(pl.col("word").str.len_bytes() >= _JOINED)
    found = []
    for count in (2, 3):
        ahead = [pl.col("word").shift(-at) for at in range(count)]
        inside = (pl.col("row") == pl.col("row").shift(1 - count)).alias("inside")
        side_by_side = each.select(
            pl.concat_str(ahead).alias("word"), pl.concat_str(ahead, separator=" ").alias("apart"), inside
        )  # fmt: skip
        letters = pl.col("word").str.contains("^[a-z]+$")
        found.append(
            side_by_side.filter("inside").join(known, on="word", how="semi").filter(letters)
        )
    twice = pl.concat(found).sort("word", "apart").unique("word", keep="first")
    return dict(twice.select("word", "apart").iter_rows())
