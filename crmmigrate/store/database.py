"""The ledger's SQLite file: opening, checking, one transaction at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import polars as pl

from crmmigrate.errors import CorruptError, LockHeldError, RefusedError, StorageError
from crmmigrate.store.files import PRIVATE_FILE, storage_errors

__all__ = ["LEDGER_VERSION", "LedgerFile"]

LEDGER_VERSION = 1
_CHECKED_BYTES = 256 * 1024 * 1024
"""Files up to this size are checked whole at opening; damage in larger ones shows when met."""


class LedgerFile:
    """An open ledger; every method either does all of its work or nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with storage_errors(path):
            path.touch(mode=PRIVATE_FILE, exist_ok=True)
        with self.errors():
            self.connection = sqlite3.connect(path, timeout=10, isolation_level=None)
            try:
                self._open()
            except BaseException:
                self.connection.close()
                raise

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside one durable transaction."""
        with self.errors():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                # SQLite has rolled back by itself after some errors, such as a full disk.
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def frame(self, sql: str, parameters: tuple[object, ...], schema: pl.Schema) -> pl.DataFrame:
        """Return the rows of a query as a frame."""
        with self.errors():
            rows = self.connection.execute(sql, parameters).fetchall()
        return pl.DataFrame(rows, schema=schema, orient="row")

    def frames(
        self, sql: str, parameters: tuple[object, ...], schema: pl.Schema, size: int = 50_000
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of a query, `size` at a time."""
        with self.errors():
            cursor = self.connection.execute(sql, parameters)
            while rows := cursor.fetchmany(size):
                yield pl.DataFrame(rows, schema=schema, orient="row")

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what SQLite says about the file into our errors."""
        try:
            yield
        except sqlite3.Error as exc:
            raise _translated(exc, self.path) from None

    def _open(self) -> None:
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if version > LEDGER_VERSION:
            raise RefusedError(
                f"the ledger was written by a newer crmmigrate (version {version})",
                where=str(self.path),
                hint="use that version, or a newer one",
            )
        self._check()
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA foreign_keys = OFF")
        if version == 0:
            self._create()

    def _check(self) -> None:
        if self.path.stat().st_size > _CHECKED_BYTES:
            return
        found = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise _damaged(self.path, found)

    def _create(self) -> None:
        present = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if present:
            raise _damaged(self.path, "it holds other tables than a ledger")
        script = files("crmmigrate.store").joinpath("schema.sql").read_text(encoding="utf-8")
        self.connection.executescript(
            f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {LEDGER_VERSION}; COMMIT;"
        )


def _damaged(path: Path, reason: str) -> CorruptError:
    return CorruptError(
        f"the ledger is damaged: {reason}",
        where=str(path),
        hint="restore it from a backup; or move it away and run `crmmigrate plan`: "
        "what is in the target is found again by its external ids, but older runs can "
        "no longer be rolled back",
    )


def _translated(error: sqlite3.Error, path: Path) -> Exception:
    said = str(error).lower()
    if "malformed" in said or "not a database" in said or "disk image" in said:
        return _damaged(path, str(error))
    if "locked" in said or "busy" in said:
        return LockHeldError(
            "the ledger is locked by another program",
            where=str(path),
            hint="close whatever has it open, then run the same command again",
        )
    if "full" in said:
        return StorageError(
            "no space left on the disk",
            where=str(path),
            hint="free some space and run the same command again; it goes on where it stopped",
        )
    return StorageError(
        f"the ledger cannot be read or written: {error}",
        where=str(path),
        hint="check the disk, and the owner and mode of the folder",
    )
