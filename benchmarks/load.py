"""Measure our load against the database's own bulk load of the same rows, in one run.

Run: python benchmarks/load.py [contacts]        (default 100,000)

Prints seconds of plan and load for accounts and contacts, of a plain `executemany` in one
transaction into the same tables, their ratio, a re-plan of unchanged rows against reading both
sides, and the peak memory of the process. Ours includes the write-ahead ledger, outcomes by row,
the crosswalk, references resolved through it, and durable commits between batches.
"""

import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import polars as pl

from crmmigrate.adapters.relational.schema import build_schema
from crmmigrate.adapters.relational.storage import to_storage
from crmmigrate.config.canonical import load_model
from crmmigrate.store.artifacts import UnitWriter, parts
from crmmigrate.store.workspace import Run, Workspace
from crmmigrate.testing.worlds import World

_PART = 100_000


def main(contacts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        world = World(root, model=load_model())
        run = _run(world, contacts)
        figures = {
            "plan": _seconds(lambda: world.plan(run)),
            "load": _seconds(lambda: world.load(run)),
            "plain executemany": _seconds(lambda: _plain(run, root)),
        }
        again = _run(world, contacts)
        figures["re-plan, unchanged"] = _seconds(lambda: world.plan(again))
        figures["reading both sides"] = _seconds(lambda: _read_both(again, root))
    rows = contacts + contacts // 10
    for name, seconds in figures.items():
        print(f"{name:22} {seconds:8.2f} s  {rows / seconds:12,.0f} rows/s")
    ratio = (figures["plan"] + figures["load"]) / figures["plain executemany"]
    print(f"load / plain           {figures['load'] / figures['plain executemany']:8.2f}")
    print(f"(plan + load) / plain  {ratio:8.2f}")
    print(
        f"re-plan / reading      {figures['re-plan, unchanged'] / figures['reading both sides']:8.2f}"
    )
    print(
        f"peak memory            {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB"
    )


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _run(world: World, contacts: int) -> Run:
    """Open a run with made-up golden records, written a part at a time."""
    workspace = Workspace(world.root)
    workspace.create()
    run = workspace.new_run(world.clock(), ["benchmark"])
    for object_, rows in (("account", contacts // 10), ("contact", contacts)):
        columns = world.model.objects[object_].columns
        with UnitWriter(run.dir, "validate", object_) as writer:
            for start in range(0, rows, _PART):
                frame = _records(object_, start, min(_PART, rows - start), contacts // 10)
                absent = [
                    pl.lit(None, pl.String).alias(c) for c in columns if c not in frame.columns
                ]
                writer.write("rows", frame.with_columns(absent))
            writer.finish()
    return run


def _records(object_: str, start: int, rows: int, accounts: int) -> pl.DataFrame:
    number = pl.int_range(start, start + rows, eager=True).alias("n").to_frame()
    text = pl.col("n").cast(pl.String)
    key = pl.format("erp:{}:{}s/{}", pl.lit(object_), pl.lit(object_), text).alias("_key")
    shared = [
        key,
        pl.format("+4072{}", text.str.zfill(7)).alias("phone"),
        pl.format("someone{}@example.org", text).alias("email"),
        pl.lit("true").alias("email_valid"),
        pl.format("A line about number {} that is neither short nor long.", text).alias(
            "description"
        ),
    ]
    if object_ == "account":
        return number.select(
            *shared,
            pl.format("Company {} SRL", text).alias("name"),
            pl.lit("customer").alias("type"),
        )
    parent = ((pl.col("n") * 7919) % max(accounts, 1)).cast(pl.String)
    return number.select(
        *shared,
        pl.format("Given{} Family{}", text, text).alias("name"),
        pl.format("Given{}", text).alias("name_given"),
        pl.format("Family{}", text).alias("name_family"),
        pl.format("erp:account:accounts/{}", parent).alias("account"),
        pl.format("Strada Lungă {}, 030167 București", text).alias("address"),
        pl.lit("București").alias("address_locality"),
        pl.lit("1980-02-29").alias("birth_date"),
    )


def _plain(run: Run, root: Path) -> None:
    """Load the same rows as a database programmer would: one transaction, executemany."""
    schema = build_schema(load_model())
    crm = sqlite3.connect(root / "crm.db")
    ddl = [
        row[0]
        for row in crm.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, rowid"
        )
    ]
    ids = {o: dict(crm.execute(f'SELECT external_id, id FROM "{o}"')) for o in ("account",)}
    crm.close()
    plain = sqlite3.connect(root / "plain.db", isolation_level=None)
    for statement in sorted(ddl, key=lambda s: not s.startswith("CREATE TABLE")):
        plain.execute(statement)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA foreign_keys = ON")
    plain.execute("BEGIN")
    for object_ in ("account", "contact"):
        slots = schema.slots[object_]
        names = ["external_id", *(c for s in slots for c in s.columns), "created_at", "modified_at"]
        sql = f'INSERT INTO "{object_}" ({", ".join(chr(34) + n + chr(34) for n in names)}) VALUES ({", ".join("?" * len(names))})'
        stamp = pl.lit("2026-01-01T00:00:00+00:00")
        for part in parts(run.dir, "validate", object_, "rows"):
            frame = part.rename({c: f"to.{c}" for c in part.columns if c != "_key"})
            if object_ == "contact":
                known = pl.format(
                    "account:{}",
                    pl.col("to.account").replace_strict(ids["account"], return_dtype=pl.Int64),
                )
                frame = frame.with_columns(known.alias("to.account"))
            stored = [e for s in slots for e in to_storage(s)]
            rows = frame.select(
                "_key", *stored, stamp.alias("created_at"), stamp.alias("modified_at")
            )
            plain.executemany(sql, rows.iter_rows())
    plain.execute("COMMIT")
    plain.close()


def _read_both(run: Run, root: Path) -> None:
    for object_ in ("account", "contact"):
        for _ in parts(run.dir, "validate", object_, "rows"):
            pass
        crm = sqlite3.connect(root / "crm.db")
        cursor = crm.execute(f'SELECT * FROM "{object_}"')
        while rows := cursor.fetchmany(20_000):
            pl.DataFrame(rows, orient="row", infer_schema_length=None)
        crm.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
