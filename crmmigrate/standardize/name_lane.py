"""Names by their shape: one reading for all names whose words are of the same classes.

The words of all names are counted once and sorted into classes (`name_classes`). Each distinct
sequence of classes is read once by the scalar reading, on words that stand in for the classes, and
what it says is filled with the words of every name of that shape (`name_plans`). So Python sees
distinct words and distinct shapes only, and the lane says what the scalar reading says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl

from crmmigrate.standardize.name_classes import (
    LITERAL,
    MARK,
    POSITIONS,
    class_names,
    classify,
    stand_in,
)
from crmmigrate.standardize.name_filling import Filled, fill_plans
from crmmigrate.standardize.name_plans import Plan, make_plan
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_tokens import known_words
from crmmigrate.values.name_words import NameWords
from crmmigrate.values.outcome import Outcome
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["FEW", "Read", "read_shapes"]

Read = Callable[[str, NameWords], Outcome]
_CUT = r'[;"()“”„«»‘{}\[\]*]'
_OPENS = r'(^| )(["(“„«‘{\[*])'
_CLOSES = r'([;")”»}\]*])( |$)'
_OPENED_PIECES = r"""(?i)["(“„«‘{\[*](?:\p{L}+[-'’ʼ`.]|ma?c)"""
"""Words in pieces behind an opening sign; their first piece is not recased, the others are."""
_SPACED_FORM = r"(?i:(?:^|\P{L})s\.?[^\p{L}\p{N}]* (?:a\.|r\.? ?l))"
"""Legal forms that are written in several words."""
_LONGEST = 200
FEW = 3
"""Names of one shape from which on reading the shape is cheaper than reading each name."""
_WIDTH = 3
_BITS = 21
"""A key of 64 bits holds three words of 21 bits."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of many texts.

    Attributes:
        codes: Index of each word in `distinct`, text after text.
        distinct: Distinct words, with the marks of cuts.
        bare: The same without marks.
        classes: Number of each distinct word's class, 0 for none.
        plain: The same where second given names are like other words.
    """

    codes: pl.Series
    distinct: pl.Series
    bare: pl.Series
    classes: pl.Series
    plain: pl.Series


def read_shapes(
    texts: pl.DataFrame,
    habits: Sequence[NameWords],
    read: Read,
    parts: Sequence[str],
) -> Filled:
    """Read names by their shape.

    Args:
        texts: `_at` (row number), `text` (without null) and `habit` (index in `habits`).
        habits: What is known about names, one a region or group of regions.
        read: The scalar reading.
        parts: Names of the parts.

    Returns:
        `_at` and the columns of an outcome, only of the names that could be read; names
        of rare shapes are left out.
    """
    rows = _cut(texts.filter(pl.col("text").str.len_chars() <= _LONGEST))
    rows = rows.filter(pl.col("count") <= POSITIONS)
    words = _count_words(rows["words"], habits)
    rows = rows.with_columns(
        first=pl.col("count").cum_sum().shift(1, fill_value=0).cast(pl.UInt32),
        two=pl.col("habit").is_in([i for i, h in enumerate(habits) if h.two_families]),
    ).drop("words")
    keyed, shapes = _frequent(*_shapes(rows, words))
    plans, numbers = _plans(shapes, words, habits, read, parts)
    named = keyed.with_columns(plan=numbers.gather(keyed["shape"])).drop_nulls("plan")
    return fill_plans(_drop_turned(named, plans), plans, words.codes, words.bare, parts)


def _frequent(keyed: pl.DataFrame, shapes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep the shapes that several names have, and number them anew."""
    sizes = keyed["shape"].value_counts().rename({"count": "size"})
    kept = shapes.join(sizes.filter(pl.col("size") >= FEW), on="shape").with_row_index("new")
    number = pl.Series([None], dtype=pl.UInt32).new_from_index(0, shapes.height)
    number = number.scatter(kept["shape"], kept["new"])
    renumbered = keyed.with_columns(shape=number.gather(keyed["shape"])).drop_nulls("shape")
    return renumbered, kept.select(pl.col("new").alias("shape"), *shapes.columns[1:])


def _drop_turned(named: pl.DataFrame, plans: Sequence[Plan]) -> pl.DataFrame:
    """Drop names that may be the same when their words are turned round: `ANA Ana`.

    Their shape says that the order changes; the scalar reading compares the texts.
    """
    turned = pl.Series(["STD203" in plan.codes for plan in plans], dtype=pl.Boolean)
    rows = named.with_row_index("_row").filter(turned.gather(named["plan"])).select("_row", "text")
    comma = pl.col("text").str.contains(r"\pL[^,]*, ?\pL") & ~pl.col("text").str.contains(_CUT)
    rows = rows.filter(~comma)
    words = pl.col("text").str.replace_all("[İı]", "i").str.to_lowercase()
    words = words.str.replace_all("ß", "ss").str.replace_all("ς", "σ")
    words = words.str.replace_all(r"[^\p{L}\p{M}]+", " ").str.strip_chars().str.split(" ")
    same = rows.filter(words.list.n_unique() < words.list.len())["_row"]
    return named.filter(
        pl.repeat(value=True, n=named.height, eager=True).scatter(same, values=False)
    )


def _cut(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts into words; signs beside words are words of their own, marked as such."""
    text, cut = pl.col("text"), pl.col("cut")
    known = texts.filter(~text.str.contains(_unlike_words())).with_columns(
        cut=text.str.replace_all(", ", f" {MARK}, ", literal=True)
    )
    signed, plain = _divided(known, _CUT + "|,[^ ]")
    signed = signed.filter(~pl.col("text").str.contains(_OPENED_PIECES)).with_columns(
        cut.str.replace_all(_OPENS, f"${{1}}${{2}}{MARK} ")
        .str.replace_all(_CLOSES, f" {MARK}${{1}}${{2}}")
        .str.replace_all(r"([^\x1e]),([^ ])", f"$1 {MARK},{MARK} $2")
    )
    asian, other = _divided(pl.concat([plain, signed]), "[ก-๎一-鿿가-힣ぁ-ゖ]")
    attached = f"[^ก-๎.](?:{'|'.join(map(_escaped, _attached()))})"
    honorifics = "|".join(load_knowledge("name_words")["honorifics"])
    asian = asian.filter(~text.str.contains(rf"{attached}|\p{{M}}.*(?:{honorifics})"))
    asian = asian.with_columns(_cut_thai()).with_columns(_cut_letters())
    words = pl.concat([other, asian]).with_columns(words=cut.str.split(" ")).drop("cut")
    return words.with_columns(count=pl.col("words").list.len())


@cache
def _unlike_words() -> str:
    """Return a pattern of the texts that are more than their words are, one by one."""
    phrases = "|".join(_escaped(w) for w in sorted(placeholder_words(tests=True)) if " " in w)
    return "|".join(
        (
            r"[\x00-\x1c\x1e\x1f\x{345}]",
            _SPACED_FORM,
            r"(?:^| )['‘].*\p{L}['’]\p{L}",
            f"(?i:^(?:{phrases})$)",
        )
    )


def _attached() -> list[str]:
    return sorted(load_knowledge("name_words")["attached"], key=len, reverse=True)


def _divided(texts: pl.DataFrame, pattern: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    found = texts["text"].str.contains(pattern)
    return texts.filter(found), texts.filter(~found)


def _cut_thai() -> pl.Expr:
    """Cut a Thai title off the name it is written together with."""
    titles, cut = "|".join(map(_escaped, _attached())), pl.col("cut")
    glued = cut.str.replace(rf"^({titles})([^\s.])", f"$1{MARK} $2")
    return pl.when(cut.str.contains(f"^(?:{titles}) ")).then("cut").otherwise(glued).alias("cut")


def _cut_letters() -> pl.Expr:
    """Cut a lone Chinese or Korean word into its letters, unless it is more than a name."""
    knowledge = load_knowledge("name_words")
    compounds, honorifics = ("|".join(knowledge[s]) for s in ("compound_family", "honorifics"))
    cut, other = pl.col("cut"), r"[^一-鿿가-힣ぁ-ゖァ-ヺー々〆]*"
    lone = cut.str.extract(rf"^{other}([一-鿿]{{2,5}}|[가-힣]{{2,5}}){other}$", 1)
    known = lone.str.contains(f"^(?:{compounds})|(?:{honorifics})$")
    known |= lone.is_in(sorted(known_words()))
    letters = cut.str.replace_all("([一-鿿가-힣])", f"$1{MARK} ").str.strip_chars_end(" ")
    return pl.when(~known).then(letters).otherwise("cut").alias("cut")


def _escaped(word: str) -> str:
    return word.replace(".", r"\.")


def _whole(cut: str) -> str:
    """Undo the cuts."""
    return cut.replace(f" {MARK}", "").replace(f"{MARK} ", "").replace(MARK, "")


def _count_words(cut: pl.Series, habits: Sequence[NameWords]) -> Words:
    each = cut.explode(empty_as_null=False, keep_nulls=False)
    encoded = each.to_arrow().dictionary_encode()
    distinct = pl.Series("word", pl.from_arrow(encoded.dictionary), dtype=pl.String)
    listed = [
        *(word for habit in habits for phrase in habit.titles for word in phrase.split()),
        *(word for h in habits for ws in (h.doubtful, h.suffixes, h.particles) for word in ws),
    ]
    own = frozenset(word.replace(" ", "") for word in listed)
    classified = classify(distinct, own - known_words())
    number = {name: at for at, name in enumerate(class_names(), 1)}
    literal = (pl.col("class") == LITERAL) | (pl.col("second") == LITERAL)
    own_number = literal.cum_sum().cast(pl.UInt32) + len(number)

    def numbered(column: str) -> pl.Expr:
        code = pl.col(column).replace_strict(number, default=None, return_dtype=pl.UInt32)
        return pl.when(pl.col(column) == LITERAL).then(own_number).otherwise(code)

    table = classified.select(classes=numbered("second"), plain=numbered("class"))
    indices = pl.Series("code", pl.from_arrow(encoded.indices), dtype=pl.Int32).cast(pl.UInt32)
    return Words(indices, distinct, classified["bare"], table["classes"], table["plain"])


def _shapes(rows: pl.DataFrame, words: Words) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the distinct shapes.

    Returns:
        The rows with `shape`, and one row a shape: `habit`, `count`, `first` (where the words of
        one of its names begin) and `two`.
    """
    keyed, shapes, known = [], [], 0
    few = pl.col("count") <= _WIDTH
    for group, width in ((rows.filter(few), _WIDTH), (rows.filter(~few), POSITIONS)):
        keys = [f"k{at}" for at in range(width // _WIDTH)]
        table = group.with_columns(_keys(group, words, width))
        on = [*keys, "habit", "count"]
        distinct = table.unique(on, keep="any").with_row_index("shape", known)
        joined = table.join(distinct.select(*on, "shape"), on=on, how="left", maintain_order="left")
        keyed.append(joined.drop(keys))
        shapes.append(distinct.select("shape", "habit", "count", "first", "two"))
        known += distinct.height
    return pl.concat(keyed), pl.concat(shapes)


def _keys(group: pl.DataFrame, words: Words, width: int) -> list[pl.Series]:
    """Pack the classes of the words of each row into numbers, three words a number."""
    full = words.classes.gather(words.codes)
    plain = words.plain.gather(words.codes)
    packed = []
    for start in range(0, width, _WIDTH):
        key = pl.lit(0, pl.UInt64)
        columns = []
        for at in range(start, start + _WIDTH):
            where = group.select(
                pl.when(pl.col("count") > at).then(pl.col("first") + at)
            ).to_series()
            column = pl.DataFrame(
                {"f": full.gather(where), "p": plain.gather(where), "t": group["two"]}
            )
            columns.append(
                column.select(pl.when("t").then("f").otherwise("p").fill_null(0).alias(f"w{at}"))
            )
            key = key * (1 << _BITS) + pl.col(f"w{at}").cast(pl.UInt64)
        frame = pl.concat(columns, how="horizontal")
        packed.append(frame.select(key.alias(f"k{start // _WIDTH}")).to_series())
    return packed


def _plans(
    shapes: pl.DataFrame,
    words: Words,
    habits: Sequence[NameWords],
    read: Read,
    parts: Sequence[str],
) -> tuple[list[Plan], pl.Series]:
    """Read one name of each shape; return the distinct plans and the plan of each shape."""
    known: dict[Plan, int] = {}
    numbers: list[int | None] = []
    ends = pl.col("first") + pl.col("count")
    where = shapes.select(pl.int_ranges("first", ends).explode(empty_as_null=False)).to_series()
    every = words.codes.gather(where)
    written = words.distinct.gather(every).to_list()
    full, plain = (s.gather(every).to_list() for s in (words.classes, words.plain))
    end = 0
    for _shape, habit, count, _first, two in shapes.iter_rows():
        begin, end = end, end + count
        stood = _stood_in((full if two else plain)[begin:end], written[begin:end])
        plan = None
        if stood is not None:
            text = _whole(" ".join(stood[0]))
            plan = _plan(text, tuple(stood[1].items()), habits[habit], read, tuple(parts))
        numbers.append(None if plan is None else known.setdefault(plan, len(known)))
    return list(known), pl.Series("plan", numbers, dtype=pl.UInt32)


def _stood_in(
    classes: Sequence[int], written: Sequence[str]
) -> tuple[list[str], dict[int, str]] | None:
    """Return words that stand in for those of a name, and those of them that are not its own.

    None if a class has no word for its position.
    """
    names = class_names()
    cut, stand_ins = list(written), {}
    for at, number in enumerate(classes):
        if number > len(names):
            continue
        word = stand_in(names[number - 1], at)
        if word is None:
            return None
        cut[at], stand_ins[at] = word, word.strip(MARK)
    return cut, stand_ins


@lru_cache(maxsize=1 << 15)
def _plan(
    text: str,
    stand_ins: tuple[tuple[int, str], ...],
    habit: NameWords,
    read: Read,
    parts: tuple[str, ...],
) -> Plan | None:
    """Read one name of stand-ins; the next part of a file has mostly the same shapes."""
    return make_plan(text, dict(stand_ins), read(text, habit), habit.region, parts)
