"""Shapes of organizations' names: the words that matter as they are, all others as one sign.

`Nord Wind GmbH` and `Alfa Beta GmbH` have one shape, so whatever the scalar reading makes of one of
them holds for both. A word matters if it may be part of a legal form where it stands (behind the
name, before it, or in the middle), or if it is anything but a word.
"""

import re
from dataclasses import dataclass
from functools import cache

import polars as pl

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.legal_forms import FOLDED, FormBook
from crmmigrate.values.organization_parse import before_forms, front_words, trade_words
from crmmigrate.values.organizations import branch_keys, civil_titles
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["Shapes", "shapes_of"]

_LAZY = r"[\p{L}\p{M}\p{N}]+?(?:[-'’&+][\p{L}\p{M}\p{N}]+?|\.[\p{L}\p{M}\p{N}]{2,}?)*?"
_CORE = r"[\p{L}\p{M}\p{N}]+(?:[-'’&+][\p{L}\p{M}\p{N}]+|\.[\p{L}\p{M}\p{N}]{2,})*"
_WORD = rf"^{_CORE},?$"
_STRAY = r"^[ ,;.–/&-]*$"
_SLOW = r"@|://|[\x{e000}-\x{f8ff}]|^$|^(?i:www\.)|สาขา|支店|分公司|支社"
_MOST_WORDS = 20
_LONGEST = 250


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
    short = short.with_columns(cell=text.str.strip_chars(" ,;"))
    tokens = short["cell"].str.split(" ")
    sizes = tokens.list.len()
    kind = pl.Categorical(pl.Categories.random())
    flat = tokens.explode(empty_as_null=False).cast(kind)
    places = flat.to_physical()
    count = places.n_unique()
    spelt = pl.int_range(count, dtype=pl.UInt32).cat.to(kind).cast(pl.String)
    words = _words(pl.select(spelt).to_series(), book)
    rows = short.select("_at", "text", "cell").with_columns(
        size=sizes, end=pl.lit(sizes.cum_sum().cast(pl.UInt32) - 1)
    )
    rows = rows.with_columns(start=pl.col("end") - pl.col("size") + 1)
    number = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    row = number.repeat_by(sizes).explode(empty_as_null=False)
    return _numbered(rows, _kept(words, places, rows, row), words)


def _words(words: pl.Series, book: FormBook) -> pl.DataFrame:
    """Tell of each different word what it may be; `own` and `plain` are numbers of spellings."""
    word = pl.col("word")
    frame = words.alias("word").to_frame().with_columns(lower_word=word.str.to_lowercase())
    wide = frame.select(word.str.len_bytes() != word.str.len_chars()).to_series().arg_true()
    some = frame[wide].select(_key().alias("key"), glued=word.str.contains(_glued()))
    bare = frame.select(pl.col("lower_word").str.replace_all(_DROPPED, "")).to_series()
    glued = pl.repeat(value=False, n=frame.height, eager=True).scatter(wide, some["glued"])
    frame = frame.with_columns(
        key=bare.scatter(wide, some["key"]), plain=word.str.contains(_WORD) & ~glued
    )
    always = sorted(book.within_words | _always())
    opening, closing = _trade_ends()
    frame = frame.with_columns(
        back=pl.col("key").is_in(_sorted(book.words | trade_words())) | word.str.contains(_STRAY),
        final=pl.col("key").is_in(_sorted(book.ends)) | word.str.contains(_STRAY),
        front=pl.col("key").is_in(_sorted(front_words(book))) | word.str.contains(_STRAY),
        odd=pl.col("key").is_in(always) | pl.col("lower_word").is_in(_sorted(_spelt())),
        title=pl.col("lower_word").str.strip_chars_end(".").is_in(_sorted(civil_titles())),
        low=word != word.str.to_uppercase(),
        up=word != pl.col("lower_word"),
        slow=word.str.contains(_SLOW)
        | pl.col("key").is_in(_sorted(branch_keys()))
        | pl.col("lower_word").str.contains(rf"^(?:{'|'.join(map(re.escape, closing))}):"),
    )
    frame = _without_rest(frame)
    frame = frame.with_columns(
        run=pl.col("middle") == "\ue000",
        link=pl.col("lower_word").is_in(["&", "+", "and"]),
        opens=pl.col("lower_word").str.strip_chars("(").is_in(opening),
        closes=pl.col("lower_word").is_in(closing),
        own=pl.int_range(pl.len(), dtype=pl.Int64),
    )
    counts = pl.sum_horizontal(
        pl.col(name).cast(pl.UInt64) * 2**bits for name, bits in _COUNTED.items()
    )
    return _signed(frame).select(
        "word",
        "middle",
        pl.col("any_case", "sign").cast(pl.UInt32),
        bits=pl.sum_horizontal(pl.col(name).cast(pl.UInt8) * bit for name, bit in _BITS.items()),
        counts=counts,
    )


def _signed(frame: pl.DataFrame) -> pl.DataFrame:
    """Number the words: `sign` by how they count, `any_case` by spelling but for capitals."""
    own, middle = pl.col("own"), pl.col("middle")
    shared = frame.filter(~pl.col("run"), middle.str.contains("\ue000", literal=True))
    shared = shared.select("own", sign=own.first().over("middle"))
    plain = pl.col("word").str.len_bytes() == pl.col("word").str.len_chars()
    cased = frame.filter(pl.col("back"), plain)
    cased = cased.select("own", any_case=own.first().over("lower_word"))
    # A sign of its own for every way to count: what a word is by itself, or as one of many.
    most = frame.height
    frame = frame.join(shared, on="own", how="left", maintain_order="left")
    frame = frame.join(cased, on="own", how="left", maintain_order="left")
    sign = pl.when("run").then(2 * most).otherwise(pl.coalesce(pl.col("sign") + most, "own"))
    return frame.with_columns(sign=sign, any_case=pl.coalesce("any_case", "own"))


def _without_rest(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `middle`: each word as it counts where it is no part of a form."""
    word = pl.col("word")
    middle = (
        pl.when(pl.col("odd") | ~pl.col("plain"))
        .then(word)
        .when(word.str.ends_with(","))
        .then(pl.lit("\ue000,"))
        .otherwise(pl.lit("\ue000"))
    )
    frame = frame.with_columns(middle=middle)
    strange = frame.filter(~pl.col("plain"), ~pl.col("odd"))
    return frame.update(_bracketed(strange), on="word", how="left") if strange.height else frame


_DROPPED = r"[\s\x{200b}.,'’`\"“”„«»()\[\]\-–_·;:]+"


def _key() -> pl.Expr:
    """Return `form_key` of a word with letters beyond ASCII."""
    folded = pl.col("word").str.replace_all("İ", "i", literal=True).str.to_lowercase()
    folded = folded.str.replace_many(list(FOLDED), list(FOLDED.values())).str.normalize("NFKD")
    # Marks of Thai and later scripts are vowels, not accents.
    folded = folded.str.replace_all(r"[\p{M}&&[\x{0}-\x{0e00}]]", "")
    return folded.str.replace_all(_DROPPED, "")


def _bracketed(strange: pl.DataFrame) -> pl.DataFrame:
    """Give words in quotes or brackets, or with a form glued on, the shape of all such words."""
    before, behind = _attached()
    pattern = (
        rf"^(?P<lead>[\"“„«'‘(\[]*(?:{before})?[\"“„«'‘(\[]*)(?P<core>{_LAZY})"
        rf"(?P<trail>[\"”“»'’)\],;:]*(?:{behind})?[\"”“»'’)\],;:]*)$"
    )
    parts = strange.select("word", pl.col("word").str.extract_groups(pattern).alias("g")).unnest(
        "g"
    )
    parts = parts.filter(pl.col("core").is_not_null())
    return parts.select("word", middle=pl.concat_str("lead", pl.lit("\ue000"), "trail"))


@cache
def _attached() -> tuple[str, str]:
    """Return patterns of the forms that are written with the name as one word: before, behind."""
    forms = [re.escape(form) for form in before_forms()]
    return "|".join(forms), "|".join((*(f for f in forms if f.lstrip("\\")[0] > "\u2e80"), _GLUED))


@cache
def _glued() -> str:
    before, behind = _attached()
    return f"^(?:{before})|(?:{behind}),?$"


_GLUED = r"(?:集团|集團)?(?:股份)?有限(?:责任|責任)?公司|จ(?:ำ|ํา)กัด"


@cache
def _sorted(words: frozenset[str]) -> pl.Series:
    return pl.Series(sorted(words), dtype=pl.String).implode()


@cache
def _always() -> frozenset[str]:
    return frozenset("&+")


@cache
def _spelt() -> frozenset[str]:
    """Return words that matter by their spelling: of placeholders, and before a trade name."""
    trade = [phrase for phrase in _trade_phrases() if " " not in phrase]
    nothing = " ".join(placeholder_words(tests=True)).split()
    return frozenset(trade) | frozenset(nothing)


_BITS = {
    **{"back": 1, "front": 2, "final": 4, "run": 8, "link": 16, "title": 32},
    **{"opens": 64, "closes": 128},
}
"""What a word may be, as bits of one number."""

_COUNTED = {"low": 0, "up": 8, "slow": 16}
"""What is counted by row, as bytes of one number: no row has more than 250 words."""


@cache
def _trade_phrases() -> tuple[str, ...]:
    return tuple(load_knowledge("organization_words")["trades_as"])


@cache
def _trade_ends() -> tuple[list[str], list[str]]:
    """Return the last words but one, and the last ones, of what stands before a trade name."""
    phrases = [phrase.split() for phrase in _trade_phrases() if " " in phrase]
    return sorted({p[-2] for p in phrases}), sorted({p[-1] for p in phrases})


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
    alien = ((bits & _BITS["back"]) == 0).cum_sum()
    stop = ((bits & _BITS["front"]) == 0).cum_sum()
    final = (bits.gather(end) & _BITS["final"]) != 0
    last = alien.gather(end).zip_with(final, pl.Series([_NO_TAIL], dtype=alien.dtype))
    head = stop.gather(start) - ((bits.gather(start) & _BITS["front"]) == 0).cast(stop.dtype)
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
        trades=_has("opens").shift(1, fill_value=False)
        & _has("closes")
        & ~(pl.col("first") | pl.col("first").shift(-1, fill_value=True)),
    )


def _links() -> pl.Expr:
    """Tell which words are an `&` between two words that do not matter: neither does it."""
    inner = pl.col("run").shift(1, fill_value=False) & pl.col("run").shift(-1, fill_value=False)
    ends = pl.col("first") | pl.col("first").shift(-1, fill_value=True)
    return _has("link") & ~pl.col("chained") & inner & ~ends


_NO_TAIL = 2**32 - 1
"""No word has so many others before it."""


def _has(name: str) -> pl.Expr:
    return (pl.col("bits") & _BITS[name]) != 0


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
    title = (words["bits"].gather(frame["own"].gather(rows["start"])) & _BITS["title"]) != 0
    number = pl.lit(counts)
    trades = table["row"].is_in(frame["row"].filter(frame["trades"]).unique().implode())
    rows = rows.select(
        "_at",
        "text",
        "cell",
        shape=table["shape"],
        lower=(number // 2 ** _COUNTED["low"]) % 2**8 > 0,
        upper=(number // 2 ** _COUNTED["up"]) % 2**8 > 0,
        risky=frame["headed"].gather(rows["start"]),
        slow=((number // 2 ** _COUNTED["slow"]) % 2**8 > 0)
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
    theirs = words["sign"].gather(twin.clip(0, words.height - 1))
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
