"""Tell whether the target has changed since a plan was made, where the plan would write."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import polars as pl

from crmmigrate.changes.compare import column_kinds, differs
from crmmigrate.changes.diff import payload_columns
from crmmigrate.changes.policies import read_moment
from crmmigrate.config.choices import CHOICES_FOLDER
from crmmigrate.config.project import MIGRATION_FILE
from crmmigrate.errors import RefusedError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.catalog import Catalog
from crmmigrate.model.counting import counted
from crmmigrate.model.operations import Action, before_column
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.plan_file import PlanDocument, schema_fingerprint
from crmmigrate.stages.target import Crm
from crmmigrate.stages.vanished import CHANNEL as DELETIONS
from crmmigrate.store.artifacts import parts
from crmmigrate.store.ledger import PlanEntry

__all__ = ["check_surroundings", "drifted_records", "refuse_drift", "row_counts"]

UNKNOWN = -1
"""In the place of a number of records that the target does not tell."""
_SHOWN = 5
_FOLDERS = ("mappings", "rules", "decisions", "corrections", CHOICES_FOLDER)
"""Where the configuration of a project stands besides migration.yaml."""
_ROWS = 20_000


def refuse_drift(ctx: StageContext, crm: Crm, plan: PlanDocument, entry: PlanEntry) -> None:
    """Make sure that the plan still fits the target.

    Every record that the plan updates and that was not sent yet must hold what the plan says it
    held; a record to be created must not be there. What the plan does not touch may change.

    Raises:
        RefusedError: it does not; the first drifted records are named.
    """
    catalog = check_surroundings(ctx, crm, plan)
    drifted: list[str] = []
    total = 0
    for _, found in drifted_records(ctx, crm, plan, entry, catalog):
        total += found.height
        drifted += found.head(_SHOWN)["told"].to_list()
    if total:
        raise _stale(
            plan,
            counted(
                total, "record of the target has changed", "records of the target have changed"
            ),
            [f"changed: {told}" for told in drifted[:_SHOWN]],
        )


def check_surroundings(ctx: StageContext, crm: Crm, plan: PlanDocument) -> Catalog:
    """Return the catalog of the target, if it and the configuration are those of the plan.

    Raises:
        RefusedError: they are not.
    """
    if plan.config != ctx.project.fingerprint("plan"):
        raise _stale(plan, "the configuration has changed", _touched_files(ctx, plan))
    catalog = crm.target.describe()
    if plan.schema != schema_fingerprint(catalog):
        raise _stale(plan, "the fields of the target have changed")
    return catalog


def drifted_records(
    ctx: StageContext, crm: Crm, plan: PlanDocument, entry: PlanEntry, catalog: Catalog
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield objects with drifted records of theirs: `external_id, action, found, told`."""
    rows = row_counts(catalog)
    begun = not crm.ledger.counts(entry).is_empty()
    for object_ in plan.order:
        now = rows.get(object_, 0)
        grown = begun or now == UNKNOWN or now != plan.rows.get(object_, 0)
        for found in _drifted(ctx, crm, entry, object_, look_for_creates=grown, begun=begun):
            yield object_, found


def _drifted(
    ctx: StageContext,
    crm: Crm,
    entry: PlanEntry,
    object_: str,
    *,
    look_for_creates: bool,
    begun: bool,
) -> Iterator[pl.DataFrame]:
    object_type = ctx.project.model.objects[object_]
    kinds, links = column_kinds(object_type), {f.name for f in object_type.references}
    wanted = [Action.UPDATE.value, Action.LINK.value, Action.DELETE.value]
    wanted += [Action.CREATE.value] if look_for_creates else []
    for channel in ("operations", DELETIONS):
        for left in _unsent(ctx, crm, entry, object_, channel, wanted):
            names = [c for c in payload_columns(left) if c in kinds]
            both = left.join(_now(crm, object_type, left, names), on="external_id", how="left")
            create = pl.col("action") == Action.CREATE.value
            # A load that has begun has deleted what records to be deleted pointed to.
            ours = pl.col("action") == (Action.DELETE.value if begun else "")
            others = {
                c: differs(pl.col(before_column(c)), pl.col(f"now.{c}"), kinds[c])
                & ~(ours & pl.lit(c in links))
                for c in names
            }
            gone = pl.col("found").is_null()
            # A link of nothing but the key has no before-image: only the record itself counts.
            silent = (pl.col("action") == Action.LINK.value) & (pl.col("changed").list.len() == 0)
            other = gone | (~silent & pl.any_horizontal(others.values()))
            delete = (pl.col("action") == Action.DELETE.value) & gone
            drifted = both.filter(pl.when(create).then(~gone).otherwise(other & ~delete))
            yield _told(drifted, others)


def _unsent(
    ctx: StageContext,
    crm: Crm,
    entry: PlanEntry,
    object_: str,
    channel: str,
    wanted: Sequence[str],
) -> Iterator[pl.DataFrame]:
    """Yield operations of some actions that were not sent yet."""
    for part in parts(ctx.run.dir, "plan", object_, channel):
        for piece in part.filter(pl.col("action").is_in(wanted)).iter_slices(_ROWS):
            sent = [f["op_id"] for f in crm.ledger.operations(entry, op_ids=piece["op_id"])]
            known = pl.concat(sent) if sent else piece["op_id"].clear()
            left = piece.filter(~pl.col("op_id").is_in(known.implode()))
            if left.height:
                yield left


def _now(
    crm: Crm, object_type: ObjectType, left: pl.DataFrame, names: Sequence[str]
) -> pl.DataFrame:
    """Return `external_id, found, now.<column>` of the records that are there.

    A record that was to be taken over and has got a key since is none that is there.
    """
    link = pl.col("action") == Action.LINK.value
    found = [crm.current(object_type, left.filter(~link)["external_id"], names)]
    links = left.filter(link).select("external_id", "target_id")
    if links.height:
        theirs = crm.taken_over(object_type, links, names)
        free = theirs.filter(pl.col("_bears").is_null())
        found.append(free.select(found[0].columns))
    now = pl.concat(found).drop("_id")
    there = now.rename(
        {
            "_external_id": "external_id",
            "_modified_at": "changed_at",
            **{c: f"now.{c}" for c in names},
        }
    )
    return there.with_columns(found=True)


def _told(drifted: pl.DataFrame, others: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return drifted records; `told` is `key: field, field (when)`; values are not named.

    When is the last change that the target tells, which may have been one of another field.
    """
    fields = pl.concat_list(
        pl.when(other).then(pl.lit(name)) for name, other in others.items()
    ).list.drop_nulls()
    what = (
        pl.when(pl.col("action") == Action.CREATE.value)
        .then(pl.lit("is there already"))
        .when(pl.col("found").is_null())
        .then(pl.lit("is gone"))
        .otherwise(fields.list.join(", "))
    )
    moment = read_moment(pl.col("changed_at")).dt.strftime("%Y-%m-%d %H:%M:%S")
    when = pl.format(" ({} UTC)", moment)
    return drifted.select(
        "external_id",
        "action",
        pl.col("found").is_not_null().alias("found"),
        told=pl.concat_str(
            pl.format("{}: {}", "external_id", what), when.fill_null(""), separator=""
        ),
    )


def row_counts(catalog: Catalog) -> dict[str, int]:
    """Return how many records each object has; UNKNOWN where the target does not tell."""
    return {d.name: UNKNOWN if d.rows is None else d.rows for d in catalog.datasets}


def _touched_files(ctx: StageContext, plan: PlanDocument) -> list[str]:
    """Return the files of the configuration that were written after the plan was made, and when."""
    made, root = datetime.fromisoformat(plan.created_at), ctx.project.root
    files = [root / MIGRATION_FILE, *(f for name in _FOLDERS for f in (root / name).rglob("*"))]
    found = []
    for path in sorted(f for f in files if f.is_file()):
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if at > made:
            found.append(f"written since: {path.relative_to(root)} ({at:%Y-%m-%d %H:%M:%S} UTC)")
    return found[:_SHOWN]


def _stale(plan: PlanDocument, message: str, causes: list[str] | None = None) -> RefusedError:
    made = datetime.fromisoformat(plan.created_at)
    return RefusedError(
        f"{message} since the plan was made ({made:%Y-%m-%d %H:%M:%S} UTC)",
        causes=causes or [],
        hint="nothing was written; look at it, then make a new plan with `crmmigrate plan`",
    )
