"""An address book as a source and a target, in its own words."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW
from crmmigrate.adapters.carddav.checking import Checker, kept
from crmmigrate.adapters.carddav.claiming import Claims
from crmmigrate.adapters.carddav.connecting import try_connection
from crmmigrate.adapters.carddav.discovery import Book, find_book
from crmmigrate.adapters.carddav.fields import (
    DATASET,
    LINKS,
    NAME_PARTS,
    STREET_HALVES,
    Field,
    Value,
    card_fields,
)
from crmmigrate.adapters.carddav.placing import TYPES
from crmmigrate.adapters.carddav.shelf import AT_ONCE, Copy, Shelf, own_id, pieces
from crmmigrate.adapters.carddav.wire import Wire
from crmmigrate.adapters.carddav.writing import Writer
from crmmigrate.adapters.outcome_frames import refused
from crmmigrate.adapters.streets import join_street, split_street
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Dataset
from crmmigrate.model.connections import Check

__all__ = ["CAPABILITIES", "AddressBook", "Place"]

BATCH_SIZE = 200
"""Operations in one write; each card is a request of its own, CardDAV has no others."""
CAPABILITIES = Capabilities(
    can_write=True,
    external_id=True,
    can_delete=True,
    incremental=True,
    batch_size=BATCH_SIZE,
    records_per_second=20.0,
)
"""A card that is deleted is gone with all that we do not know of it. The pace is
that of Radicale with 2,700 cards, the mean from the first to the last: it looks through all of them
for each new one."""


@dataclass(frozen=True)
class Place:
    """Where the address book is.

    Attributes:
        start: Path of the address that was given.
        wanted: Name of the book; empty for the one that is there.
    """

    start: str
    wanted: str = ""


class AddressBook:
    """One address book of a CardDAV server.

    Args:
        wire: The server.
        place: Where the book is.
        properties: Further properties of cards that are one text.
        clock: Gives the time.
        batch_size: Most operations in one write.
    """

    def __init__(
        self,
        wire: Wire,
        place: Place,
        properties: Sequence[str] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._wire = wire
        self._place = place
        self._clock = clock
        self._batch_size = batch_size
        self.fields: Mapping[str, Field] = card_fields(properties)

    @property
    def capabilities(self) -> Capabilities:
        """What CardDAV can do."""
        return replace(CAPABILITIES, batch_size=self._batch_size)

    @cached_property
    def book(self) -> Book:
        """The address book; the server is asked for it once."""
        return find_book(self._wire, self._place.start, self._place.wanted)

    @cached_property
    def shelf(self) -> Shelf:
        """The cards of the book."""
        return Shelf(self._wire, self.book)

    def connect(self) -> Iterator[Check]:
        """Try the connection; nothing is changed."""
        return try_connection(self._wire, self.book, self.shelf)

    def describe(self) -> Catalog:
        """Return the one dataset, with its columns and the number of cards."""
        columns = tuple(field.column for field in self.fields.values())
        found = (("address book", self.book.name), ("path", self.book.path))
        return Catalog((Dataset(DATASET, columns, ("uid",), len(self.shelf.ids()), found),))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield cards in the order of their ids.

        Args:
            dataset: Always `card`.
            fields: Columns; None for all.
            since: A `_modified_at`: what was changed then or later; or a token of `token`: what
                was changed after it was given.
        """
        self._check(dataset)
        row = 0
        for frame in self._frames(self._ids(since), self._names(fields)):
            numbers = pl.int_range(row + 1, row + frame.height + 1, dtype=pl.Int64).alias(ROW)
            nothing = [pl.lit(None, pl.String).alias(c) for c in (REJECTED, EXCLUDED, RAW_TEXT)]
            yield from frame.with_columns(numbers, *nothing).to_arrow().to_batches()
            row += frame.height

    def token(self) -> str:
        """Return what to give `read` as `since` the next time; empty if the server has none."""
        return self.shelf.token()

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield cards with `_id`, `_external_id`, `_modified_at` and columns."""
        self._check(object_)
        names = self._names(fields)
        if keys is None:
            frames = self._frames(self.shelf.ids(), names)
        else:
            wanted = [str(key) for key in keys.drop_nulls().unique(maintain_order=True)]
            frames = self._frames(wanted, names) if by == "id" else self._by_keys(wanted, names)
        for frame in frames:
            yield from frame.to_arrow().to_batches()

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Carry out operations, a request for each; return one OUTCOME row for each.

        Raises:
            PermissionMissingError: our user may not write to the book.
            RemoteError: the server cannot be reached, or has no room left.
        """
        self._check(object_)
        if operations.is_empty():
            return refused({})
        writer = Writer(self.shelf, self.fields, self._checker, self._clock)
        return writer.write(action, operations)

    def can_claim(self, object_: str) -> bool:
        """Return whether cards can be given our key; always, since it is a line of the card."""
        return object_ == DATASET

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give cards our key, or take it away; nothing else of them is changed."""
        self._check(object_)
        return Claims(self.shelf).write(claims)

    def as_stored(self, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of desired records as they will be read back once they are written.

        Control characters have no place in a card, and a name that is but a family name is told as
        a name without parts, since programs want every name to have one.
        """
        self._check(object_)
        texts = [n for n, t in frame.schema.items() if n in self.fields and t == pl.String]
        for name in texts:
            cells = frame[name]
            known = {v: self._kept(name, v) for v in cells.unique().to_list()}
            told = [known[v] for v in cells.to_list()]
            frame = frame.with_columns(pl.Series(name, told, pl.String))
        return _with_name_parts(_with_streets(frame))

    def filled(self, object_: str) -> frozenset[str]:
        """Return the columns that are never blank: what a card is of, and who works where."""
        self._check(object_)
        return frozenset({"kind", "company"})

    def close(self) -> None:
        """Close all connections."""
        self._wire.transport.close()

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.shelf, self.fields)

    def _kept(self, name: str, value: str | None) -> str | None:
        """Return a text as it comes back."""
        told = kept(value)
        if name == "kind":
            return str(told).lower() if told else None
        if name == "categories" and isinstance(told, str):
            return ", ".join(w.strip() for w in told.split(",") if w.strip()) or None
        return told if isinstance(told, str) else None

    def _ids(self, since: str | None) -> list[str]:
        if since is None:
            return self.shelf.ids()
        if "://" in since or since.startswith(("data:", "urn:")):
            told = self.shelf.changed_since(since)
            return self.shelf.ids() if told is None else sorted(told[0])
        return [
            i for i, e in sorted(self.shelf.listing().items()) if (e.modified or since) >= since
        ]

    def _by_keys(self, keys: Sequence[str], names: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield the cards we have made for these external ids, wherever they stand now."""
        for some in pieces(keys, AT_ONCE):
            places = {own_id(key): key for key in some}
            read = self.shelf.copies(list(places))
            found = [c for c in read if self.shelf.is_ours(c, places[c.id])]
            there = {places[c.id] for c in found}
            lost = [key for key in some if key not in there]
            elsewhere = self.shelf.moved(lost) if lost else {}
            names_of = {c.id: places[c.id] for c in found}
            names_of |= {id_: key for key, id_ in elsewhere.items()}
            found += self.shelf.copies(list(elsewhere.values()))
            if found:
                yield self._frame(found, names, names_of)

    def _frames(self, ids: Sequence[str], names: Sequence[str]) -> Iterator[pl.DataFrame]:
        for some in pieces(list(dict.fromkeys(ids)), AT_ONCE):
            found = list(self.shelf.copies(some))
            if found:
                yield self._frame(found, names, {})

    def _frame(
        self, copies: Sequence[Copy], names: Sequence[str], keys: Mapping[str, str]
    ) -> pl.DataFrame:
        """Return cards as rows; `keys` are known external ids, by id."""
        stamps = self.shelf.modified(copies)
        links = self._linked(copies, [n for n in names if n in LINKS])
        data: dict[str, list[Value]] = {
            "_id": [c.id for c in copies],
            "_external_id": [keys.get(c.id) or c.card.key for c in copies],
            "_modified_at": [stamps[c.id] or c.card.said("REV") or None for c in copies],
        }
        for name in names:
            values = [self.fields[name].read(c.card) for c in copies]
            data[name] = [links.get(str(v)) for v in values] if name in LINKS else values
        schema = {n: pl.Binary() if self._is_binary(n) else pl.String() for n in data}
        return pl.DataFrame(data, schema=pl.Schema(schema))

    def _linked(self, copies: Sequence[Copy], names: Iterable[str]) -> dict[str, str]:
        """Return identifier → `card:<id>` of the cards that are pointed to."""
        told = [self.fields[name].read(copy.card) for name in names for copy in copies]
        uids = list(dict.fromkeys(str(uid) for uid in told if uid))
        return {u: f"{DATASET}:{i}" for u, i in self.shelf.ids_by_uid(uids).items()} if uids else {}

    def _is_binary(self, name: str) -> bool:
        return name in self.fields and self.fields[name].column.type == "binary"

    def _names(self, fields: Sequence[str] | None) -> list[str]:
        if fields is None:
            return list(self.fields)
        for name in fields:
            if name not in self.fields:
                near = did_you_mean(name, self.fields)
                raise UsageError(f"a card has no field '{name}'{near}", where=self._host)
        return list(dict.fromkeys(fields))

    def _check(self, dataset: str) -> None:
        if dataset != DATASET:
            raise UsageError(
                f"an address book has no '{dataset}', only '{DATASET}'", where=self._host
            )

    @property
    def _host(self) -> str:
        return self._wire.transport.server.host


def _with_streets(frame: pl.DataFrame) -> pl.DataFrame:
    """Return streets and house numbers as they can be told apart again in one line."""
    for address in TYPES["ADR"]:
        names = [f"{address}_{half}" for half in STREET_HALVES]
        country = f"{address}_country"
        if not set(names) & set(frame.columns):
            continue
        blank = pl.lit(None, pl.String)
        cells = frame.select(
            (pl.col(n) if n in frame.columns else blank).alias(n) for n in (*names, country)
        )
        halves = [split_street(join_street(*row), row[2]) for row in cells.iter_rows()]
        frame = frame.with_columns(
            pl.Series(name, [pair[half] for pair in halves], pl.String)
            for half, name in enumerate(names)
            if name in frame.columns
        )
    return frame


def _with_name_parts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return names without parts where the only part is the whole name."""
    parts = [n for n in NAME_PARTS if n in frame.columns]
    if "name_family" not in parts or "name" not in frame.columns:
        return frame
    others = [pl.col(n).is_null() for n in parts if n != "name_family"]
    same = pl.col("name_family").str.strip_chars() == pl.col("name").str.strip_chars()
    alone = pl.all_horizontal(same.fill_null(value=False), *others)
    return frame.with_columns(pl.when(~alone).then(pl.col("name_family")).alias("name_family"))
