"""Measure our load against the database's own bulk load of the same rows, in one run.

Run: python benchmarks/load.py [contacts] [sqlite|postgresql]        (default 100,000, sqlite)

Prints seconds of plan and load for accounts and contacts; of a plain load into the same tables as a
database programmer would do it (SQLite: `executemany` in one transaction; PostgreSQL: `COPY`), their
ratio, a re-plan of unchanged rows against reading both sides, and the peak memory of the process.
Ours includes the write-ahead ledger, outcomes by row, the crosswalk, references resolved through it,
and durable commits between batches. PostgreSQL is started here, on the loopback interface.
"""

import io
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import polars as pl

from crmmigrate.adapters.relational.postgresql import PostgreSQL
from crmmigrate.adapters.relational.schema import build_schema
from crmmigrate.adapters.relational.sqlite import SQLite
from crmmigrate.adapters.relational.storage import to_storage
from crmmigrate.config.canonical import load_model
from crmmigrate.store.artifacts import UnitWriter, parts
from crmmigrate.store.workspace import Run, Workspace
from crmmigrate.testing.worlds import World

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

_PART = 100_000


def main(contacts: int, kind: str) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, _target(kind) as target:
        root = Path(folder)
        plain, read = _PLAIN[kind]
        world = World(root, model=load_model(), target=target)
        run = _run(world, contacts)
        figures = {
            "plan": _seconds(lambda: world.plan(run)),
            "load": _seconds(lambda: world.load(run)),
            "plain bulk load": _seconds(lambda: plain(run, root, target)),
        }
        again = _run(world, contacts)
        figures["re-plan, unchanged"] = _seconds(lambda: world.plan(again))
        figures["reading both sides"] = _seconds(lambda: _read_both(again, root, target, read))
    rows = contacts + contacts // 10
    for name, seconds in figures.items():
        print(f"{name:22} {seconds:8.2f} s  {rows / seconds:12,.0f} rows/s")
    ratio = (figures["plan"] + figures["load"]) / figures["plain bulk load"]
    print(f"load / plain           {figures['load'] / figures['plain bulk load']:8.2f}")
    print(f"(plan + load) / plain  {ratio:8.2f}")
    print(
        f"re-plan / reading      {figures['re-plan, unchanged'] / figures['reading both sides']:8.2f}"
    )
    print(
        f"peak memory            {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB"
    )


@contextmanager
def _target(kind: str) -> Iterator[dict[str, object]]:
    if kind == "sqlite":
        yield {"adapter": "sqlite", "path": "crm.db"}
        return
    from servers import postgresql_server

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with postgresql_server.cluster(Path(folder) / "server") as port:
            yield {
                "adapter": "database",
                "url": f"postgresql+psycopg://crm@127.0.0.1:{port}/postgres",
            }


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


def _plain_sqlite(run: Run, root: Path, _target: dict[str, object]) -> None:
    crm = sqlite3.connect(root / "crm.db")
    ddl = [
        row[0]
        for row in crm.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, rowid"
        )
    ]
    ids = dict(crm.execute('SELECT external_id, id FROM "account"'))
    crm.close()
    plain = sqlite3.connect(root / "plain.db", isolation_level=None)
    for statement in sorted(ddl, key=lambda s: not s.startswith("CREATE TABLE")):
        plain.execute(statement)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA foreign_keys = ON")
    plain.execute("BEGIN")
    for object_, names, rows in _stored(run, ids, SQLite()):
        sql = f'INSERT INTO "{object_}" ({", ".join(names)}) VALUES ({", ".join("?" * len(names))})'
        plain.executemany(sql, rows.iter_rows())
    plain.execute("COMMIT")
    plain.close()


def _plain_postgresql(run: Run, _root: Path, target: dict[str, object]) -> None:
    import psycopg

    with psycopg.connect(str(target["url"]).replace("+psycopg", "")) as plain:
        ids: dict[str, int] = {}
        plain.execute("CREATE SCHEMA plain")
        for table in ("account", "contact"):
            plain.execute(f"CREATE TABLE plain.{table} (LIKE public.{table} INCLUDING ALL)")
        plain.execute(
            "ALTER TABLE plain.contact ADD FOREIGN KEY (account_id) REFERENCES plain.account"
        )
        for object_, names, rows in _stored(run, ids, PostgreSQL()):
            content = io.BytesIO()
            rows.write_csv(
                content, include_header=False, quote_style="non_numeric", null_value="\\N"
            )
            command = (
                f"COPY plain.{object_} ({', '.join(names)}) FROM STDIN (FORMAT csv, NULL '\\N')"
            )
            with plain.cursor() as cursor, cursor.copy(command) as copy:
                copy.write(content.getbuffer())
            if object_ == "account":
                ids |= plain.execute("SELECT external_id, id FROM plain.account").fetchall()


def _stored(
    run: Run, ids: dict[str, int], dialect: SQLite | PostgreSQL
) -> Iterator[tuple[str, list[str], pl.DataFrame]]:
    """Yield object, columns and rows as the tables take them."""
    schema = build_schema(load_model(), dialect)
    for object_ in ("account", "contact"):
        slots = schema.slots[object_]
        names = ["external_id", *(c for s in slots for c in s.columns), "created_at", "modified_at"]
        stamp = pl.lit("2026-01-01T00:00:00+00:00")
        for part in parts(run.dir, "validate", object_, "rows"):
            frame = part.rename({c: f"to.{c}" for c in part.columns if c != "_key"})
            if object_ == "contact":
                known = pl.col("to.account").replace_strict(ids, return_dtype=pl.Int64)
                frame = frame.with_columns(pl.format("account:{}", known).alias("to.account"))
            stored = [e for s in slots for e in to_storage(s)]
            rows = frame.select(
                "_key", *stored, stamp.alias("created_at"), stamp.alias("modified_at")
            )
            yield object_, [f'"{name}"' for name in names], rows


Read = Callable[[str, Path, dict[str, object]], Iterator[list[tuple[object, ...]]]]


def _read_both(run: Run, root: Path, target: dict[str, object], read: Read) -> None:
    for object_ in ("account", "contact"):
        for _ in parts(run.dir, "validate", object_, "rows"):
            pass
        for rows in read(f'SELECT * FROM "{object_}"', root, target):
            pl.DataFrame(rows, orient="row", infer_schema_length=None)


def _read_sqlite(
    query: str, root: Path, _target: dict[str, object]
) -> Iterator[list[tuple[object, ...]]]:
    crm = sqlite3.connect(root / "crm.db")
    cursor = crm.execute(query)
    while rows := cursor.fetchmany(20_000):
        yield rows
    crm.close()


def _read_postgresql(
    query: str, _root: Path, target: dict[str, object]
) -> Iterator[list[tuple[object, ...]]]:
    import psycopg

    with (
        psycopg.connect(str(target["url"]).replace("+psycopg", "")) as crm,
        crm.cursor("reading") as cursor,
    ):
        cursor.execute(query)
        while rows := cursor.fetchmany(20_000):
            yield rows


_PLAIN = {
    "sqlite": (_plain_sqlite, _read_sqlite),
    "postgresql": (_plain_postgresql, _read_postgresql),
}


if __name__ == "__main__":
    main(int((*sys.argv[1:], "100000")[0]), (*sys.argv[2:], "sqlite")[0])
