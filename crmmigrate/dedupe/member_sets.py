"""Sets of telephone numbers, mail addresses or domains: each record's members, from the rarest on."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from crmmigrate.dedupe.evidence import (
    VALUE_ID,
    Encoded,
    Glance,
    Level,
    chance_of,
    first_rows,
)
from crmmigrate.model.matching import Feature
from crmmigrate.model.semantic import SemanticType

__all__ = ["MEMBER_PARTS", "encode_members", "listed", "member_lists"]

MEMBER_PARTS: Mapping[str, str] = {"texts": "text", "tails": "tail"}
"""Parts of sets that blocking keys may name → column of their members."""

Numbers = NDArray[np.int64]
_GLANCED = 3
"""Members of a set that screening looks at, the rarest ones."""
_HOLDER_BITS = 24
_ROW = 0xFFFFFFFF


def encode_members(
    records: int,
    feature: Feature,
    found: pl.DataFrame,
    texts: pl.DataFrame,
    levels: tuple[Level, ...],
) -> Encoded:
    """Number the members from the rarest on, and the sets they form.

    A record with one member has the set of that number; sets of several come behind them.

    Args:
        records: Number of records.
        feature: The feature.
        found: `row` and `id` of every filled field.
        texts: `id` with its `text`, `tail`, `mark` and `end`; an id without text is no member.
        levels: Levels of agreement.
    """
    firsts, numbers = first_rows(texts.select("text"))
    at = np.full(int(found["id"].max() or 0) + 1, -1, np.int64)  # type: ignore[arg-type]
    at[texts["id"].to_numpy()] = numbers.to_numpy()
    places = at[found["id"].to_numpy()]
    known = places >= 0
    rows, places = _once(found["row"].to_numpy()[known].astype(np.int64), places[known])
    table = _members(texts, firsts, numbers, np.bincount(places, minlength=len(firsts)), rows)
    order = _rarest_first(table)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    table = table[order]
    ids, begins, several = _sets(rows, number[places], table.height, records)
    values = _values(table, begins, several)
    glance = _glance(feature, levels)
    return Encoded(feature, {feature.name: levels}, ids, values, (glance,), {"members": table})


def _once(rows: Numbers, members: Numbers) -> tuple[Numbers, Numbers]:
    """Return rows and members in order of the rows, each member of a row once."""
    packed = np.sort(rows << 32 | members)
    fresh = np.ones(len(packed), np.bool_)
    fresh[1:] = packed[1:] != packed[:-1]
    packed = packed[fresh]
    return packed >> 32, packed & _ROW


def _members(
    texts: pl.DataFrame, firsts: pl.Series, numbers: pl.Series, holders: Numbers, rows: Numbers
) -> pl.DataFrame:
    """Return what is known of each member; `mark` if any of its spellings is marked."""
    marked = np.bincount(numbers.to_numpy(), texts["mark"].to_numpy(), len(firsts)) > 0
    filled = 1 + int(np.count_nonzero(np.diff(rows))) if len(rows) else 0
    return (
        texts.select("text", "tail", "end")[firsts]
        .with_columns(pl.Series("holders", holders, dtype=pl.UInt32), pl.Series("mark", marked))
        .with_columns(chance_of(pl.col("holders"), filled).alias("chance"))
    )


def _rarest_first(table: pl.DataFrame) -> Numbers:
    """Return the order of members by their holders, and in any but a fixed one among equals."""
    most = np.uint64((1 << _HOLDER_BITS) - 1)
    few = np.minimum(table["holders"].to_numpy().astype(np.uint64), most)
    mixed = table["text"].hash(3).to_numpy() >> np.uint64(_HOLDER_BITS)
    return np.argsort(few << np.uint64(64 - _HOLDER_BITS) | mixed)


def _sets(
    rows: Numbers, members: Numbers, count: int, records: int
) -> tuple[pl.Series, Numbers, Numbers]:
    """Return the set of every record, and the members of the sets of several.

    Args:
        rows: Row of each member, in order.
        members: Members of rows.
        count: Number of members.
        records: Number of records.

    Returns:
        Number of the set of every record, null without members; where the members of each set of
        several begin in the last, and the end of the last one; these members, from the rarest on.
    """
    sizes = np.bincount(rows, minlength=records)
    ids = np.full(records, -1, np.int64)
    several = sizes[rows] > 1
    ids[rows[~several]] = members[~several]
    packed = np.sort(rows[several] << 32 | members[several])
    sets = np.flatnonzero(sizes > 1)
    ids[sets] = count + np.arange(len(sets))
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes[sets])])
    known = pl.when(pl.col("ids") >= 0).then(pl.col("ids").cast(pl.UInt32, strict=False))
    return pl.DataFrame({"ids": ids}).select(known)["ids"], begins, packed & _ROW


def _values(table: pl.DataFrame, begins: Numbers, several: Numbers) -> pl.DataFrame:
    """Return the members of each set, from the rarest on, and what is looked at of them first.

    Args:
        table: Members.
        begins: Where the members of each set of several begin in `several`, and the end.
        several: Members of the sets of several.
    """
    count, sizes = table.height, np.diff(begins)
    offsets = np.concatenate([np.arange(count), count + begins])
    numbers = pl.int_range(count, dtype=pl.UInt32, eager=True)
    flat = pl.concat([numbers, pl.Series(several, dtype=pl.UInt32)]).alias("members")
    sets = pl.DataFrame(
        {"set": np.repeat(np.arange(len(sizes)), sizes), "member": flat.slice(count)}
    )
    shown = (
        sets.hstack(table.select("text", "tail", "end")[sets["member"]])
        .group_by("set", maintain_order=True)
        .agg(
            pl.col("text").str.join(", ").alias("shown"), pl.col("end").first(),
            pl.col("tail").drop_nulls().first().alias("last_tail"),
            *(pl.col("member").get(n, null_on_oob=True).alias(f"member{n}") for n in range(_GLANCED)),
        ).drop("set")
    )  # fmt: skip
    nothing = pl.lit(None, dtype=pl.UInt32)
    lone = table.select(
        shown="text", end="end", last_tail="tail", member0=numbers,
        **{f"member{n}": nothing for n in range(1, _GLANCED)},
    )  # fmt: skip
    values = pl.concat([lone, shown.select(lone.columns)]) if shown.height else lone
    return values.with_columns(listed(offsets, flat)).with_row_index(VALUE_ID)


def _glance(feature: Feature, levels: tuple[Level, ...]) -> Glance:
    every = range(_GLANCED)
    members = tuple(f"member{i}/member{j}" for i in every for j in every)
    checks: tuple[tuple[tuple[str, ...], str], ...] = ((members, levels[-1].name),)
    if feature.type is not SemanticType.URL:
        checks = (*checks, (("end", "last_tail"), "near"))
    return Glance(feature.name, checks, "different")


def listed(offsets: Numbers, cells: pl.Series) -> pl.Series:
    """Return a column of lists: list i is `cells[offsets[i]:offsets[i + 1]]`."""
    array = pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), cells.to_arrow())
    return pl.Series(cells.name, pl.from_arrow(array))


def member_lists(encoded: Encoded, sets: pl.Series) -> pl.DataFrame:
    """Return of some sets all that is known of their members, as lists in their order.

    `members`, `texts`, `chance`, `mark`, `holders` and, without null, `tails`.
    """
    members = encoded.values["members"].gather(sets)
    sizes = members.list.len().to_numpy()
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])
    flat = members.explode()
    facts = encoded.tables["members"][flat]
    names = {"text": "texts", "chance": "chance", "mark": "mark", "holders": "holders", "tail": "tails"}  # fmt: skip
    lists = [listed(offsets, facts[fact].alias(name)) for fact, name in names.items()]
    return pl.DataFrame([members, *lists]).with_columns(pl.col("tails").list.drop_nulls())
