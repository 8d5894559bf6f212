"""Look before undoing: which records still hold what we wrote, and which must be spared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.invert import EDITED, GONE, INTACT, judge_current
from crmmigrate.model.operations import Action
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.target import Crm
from crmmigrate.stages.vanished import CHANNEL as DELETIONS
from crmmigrate.stages.written import Written

__all__ = ["SPARED", "Survey", "survey"]

SPARED = pl.Schema(dict.fromkeys(("external_id", "code", "fields", "action"), pl.String()))
"""One record that is left as it is: why, which fields it is about, and what the load did to it."""


@dataclass
class Survey:
    """What undoing would do.

    Attributes:
        spared: Object → SPARED rows.
        gone: Object → external ids of records that are no longer there.
        counts: Object → how many records would be removed, restored, spared, gone.
    """

    spared: dict[str, pl.DataFrame] = field(default_factory=dict)
    gone: dict[str, pl.Series] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def kept(self, object_: str) -> pl.Series:
        """Return the external ids of an object that must not be touched."""
        return self.spared[object_]["external_id"]


def survey(
    ctx: StageContext, crm: Crm, loads: Sequence[Written], objects: Sequence[str], *, resumed: bool
) -> Survey:
    """Judge all records of some loads against the target as it is now.

    Args:
        ctx: The run to undo.
        crm: The target.
        loads: What was written.
        objects: In the order they are undone: children first.
        resumed: An undo was broken off before, so references may be restored already.

    Memory: one part of an object with its current records, and the keys of spared records.
    """
    found = Survey()
    created: dict[str, list[pl.Series]] = {}
    for object_ in objects:
        kinds = column_kinds(ctx.project.model.objects[object_])
        links = [f.name for f in ctx.project.model.objects[object_].references]
        filled = crm.filled(ctx.project.model.objects[object_])
        spared, gone = [SPARED.to_frame()], [pl.Series("external_id", [], dtype=pl.String)]
        counts = dict.fromkeys(("removed", "restored", "spared", "gone"), 0)
        for load in loads:
            for frame in chain(load.records(object_), load.operations(object_, DELETIONS)):
                current = crm.current(ctx.project.model.objects[object_], frame["external_id"])
                either = links if resumed else ()
                states = judge_current(frame, current, kinds, either, filled)
                told = frame.select("external_id", "action").join(states, on="external_id")
                spared.append(_edited(told))
                gone.append(told.filter(pl.col("state") == GONE)["external_id"])
                created.setdefault(object_, []).append(
                    told.filter(
                        (pl.col("action") == Action.CREATE.value) & (pl.col("state") == INTACT)
                    )["external_id"]
                )
                _count(counts, told)
        found.spared[object_], found.gone[object_] = pl.concat(spared), pl.concat(gone)
        found.counts[object_] = counts
    _spare_parents(ctx, crm, found, {o: pl.concat(keys) for o, keys in created.items()})
    return found


def _edited(told: pl.DataFrame) -> pl.DataFrame:
    return told.filter(pl.col("state") == EDITED).select(
        "external_id",
        pl.lit("RBK701").alias("code"),
        pl.col("edited").list.join(", ").alias("fields"),
        "action",
    )


def _count(counts: dict[str, int], told: pl.DataFrame) -> None:
    create = pl.col("action") == Action.CREATE.value
    intact = pl.col("state") == INTACT
    counts["removed"] += told.filter(create & intact).height
    counts["restored"] += told.filter(~create & intact).height
    counts["spared"] += told.filter(pl.col("state") == EDITED).height
    counts["gone"] += told.filter(~intact & (pl.col("state") != EDITED)).height


def _spare_parents(
    ctx: StageContext, crm: Crm, found: Survey, created: dict[str, pl.Series]
) -> None:
    """Keep what spared records point to, and what that points to, however far it goes."""
    frontier = {o: found.kept(o) for o in found.spared}
    while any(keys.len() for keys in frontier.values()):
        needed = pl.concat([_NO_KEYS, *_pointed_to(ctx, crm, frontier)]).unique()
        frontier = {}
        for object_, keys in created.items():
            kept = found.kept(object_)
            more = keys.filter(keys.is_in(needed.implode()) & ~keys.is_in(kept.implode()))
            if more.is_empty():
                continue
            told = {"code": "RBK702", "fields": "", "action": Action.CREATE.value}
            rows = more.to_frame().with_columns(pl.lit(v).alias(k) for k, v in told.items())
            found.spared[object_] = pl.concat([found.spared[object_], rows])
            found.counts[object_]["spared"] += more.len()
            found.counts[object_]["removed"] -= more.len()
            frontier[object_] = more


def _pointed_to(ctx: StageContext, crm: Crm, frontier: dict[str, pl.Series]) -> Iterator[pl.Series]:
    for object_, keys in frontier.items():
        object_type = ctx.project.model.objects[object_]
        links = [f.name for f in object_type.references]
        if keys.len() and links:
            current = crm.current(object_type, keys, links)
            for name in links:
                yield current[name].drop_nulls().alias("external_id")


_NO_KEYS = pl.Series("external_id", [], dtype=pl.String)
