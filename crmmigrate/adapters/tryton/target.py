"""Tryton as a source and a target, in its own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import cached_property

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.numbered.reading import numbered_batches
from crmmigrate.adapters.numbered.values import Value
from crmmigrate.adapters.numbered.words import Meant
from crmmigrate.adapters.outcome_frames import refused
from crmmigrate.adapters.tryton.claiming import Claims
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.connecting import try_connection
from crmmigrate.adapters.tryton.faults import TrytonFault, not_served
from crmmigrate.adapters.tryton.fields import Model, Slot, read_models
from crmmigrate.adapters.tryton.keys import NO_SIDECARS, Keys
from crmmigrate.adapters.tryton.reading import Reader, parse_moment
from crmmigrate.adapters.tryton.removal import Remover
from crmmigrate.adapters.tryton.rows import RowMaker
from crmmigrate.adapters.tryton.values import as_kept
from crmmigrate.adapters.tryton.words import COUNTRY, SUBDIVISION, WordBook
from crmmigrate.adapters.tryton.writing import Writer
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Dataset
from crmmigrate.model.connections import Check, State
from crmmigrate.model.operations import Action

__all__ = ["BATCH_SIZE", "CAPABILITIES", "MODELS", "PERSON", "TrytonCrm"]

BATCH_SIZE = 500
"""Operations in one call; Tryton 8 on SQLite takes about 2 s for so many new parties, and its cache
of records is as large (`[cache] record`, 2000)."""
CAPABILITIES = Capabilities(
    can_write=True,
    external_id=True,
    can_delete=True,
    incremental=True,
    batch_size=BATCH_SIZE,
    records_per_call=BATCH_SIZE,
    records_per_second=230.0,
)
"""What is deleted is gone for good; a batch that fails is halved until the bad rows are alone.

The pace is that of Tryton 8 by `create` on two cores, with PostgreSQL; with SQLite it is 250."""
MODELS = (
    "company.employee",
    "party.party",
    "product.template",
    "sale.opportunity",
    "ir.note",
    "ir.attachment",
)
"""Models that are described, where the server has them."""
PERSON = "Person"
"""Name of the category of people, unless the connection names another."""


class TrytonCrm:
    """One database of a Tryton server.

    Args:
        client: The database.
        models: Further models to describe.
        zone: Zone of points in time that name none.
        batch_size: Most operations in one call.
        person: Name of the category of people.
    """

    def __init__(
        self,
        client: Client,
        models: Sequence[str] = (),
        zone: tzinfo = UTC,
        batch_size: int = BATCH_SIZE,
        person: str = PERSON,
    ) -> None:
        self._client = client
        self._wanted = (*MODELS, *models)
        self._zone = zone
        self._batch_size = batch_size
        self._keys = Keys(client)
        self._words = WordBook(client, self._keys, person)
        self._makers: dict[str, RowMaker] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What Tryton can do; a deleted record is gone for good."""
        return replace(CAPABILITIES, batch_size=self._batch_size, records_per_call=self._batch_size)

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """The models the server has, of those that are described."""
        told = self._client.call("ir.model", "fields_get", [], repeatable=True)
        # The name of a model is its `model` up to Tryton 7, and its `name` since.
        field = "model" if "model" in told else "name"
        domain = [[field, "in", list(self._wanted)]]
        rows = self._client.call(
            "ir.model", "search_read", domain, 0, None, None, [field], repeatable=True
        )
        there = {row[field] for row in rows}
        return read_models(self._client, [name for name in self._wanted if name in there])

    def connect(self) -> Iterator[Check]:
        """Try the connection; nothing is changed."""
        return try_connection(self._client, lambda: self.models, self._wanted)

    def make_key_fields(self, fields: Mapping[str, str]) -> Iterator[Check]:
        """Say that none is needed, and that none can be made: fields come with modules."""
        says = "none is needed: our keys are kept in the records as crmmigrate:<key>"
        yield Check("field for our key", State.OK, says)
        for model, field in fields.items():
            if field and (model not in self.models or field not in self.models[model].slots):
                says = "not made: Tryton has no API that makes fields; they come with modules"
                hint = (
                    "leave key_field out of the mapping, or install a module that brings the field"
                )
                yield Check(f"{model}.{field}", State.FAILED, says, hint)

    def describe(self) -> Catalog:
        """Return models with their columns and the number of records."""
        return Catalog(tuple(self._dataset(model) for model in self.models.values()))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield records, archived ones too.

        Args:
            dataset: Name of the model.
            fields: Columns; None for all.
            since: A `_modified_at`: what was written then or later, oldest first.
        """
        slots, reader = self._slots(self.model(dataset), fields), self._reader(dataset)
        frames = reader.all(slots) if since is None else reader.since(parse_moment(since), slots)
        yield from numbered_batches(self._permitted(dataset, frames))

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield records with `_id`, `_external_id`, `_modified_at` and columns."""
        reader, slots = self._reader(object_), self._slots(self.model(object_), fields)
        if keys is None:
            frames = reader.all(slots)
        else:
            wanted = [str(key) for key in keys.drop_nulls()]
            find = reader.by_keys if by == "external_id" else reader.by_ids
            frames = find(wanted, slots)
        for frame in self._permitted(object_, frames):
            yield from frame.to_arrow().to_batches()

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Carry out operations; return one OUTCOME row for each."""
        model = self.model(object_)
        if operations.is_empty():
            return refused({})
        try:
            return self._written(model, action, operations)
        except TrytonFault as fault:
            raise not_served(fault, object_, self._client.host) from None

    def _written(self, model: Model, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        if action in {Action.DELETE, Action.PURGE}:
            remover = Remover(self._client, model, self.models.values(), self._words)
            told = remover.remove(operations)
            if action == Action.PURGE:
                self._words.sweep()
            return told
        writer = Writer(self._client, model, self._keys, self._maker(model), self._words)
        return writer.create(operations) if action == Action.CREATE else writer.update(operations)

    def can_claim(self, object_: str) -> bool:
        """Return whether the server has the model: all described ones have a place for our key."""
        return object_ in self.models

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give records our key, or take it away."""
        try:
            return Claims(self._client, self.model(object_), self._keys).write(claims)
        except TrytonFault as fault:
            raise not_served(fault, object_, self._client.host) from None

    def as_stored(self, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of desired records as they will be read back once they are written.

        Tryton cuts blanks off the ends of texts, and what is not said to be archived is active.
        """
        model = self.model(object_)
        kept = [
            self._kept(model.slots[name], frame[name])
            for name in frame.columns
            if name in model.slots
        ]
        stored = frame.with_columns(kept)
        if {"state", "end_date"} <= set(stored.columns):
            # Tryton sets the day on which an opportunity is lost by itself.
            closed = pl.col("state").is_in(["lost", "cancelled"])
            stored = stored.with_columns(end_date=pl.when(~closed).then("end_date"))
        states = [
            self._subdivisions(stored, name)
            for name in frame.columns
            if name in model.slots and model.slots[name].relation == SUBDIVISION
        ]
        return stored.with_columns(states)

    def filled(self, object_: str) -> frozenset[str]:
        """Return the columns that are filled where they are left blank: numbers, dates, states."""
        return self.model(object_).filled

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def model(self, name: str) -> Model:
        """Return a model.

        Raises:
            UsageError: the server does not have it.
        """
        known = self.models.get(name)
        if known is None:
            raise UsageError(
                f"the server has no model '{name}'{did_you_mean(name, self.models)}",
                where=self._client.host,
                hint="activate the module that brings it, or add it to `models` of the connection",
            )
        return known

    def _kept(self, slot: Slot, values: pl.Series) -> pl.Series:
        """Return one column as it is kept; each distinct value is worked out once."""
        distinct: list[Value] = values.unique().to_list()
        known: dict[Value, Value] = {v: as_kept(slot, v, self._zone) for v in distinct}
        return pl.Series(values.name, [known[v] for v in values.to_list()], values.dtype)

    def _subdivisions(self, frame: pl.DataFrame, name: str) -> pl.Series:
        """Return subdivisions by the names Tryton has for them; without a country there is none."""
        country = name.replace("subdivision.name", "country.code")
        if country not in frame.columns:
            return frame[name]
        pairs = frame.select(country, name).rows()
        known = {pair: self._subdivision(*pair) for pair in set(pairs)}
        return pl.Series(name, [known[pair] for pair in pairs], pl.String)

    def _subdivision(self, code: str | None, word: str | None) -> str | None:
        if not word or not code:
            return None
        country = self._words.id(Meant(COUNTRY, code))
        number = self._words.id(Meant(SUBDIVISION, word, country)) if country else None
        return self._words.word(SUBDIVISION, number) if number else word

    def _permitted(self, model: str, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Turn the refusal to read a model into an error that says what is missing."""
        try:
            yield from frames
        except TrytonFault as fault:
            raise not_served(fault, model, self._client.host) from None

    def _slots(self, model: Model, fields: Sequence[str] | None) -> list[Slot]:
        if fields is None:
            return [s for s in model.slots.values() if s.stored]
        return [self._slot(model, name) for name in dict.fromkeys(fields)]

    def _slot(self, model: Model, name: str) -> Slot:
        slot = model.slots.get(name)
        if slot is None:
            near = did_you_mean(name, model.slots)
            raise UsageError(f"{model.name} has no field '{name}'{near}", where=self._client.host)
        return slot

    def _reader(self, name: str) -> Reader:
        return Reader(self._client, self.model(name), self._keys, self._words)

    def _maker(self, model: Model) -> RowMaker:
        known = self._makers.get(model.name)
        if known is None:
            known = RowMaker(self._client, model, self._words, self._zone)
            self._makers[model.name] = known
        return known

    def _dataset(self, model: Model) -> Dataset:
        domain: list[object] = [NO_SIDECARS] if model.name == "ir.attachment" else []
        columns = tuple(slot.column for slot in model.slots.values())
        try:
            rows = int(
                self._client.call_for_company(model.name, "search_count", domain, repeatable=True)
            )
        except TrytonFault:  # We may not look; `connect` tells so, and reading does.
            return Dataset(model.name, columns, ("id",))
        return Dataset(model.name, columns, ("id",), rows)
