"""Shapes of organizations' names: the words that matter as they are, all others as one sign.

`Nord Wind GmbH` and `Alfa Beta GmbH` have one shape, so whatever the scalar reading makes of one of
them holds for both. A word matters if it may be part of a legal form where it stands (behind the
name, before it, or in the middle), or if it is anything but a word.
"""

from dataclasses import dataclass

import polars as pl

from crmmigrate.standardize.organization_words import BITS, COUNTED, tell_words
from crmmigrate.values.legal_forms import FormBook

__all__ = ["Shapes", "shapes_of"]

_MOST_WORDS = 20
_LONGEST = 250
_DOTTED = r"^[ ,;]*[^\s.]+(?:\.[^\s.]+){2,}[ ,;]*$"
"""Names with dots for blanks (`SC.ALFA.SRL`), where merchants write a word before the name."""


@dataclass(frozen=True)
class Shapes:
    r"""Rows with their shapes.

    Attributes:
        rows: `_at`, `text`, `cell` (the text without stray signs at its ends), `shape` (number of the shape), `lower` and `upper` (whether a word of
            the row has such letters), `risky` (whether its first word may be a form).
        shapes: `shape` and `piece`, a list of words, in which `\ue000` stands for one word and `\ue001` for several.
    """

    rows: pl.DataFrame
    shapes: pl.DataFrame


def shapes_of(group: pl.DataFrame, book: FormBook) -> Shapes:
    """Return the shapes of one region's names; names that cannot have one are left out.

    Args:
        group: Columns `_at` and `text`.
        book: Legal forms of the region.
    """
    text = pl.col("text")
    short = group.filter(text.str.len_bytes() <= _LONGEST)
    if book.noise:
        short = short.filter(~text.str.contains(_DOTTED))
    short = short.with_columns(cell=text.str.strip_chars(" ,;"))
    tokens = short["cell"].str.split(" ")
    sizes = tokens.list.len()
    kind = pl.Categorical(pl.Categories.random())
    flat = tokens.explode(empty_as_null=False).cast(kind)
    places = flat.to_physical()
    count = places.n_unique()
    spelt = pl.int_range(count, dtype=pl.UInt32).cat.to(kind).cast(pl.String)
    words = tell_words(pl.select(spelt).to_series(), book)
    rows = short.select("_at", "text", "cell").with_columns(
        size=sizes, end=pl.lit(sizes.cum_sum().cast(pl.UInt32) - 1)
    )
    rows = rows.with_columns(start=pl.col("end") - pl.col("size") + 1)
    number = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    row = number.repeat_by(sizes).explode(empty_as_null=False)
    return _numbered(rows, _kept(words, places, rows, row), words)


def _kept(
    words: pl.DataFrame, places: pl.Series, rows: pl.DataFrame, row: pl.Series
) -> pl.DataFrame:
    """Decide which words of each row matter, and leave one of each run of others.

    Args:
        words: What each different word may be.
        places: The number of each word in `words`, row by row.
        rows: `start` and `end` of each.
        row: The row of each word.
    """
    bits = words["bits"].gather(places)
    start, end = rows["start"], rows["end"]
    alien, stop = (((bits & BITS[name]) == 0).cum_sum() for name in ("back", "front"))
    final = (bits.gather(end) & BITS["final"]) != 0
    last = alien.gather(end).zip_with(final, pl.Series([_NO_TAIL], dtype=alien.dtype))
    head = stop.gather(start) - ((bits.gather(start) & BITS["front"]) == 0).cast(stop.dtype)
    frame = pl.DataFrame(
        {"own": places, "row": row, "bits": bits, "alien": alien, "stop": stop}
    ).with_columns(
        headed=pl.col("stop") == pl.lit(head.gather(row)),
        tailed=(pl.col("alien") == pl.lit(last.gather(row))) & _has("back"),
        first=pl.col("row") != pl.col("row").shift(1),
    )
    frame = frame.with_columns(
        pl.col("first").fill_null(value=True), chained=pl.col("headed") | pl.col("tailed")
    ).with_columns(run=_has("run") & ~pl.col("chained"))
    frame = frame.with_columns(run=pl.col("run") | _links())
    again = pl.col("run") & pl.col("run").shift(1, fill_value=False) & ~pl.col("first")
    frame = frame.with_columns(again=again)
    several = pl.col("run") & pl.col("again").shift(-1, fill_value=False)
    any_case, usual = (pl.lit(words[name].gather(places)) for name in ("any_case", "sign"))
    sign = pl.when("headed").then("own").when("tailed").then(any_case).otherwise(usual)
    return frame.select(
        *("own", "row", "headed", "chained", "again"),
        several=several,
        sign=sign * 2 + several,
        trades=_has("opens").shift(1, fill_value=False) & _has("closes") & ~_at_an_end(),
    )


def _at_an_end() -> pl.Expr:
    return pl.col("first") | pl.col("first").shift(-1, fill_value=True)


def _links() -> pl.Expr:
    """Tell which words are an `&` between two words that do not matter: neither does it."""
    inner = pl.col("run").shift(1, fill_value=False) & pl.col("run").shift(-1, fill_value=False)
    return _has("link") & ~pl.col("chained") & inner & ~_at_an_end()


_NO_TAIL = 2**32 - 1
"""No word has so many others before it."""


def _has(name: str) -> pl.Expr:
    return (pl.col("bits") & BITS[name]) != 0


def _numbered(rows: pl.DataFrame, frame: pl.DataFrame, words: pl.DataFrame) -> Shapes:
    """Number the shapes: by a hash of what was kept, which is compared afterwards."""
    frame = frame.with_columns(kept=(~pl.col("again")).cum_sum())
    first = frame["kept"].gather(rows["start"])
    at = frame["kept"] - first.gather(frame["row"])
    code = (pl.col("sign").cast(pl.UInt64) * 2**8 + pl.lit(at).cast(pl.UInt64)).hash(7)
    marks = frame.select(pl.when(~pl.col("again")).then(code).otherwise(0)).to_series()
    counts = _totals(rows, words["counts"].gather(frame["own"]))
    table = pl.DataFrame(
        {
            "mark": _totals(rows, marks),
            "kept": _totals(rows, (~frame["again"]).cast(pl.UInt64)),
            "row": pl.int_range(rows.height, dtype=pl.UInt32, eager=True),
        }
    )
    shapes = table.group_by("mark").agg(model=pl.col("row").first()).with_row_index("shape")
    table = table.join(shapes, on="mark", how="left", maintain_order="left")
    frame = frame.with_columns(at=at)
    wrong = _unlike(table, frame, first)
    title = (words["bits"].gather(frame["own"].gather(rows["start"])) & BITS["title"]) != 0
    number = pl.lit(counts)
    trades = table["row"].is_in(frame["row"].filter(frame["trades"]).unique().implode())
    rows = rows.select(
        "_at",
        "text",
        "cell",
        shape=table["shape"],
        lower=(number // 2 ** COUNTED["low"]) % 2**8 > 0,
        upper=(number // 2 ** COUNTED["up"]) % 2**8 > 0,
        risky=frame["headed"].gather(rows["start"]),
        slow=((number // 2 ** COUNTED["slow"]) % 2**8 > 0)
        | pl.lit(title | wrong | trades)
        | (pl.col("size") > _MOST_WORDS),
    )
    return Shapes(rows.filter(~pl.col("slow")).drop("slow"), _spelled(shapes, frame, words))


def _totals(rows: pl.DataFrame, flat: pl.Series) -> pl.Series:
    """Sum the numbers of words by row; sums run over the end of their type, differences do not."""
    sums = flat.cum_sum().gather(rows["end"])
    return sums - sums.shift(1, fill_value=0)


def _unlike(table: pl.DataFrame, frame: pl.DataFrame, first: pl.Series) -> pl.Series:
    """Return which rows have another shape than the model that their hash gave them."""
    words = frame.filter(~pl.col("again")).select("sign", "at", "row")
    twin = (first.gather(table["model"]) - 1).gather(words["row"]) + words["at"]
    theirs = words["sign"].gather(twin.clip(0, max(words.height - 1, 0)))
    bad = words["row"].filter(words["sign"] != theirs).unique()
    counts = table["kept"] != table["kept"].gather(table["model"])
    return counts | table["row"].is_in(bad.implode())


def _spelled(shapes: pl.DataFrame, frame: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Write each shape as a list of words."""
    models = shapes.select(row="model", shape="shape")
    pieces = frame.filter(~pl.col("again")).join(models, on="row", maintain_order="left")
    own, middle = words["word"].gather(pieces["own"]), words["middle"].gather(pieces["own"])
    spelled = pieces.with_columns(
        piece=pl.when("chained").then(own).when("several").then(pl.lit("\ue001")).otherwise(middle)
    )
    return spelled.group_by("shape", maintain_order=True).agg("piece")
