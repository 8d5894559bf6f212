"""Fill plans with the words of names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from crmmigrate.standardize.name_plans import (
    RAW,
    Plan,
    Template,
    Word,
    column_of,
    template_expression,
)
from crmmigrate.values.casing import case_name, lower_word

__all__ = ["Filled", "fill_plans"]


@dataclass(frozen=True, slots=True)
class Filled:
    """Names that were read.

    Attributes:
        rows: `_at`, value, parts, message, alternatives and `plan`, the row of `told`.
        told: Status, codes and confidence, one row a plan; taken for every name only at the end,
            since lists are slow to move.
    """

    rows: pl.DataFrame
    told: pl.DataFrame


_MANY = 60
"""Names of one plan from which on an expression is cheaper than a loop."""
_ODD = r"(?i)(?:^|-)ma?c|[İıßŉǰẞσΣςա-և]"
"""Words whose capitals are not made from the first letter of each part alone."""
_SURE = r"^[\p{L}\p{M}]{2,}(?:-[\p{L}\p{M}]{2,})*$"
_LETTERS = r"^[\p{L}\p{M}'’ʼ‘-]+$"
_OWN_LETTERS = frozenset({"TR", "NL", "FR"})
"""Ways of casing that differ from the usual one."""


def fill_plans(
    rows: pl.DataFrame,
    plans: Sequence[Plan],
    codes: pl.Series,
    distinct: pl.Series,
    parts: Sequence[str],
) -> Filled:
    """Fill the plan of each row with its words.

    Args:
        rows: `_at`, `text`, `first` (where its words begin in `codes`), `count` and `plan`.
        plans: What to fill.
        codes: Index of each word in `distinct`, text after text.
        distinct: Distinct words.
        parts: Names of the parts.
    """
    sorted_rows = rows.sort("plan")
    sizes = sorted_rows.group_by("plan", maintain_order=True).len().rows()
    written = _Writings(distinct)
    pieces, few, start = [], [], 0
    for plan, size in sizes:
        group = sorted_rows[start : start + size]
        start += size
        if size < _MANY:
            few.append(group)
        else:
            pieces.append(_fill_many(group, plans[plan], codes, written, parts))
    if few:
        pieces.append(_fill_few(pl.concat(few), plans, codes, written, parts))
    filled = pl.concat(pieces) if pieces else _empty(parts)
    table = pl.DataFrame(
        {
            "status": [plan.status for plan in plans],
            "codes": [list(plan.codes) for plan in plans],
            "confidence": [plan.confidence for plan in plans],
        },
        schema={"status": pl.String, "codes": pl.List(pl.String), "confidence": pl.Float64},
    )
    return Filled(filled, table)


class _Writings:
    """Distinct words in the writings that plans ask for, each made once."""

    def __init__(self, distinct: pl.Series) -> None:
        self._distinct = distinct
        self._made: dict[str, pl.Series] = {}

    def take(self, rows: pl.Series, writing: str, region: str | None) -> pl.Series:
        """Return some of the words in one writing, by their number."""
        if writing == "raw":
            return self._distinct.gather(rows)
        if region in _OWN_LETTERS or writing == "lower":
            return self._one_by_one(rows, lower_word if writing == "lower" else case_name, region)
        if writing not in self._made:
            words = self._distinct
            self._made[writing] = words.str.to_uppercase() if writing == "upper" else _titled(words)
        return self._made[writing].gather(rows)

    def _one_by_one(
        self, rows: pl.Series, write: Callable[[str, str | None], str], region: str | None
    ) -> pl.Series:
        distinct = rows.unique()
        made = [write(word, region) for word in self._distinct.gather(distinct)]
        return rows.replace_strict(
            distinct, pl.Series(made, dtype=pl.String), return_dtype=pl.String
        )


def _titled(words: pl.Series) -> pl.Series:
    """Return words with a capital at the start of each part; only those in one case are asked for."""
    one_case = words.str.contains(r"\p{Lu}") != words.str.contains(r"\p{Ll}")
    odd = ~words.str.contains(_SURE) | words.str.contains(_ODD)
    odd &= one_case & words.str.contains(_LETTERS)
    recased = [case_name(word) for word in words.filter(odd)]
    return words.str.to_titlecase().scatter(odd.arg_true(), pl.Series(recased, dtype=pl.String))


def _fill_many(
    group: pl.DataFrame, plan: Plan, codes: pl.Series, written: _Writings, parts: Sequence[str]
) -> pl.DataFrame:
    columns = {column_of(Word(-1)): group["text"], "_at": group["_at"], "plan": group["plan"]}
    for word in plan.words():
        if word.position >= 0:
            found = codes.gather(group["first"] + word.position)
            columns[column_of(word)] = written.take(found, word.writing, plan.region)
    alternatives = [template_expression(template) for template in plan.alternatives]
    return pl.DataFrame(columns).select(
        "_at",
        "plan",
        template_expression(plan.value).alias("value"),
        *(
            template_expression(template).alias(part)
            for part, template in zip(parts, plan.parts, strict=True)
        ),
        template_expression(plan.message).alias("message"),
        (pl.concat_list(alternatives) if alternatives else _NOTHING).alias("alternatives"),
    )


_NOTHING = pl.lit([], dtype=pl.List(pl.String))


def _fill_few(
    rows: pl.DataFrame,
    plans: Sequence[Plan],
    codes: pl.Series,
    written: _Writings,
    parts: Sequence[str],
) -> pl.DataFrame:
    """Fill names of rare plans one by one."""
    ends = pl.col("first") + pl.col("count")
    where = rows.select(pl.int_ranges("first", ends).explode(empty_as_null=False)).to_series()
    every = written.take(codes.gather(where), "raw", None).to_list()
    names = ["_at", "plan", "value", *parts, "message", "alternatives"]
    columns: dict[str, list[object]] = {name: [] for name in names}
    begin = 0
    for (number,), group in rows.group_by("plan", maintain_order=True):
        plan, texts, cut = plans[number], group["text"].to_list(), []
        for count in group["count"]:
            cut.append(every[begin : begin + count])
            begin += count
        told = (plan.value, *plan.parts, plan.message)
        for name, template in zip(names[2:-1], told, strict=True):
            columns[name] += _fill(template, texts, cut, plan.region)
        others = [_fill(template, texts, cut, plan.region) for template in plan.alternatives]
        columns["alternatives"] += (
            map(list, zip(*others, strict=True)) if others else [[]] * len(texts)
        )
    columns["_at"], columns["plan"] = rows["_at"].to_list(), rows["plan"].to_list()
    return pl.DataFrame(columns, schema=_schema(parts))


def _fill(
    template: Template, texts: Sequence[str], cut: Sequence[Sequence[str]], region: str | None
) -> Sequence[str | None]:
    """Fill one template for some texts and their words."""
    if not template:
        return [None] * len(texts)
    if template == RAW:
        return texts
    pieces = [
        [piece] * len(texts)
        if isinstance(piece, str)
        else [_write(words[piece.position], piece.writing, region) for words in cut]
        for piece in template
    ]
    return pieces[0] if len(pieces) == 1 else list(map("".join, zip(*pieces, strict=True)))


def _write(word: str, writing: str, region: str | None) -> str:
    if writing == "raw":
        return word
    if writing == "upper":
        return word.upper()
    return (lower_word if writing == "lower" else case_name)(word, region)


def _schema(parts: Sequence[str]) -> dict[str, pl.DataType]:
    strings: dict[str, pl.DataType] = {name: pl.String() for name in ("value", *parts, "message")}
    return {
        "_at": pl.UInt32(), "plan": pl.UInt32(), **strings, "alternatives": pl.List(pl.String())
    }  # fmt: skip


def _empty(parts: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=_schema(parts))
