"""The crosswalk: source key → golden record → target record, for every target."""

import json
import sqlite3
from collections.abc import Iterator

import polars as pl

from crmmigrate.store.database import LedgerFile

__all__ = ["CROSSWALK", "Crosswalk", "add_links", "listed", "remove_links"]

CROSSWALK = pl.Schema(
    {"source_key": pl.String, "golden_key": pl.String, "object": pl.String, "target_id": pl.String}
)
"""One source key and the target record it became; `golden_key` is its external id there."""
_BY_SOURCE = (
    "SELECT source_key, golden_key, object, target_id FROM crosswalk WHERE target = ? "
    "AND source_key IN (SELECT value FROM json_each(?))"
)
_BY_ID = (
    "SELECT source_key, golden_key, object, target_id FROM crosswalk WHERE target = ? "
    "AND object = ? AND target_id IN (SELECT value FROM json_each(?))"
)
_OF_OBJECT = "SELECT source_key, golden_key, object, target_id FROM crosswalk WHERE target = ? AND object = ?"


class Crosswalk:
    """The crosswalk of an open ledger."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def add(self, target: str, links: pl.DataFrame) -> None:
        """Add or replace CROSSWALK rows."""
        with self._file.transaction() as connection:
            add_links(connection, target, links)

    def remove(self, target: str, object_: str, target_ids: pl.Series) -> None:
        """Forget target records that are gone."""
        with self._file.transaction() as connection:
            remove_links(connection, target, object_, target_ids)

    def by_source(self, target: str, keys: pl.Series) -> pl.DataFrame:
        """Return the rows of some source keys."""
        return self._file.frame(_BY_SOURCE, (target, listed(keys)), CROSSWALK)

    def by_id(self, target: str, object_: str, target_ids: pl.Series) -> pl.DataFrame:
        """Return the rows of some target records."""
        return self._file.frame(_BY_ID, (target, object_, listed(target_ids)), CROSSWALK)

    def of_object(self, target: str, object_: str) -> Iterator[pl.DataFrame]:
        """Yield the rows of an object, a batch at a time."""
        return self._file.frames(_OF_OBJECT, (target, object_), CROSSWALK)

    def is_empty(self, target: str, object_: str) -> bool:
        """Return whether no record of an object is known."""
        return self._file.frame(f"{_OF_OBJECT} LIMIT 1", (target, object_), CROSSWALK).is_empty()


def add_links(connection: sqlite3.Connection, target: str, links: pl.DataFrame) -> None:
    """Add or replace CROSSWALK rows within a transaction."""
    connection.executemany(
        "INSERT INTO crosswalk (target, source_key, golden_key, object, target_id) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT (target, source_key) DO UPDATE SET "
        "golden_key = excluded.golden_key, object = excluded.object, target_id = excluded.target_id",
        links.select(pl.lit(target).alias("target"), *CROSSWALK.names()).iter_rows(),
    )


def remove_links(
    connection: sqlite3.Connection, target: str, object_: str, target_ids: pl.Series
) -> None:
    """Remove the rows of some target records within a transaction."""
    connection.execute(
        "DELETE FROM crosswalk WHERE target = ? AND object = ? "
        "AND target_id IN (SELECT value FROM json_each(?))",
        (target, object_, listed(target_ids)),
    )


def listed(values: pl.Series) -> str:
    """Return values as one parameter for `json_each`."""
    return json.dumps(values.drop_nulls().to_list())
