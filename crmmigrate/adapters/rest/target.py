"""A described REST API as source and target: describe, read, fetch and write, in its own words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW
from crmmigrate.adapters.rest.checking import Checker
from crmmigrate.adapters.rest.claiming import claim_records
from crmmigrate.adapters.rest.connecting import try_connection
from crmmigrate.adapters.rest.description import Description
from crmmigrate.adapters.rest.finding import Finder
from crmmigrate.adapters.rest.key_fields import make_key_fields
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.records import RecordForm, chosen
from crmmigrate.adapters.rest.values import check_value, from_wire, to_wire
from crmmigrate.adapters.rest.wire import Json, Wire
from crmmigrate.adapters.rest.writing import Writer
from crmmigrate.adapters.transport import PermissionMissingError, Transport
from crmmigrate.errors import ConfigError
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset
from crmmigrate.model.connections import Check
from crmmigrate.model.operations import Action

__all__ = ["RestTarget", "capabilities_of"]

_AT_ONCE = 200
"""Records that are looked for in one go."""


def capabilities_of(api: Description) -> Capabilities:
    """Return what a description says a system can do."""
    return Capabilities(
        can_write=True,
        external_id=True,
        can_delete=True,
        restores_deleted=api.restores_deleted,
        incremental=bool(api.filters.since and api.modified),
        batch_size=api.batch_size,
    )


class RestTarget:
    """A CRM behind a described REST API.

    Args:
        transport: Sends the requests.
        api: The description.
        batch_size: Most operations in one write; 0 for what the description says.
        create_headers: Headers of a create, filled in.
        url: Where people open the system in a browser.
    """

    def __init__(
        self,
        transport: Transport,
        api: Description,
        batch_size: int = 0,
        create_headers: Mapping[str, str] | None = None,
        url: str = "",
    ) -> None:
        self._wire = Wire(transport, api, create_headers or {})
        self._metadata = Metadata(self._wire)
        self._checker = Checker(self._wire, self._metadata)
        self._batch_size = batch_size or api.batch_size
        self._url = url.rstrip("/")

    @property
    def capabilities(self) -> Capabilities:
        """What the description says of the system."""
        return replace(capabilities_of(self._wire.api), batch_size=self._batch_size)

    def describe(self) -> Catalog:
        """Return the objects that are there, from live metadata where the API has any."""
        there = [name for name in self._wire.api.objects if self._metadata.has(name)]
        return Catalog(tuple(self._dataset(name) for name in there))

    def connect(self) -> Iterator[Check]:
        """Try the connection; nothing is written."""
        return try_connection(self._wire, self._metadata)

    def make_key_fields(self, fields: Mapping[str, str]) -> Iterator[Check]:
        """Make the field for our keys in objects that lack it, where the API lets us."""
        return make_key_fields(self._wire, self._metadata, fields)

    def record_url(self, object_: str, target_id: str) -> str | None:
        """Return the address of a record's page, if the description tells how it is made."""
        form = self._wire.api.record_url
        if not (form and self._url):
            return None
        return form.format(url=self._url, object=quote(object_), id=quote(target_id, safe=""))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield all records in a stable order; `since` is a point in time, which is included."""
        names = self._names(dataset, fields)
        row = 0
        for page in self._finder(dataset).all(names, since):
            frame = self._frame(dataset, page, names)
            numbers = pl.int_range(row + 1, row + frame.height + 1, dtype=pl.Int64).alias(ROW)
            nothing = [pl.lit(None, pl.String).alias(c) for c in (REJECTED, EXCLUDED, RAW_TEXT)]
            yield from frame.with_columns(numbers, *nothing).to_arrow().to_batches()
            row += frame.height

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield current records with `_id`, `_external_id`, `_modified_at` and fields."""
        names = self._names(object_, fields)
        for page in self._found(object_, keys, by, names):
            yield from self._frame(object_, page, names).to_arrow().to_batches()

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Apply operations, a request for each; return one OUTCOME row for each.

        Raises:
            ConfigError: a field does not exist or cannot be written, or the field for our keys
                is missing, without which nothing could be resumed or rolled back.
            PermissionMissingError: records of the object may not be created.
            RemoteError: the server fails; what was sent is read back by the next load.
        """
        if action == Action.CREATE:
            self._require_place(object_)
        writer = Writer(self._wire, self._metadata, self._checker, object_)
        return writer.write(action, operations)

    def can_claim(self, object_: str) -> bool:
        """Return whether records of an object have a field for our key that can be searched."""
        return self._metadata.has_external_id(object_) and object_ not in self._metadata.unfiltered

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give records our key, or take it away, a request for each."""
        return claim_records(self._wire, self._metadata, object_, claims)

    def as_stored(self, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of desired records as they would be read back.

        Points in time come back in UTC and whole seconds, blank flags as false, blanks of fields
        with a default as that, and wrong values of some types not at all.
        """
        api, columns = self._wire.api, self._metadata.columns(object_)
        defaults = self._metadata.defaults(object_)
        for name, dtype in frame.schema.items():
            column = columns.get(name)
            if column is None or dtype != pl.String:
                continue
            cells = frame.select(pl.when(pl.col(name) != "").then(pl.col(name))).to_series()
            if column.type == "datetime":
                cells = pl.Series([_at_rest(cell, api) for cell in cells], dtype=pl.String)
            if column.type in api.left_out_if_wrong:
                kept = [None if check_value(cell, column, api) else cell for cell in cells]
                cells = pl.Series(kept, dtype=pl.String)
            if name in defaults:
                cells = cells.fill_null(defaults[name])
            frame = frame.with_columns(cells.alias(name))
            told = api.spec(object_, name)
            if told is not None and told.needs:
                there = (
                    pl.col(told.needs).is_not_null() if told.needs in frame else pl.lit(value=False)
                )
                frame = frame.with_columns(pl.when(there).then(pl.col(name)).alias(name))
        return RecordForm(self._metadata, object_).with_lists(frame)

    def filled(self, object_: str) -> frozenset[str]:
        """Return the fields that the system fills by itself where they are left blank."""
        api, columns = self._wire.api, self._metadata.columns(object_)
        told = {name: api.spec(object_, name) for name in columns}
        own = {name for name, spec in told.items() if spec is not None and spec.filled}
        return frozenset(own | set(self._metadata.defaults(object_)))

    def close(self) -> None:
        """Close all connections."""
        self._wire.transport.close()

    def _found(
        self, object_: str, keys: pl.Series | None, by: str, names: Sequence[str]
    ) -> Iterator[list[Json]]:
        finder = self._finder(object_)
        if keys is None:
            yield from finder.all(names)
            return
        wanted = [str(key) for key in keys.drop_nulls().unique(maintain_order=True)]
        for start in range(0, len(wanted), _AT_ONCE):
            piece = wanted[start : start + _AT_ONCE]
            yield from finder.by_id(piece) if by == "id" else finder.by_key(piece, names)

    def _finder(self, object_: str) -> Finder:
        return Finder(self._wire, self._metadata, object_)

    def _names(self, object_: str, fields: Sequence[str] | None) -> list[str]:
        return chosen(self._metadata.columns(object_), fields)

    def _frame(self, object_: str, page: Sequence[Json], names: Sequence[str]) -> pl.DataFrame:
        api, form = self._wire.api, RecordForm(self._metadata, object_)
        rows = [
            {
                "_id": str(record["id"]),
                "_external_id": _text(record.get(api.external_id.field)),
                "_modified_at": from_wire(record.get(api.modified), "datetime", api),
                **form.decode(record, names),
            }
            for record in page
        ]
        return pl.DataFrame(rows, schema=_schema(form.columns, names))

    def _dataset(self, name: str) -> Dataset:
        columns = tuple(self._metadata.columns(name).values())
        try:
            rows = self._wire.count(name)
        except PermissionMissingError:
            rows = None  # told when it is written or read; others may be all that is migrated
        return Dataset(name, columns, (self._wire.api.external_id.field,), rows)

    def _require_place(self, object_: str) -> None:
        place = self._wire.api.external_id
        if place.optional or self._metadata.has_external_id(object_):
            return
        raise ConfigError(
            f"{self._wire.api.system}: {object_} has no field '{place.field}' for our record keys",
            where=self._wire.transport.server.host,
            hint=place.how_to_make.format(object=object_, field=place.field),
        )


def _schema(columns: Mapping[str, Column], names: Iterable[str]) -> pl.Schema:
    fixed = dict.fromkeys(("_id", "_external_id", "_modified_at"), pl.String())
    typed = {n: pl.Binary() if columns[n].type == "binary" else pl.String() for n in names}
    return pl.Schema({**fixed, **typed})


def _at_rest(cell: str | None, api: Description) -> str | None:
    told = from_wire(to_wire(cell, "datetime", api), "datetime", api)
    return told if isinstance(told, str) else None


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)
