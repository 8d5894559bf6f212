"""Odoo as a source and a target, in its own words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import cached_property
from urllib.parse import urlencode

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.numbered.reading import numbered_batches
from crmmigrate.adapters.numbered.values import Value
from crmmigrate.adapters.numbered.words import Meant
from crmmigrate.adapters.odoo.claiming import Claims
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.connecting import try_connection
from crmmigrate.adapters.odoo.external_ids import ExternalIds
from crmmigrate.adapters.odoo.faults import OdooFault, permission_missing
from crmmigrate.adapters.odoo.fields import Form, Model, Slot, read_model
from crmmigrate.adapters.odoo.key_fields import make_key_fields
from crmmigrate.adapters.odoo.reading import Reader, parse_moment
from crmmigrate.adapters.odoo.removal import Remover
from crmmigrate.adapters.odoo.rows import RowMaker
from crmmigrate.adapters.odoo.values import as_kept
from crmmigrate.adapters.odoo.words import WordBook
from crmmigrate.adapters.odoo.writing import Writer
from crmmigrate.adapters.outcome_frames import refused
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Dataset
from crmmigrate.model.connections import Check
from crmmigrate.model.operations import Action

__all__ = ["BATCH_SIZE", "CAPABILITIES", "MODELS", "OdooCrm"]

BATCH_SIZE = 500
"""Operations in one call. Odoo ends a call after 60 s of processor time (`limit_time_cpu`);
Odoo 11 takes about 6 s for so many new partners, Odoo 16 half a second."""
CAPABILITIES = Capabilities(
    can_write=True,
    external_id=True,
    can_delete=True,
    incremental=True,
    batch_size=BATCH_SIZE,
    records_per_call=BATCH_SIZE,
    records_per_second=89.0,
)
"""What is deleted is gone for good; a batch that fails is sent again without its bad rows.

The pace is that of Odoo 11 by `load` on two cores; Odoo 16 writes 1,246 contacts a second."""
MODELS = (
    "res.users",
    "res.partner",
    "res.partner.category",
    "product.template",
    "crm.lead",
    "calendar.event",
    "mail.activity",
    "mail.message",
    "ir.attachment",
)
"""Models that are described, where the server has them."""


class OdooCrm:
    """One database of an Odoo server.

    Args:
        client: The database.
        models: Further models to describe.
        zone: Zone of points in time that name none.
        batch_size: Most operations in one call.
        url: Where people open it in a browser.
    """

    def __init__(
        self,
        client: Client,
        models: Sequence[str] = (),
        zone: tzinfo = UTC,
        batch_size: int = BATCH_SIZE,
        url: str = "",
    ) -> None:
        self._client = client
        self._wanted = (*MODELS, *models)
        self._zone = zone
        self._batch_size = batch_size
        self._url = url.rstrip("/")
        self._words = WordBook(client)
        self._external_ids = ExternalIds(client)
        self._makers: dict[str, RowMaker] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What Odoo can do; a deleted record is gone for good."""
        return replace(CAPABILITIES, batch_size=self._batch_size, records_per_call=self._batch_size)

    @cached_property
    def models(self) -> Mapping[str, Model]:
        """The models the server has, of those that are described."""
        domain = [["model", "in", list(self._wanted)]]
        arguments = {"domain": domain, "fields": ["model"], "offset": 0, "limit": None}
        rows = self._client.call("ir.model", "search_read", arguments, repeatable=True)
        present = {row["model"] for row in rows}
        return {name: read_model(self._client, name) for name in self._wanted if name in present}

    def connect(self) -> Iterator[Check]:
        """Try the connection; nothing is changed."""
        return try_connection(self._client, self.models, " ".join(self._wanted))

    def make_key_fields(self, fields: Mapping[str, str]) -> Iterator[Check]:
        """Make the fields that the mapping names for our key; external ids need none."""
        yield from make_key_fields(self._client, self.models, fields)
        self.__dict__.pop("models", None)
        self._makers.clear()

    def describe(self) -> Catalog:
        """Return models with their columns and the number of records."""
        return Catalog(tuple(self._dataset(model) for model in self.models.values()))

    def record_url(self, object_: str, target_id: str) -> str | None:
        """Return the address of a record's form; Odoo 18 and 19 lead it on to their own."""
        if not self._url:
            return None
        query = urlencode({"id": target_id, "model": object_, "view_type": "form"})
        return f"{self._url}/web#{query}"

    def read(
        self,
        dataset: str,
        fields: Sequence[str] | None = None,
        since: str | None = None,
        where: Mapping[str, str] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield records, archived ones too.

        Args:
            dataset: Name of the model.
            fields: Columns; None for all that are stored.
            since: A `_modified_at`: what was written then or later, oldest first.
            where: Column → value that records must have.
        """
        model, reader = self.model(dataset), self._reader(dataset)
        slots = self._slots(model, fields)
        domain = [
            _condition(self._slot(model, name), value) for name, value in (where or {}).items()
        ]
        frames = (
            reader.all(slots, domain)
            if since is None
            else reader.since(parse_moment(since), slots, domain)
        )
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
        if action in {Action.DELETE, Action.PURGE}:
            told = Remover(self._client, model, self.models.values()).remove(operations)
            if action == Action.PURGE:
                self._words.sweep(self.models.values())
            return told
        writer = Writer(self._client, model, self._external_ids, self._maker(model))
        return writer.create(operations) if action == Action.CREATE else writer.update(operations)

    def can_claim(self, object_: str) -> bool:
        """Return whether the server has the model: any record can be named."""
        return object_ in self.models

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give records our key, or take it away."""
        return Claims(self._client, self.model(object_)).write(claims)

    def as_stored(self, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of desired records as they will be read back once they are written.

        Flags and numbers cannot be empty in Odoo, points in time have whole seconds, choices and
        stages that are left open get what Odoo presumes.
        """
        model = self.model(object_)
        maker = self._maker(model)
        kept = [
            self._kept(maker, model.slots[name], frame[name])
            for name in frame.columns
            if name in model.slots
        ]
        stored = frame.with_columns(kept)
        return stored.with_columns(
            self._states(stored, name)
            for name in frame.columns
            if name in model.slots and model.slots[name].relation == "res.country.state"
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _kept(self, maker: RowMaker, slot: Slot, values: pl.Series) -> pl.Series:
        """Return one column as it is kept; each distinct value is worked out once."""
        distinct: list[Value] = values.unique().to_list()
        known: dict[Value, Value] = {v: as_kept(slot, v, self._zone) for v in distinct}
        default = maker.default(slot)
        if default is not None:
            empty = default
            if slot.form is Form.WORD:
                empty = self._words.word(slot.relation, int(default)) or ""
            known |= dict.fromkeys((None, ""), empty or None)
        return pl.Series(values.name, [known[v] for v in values.to_list()], values.dtype)

    def _states(self, frame: pl.DataFrame, name: str) -> pl.Series:
        """Return states by the names Odoo has for them; without a country there is no state."""
        if "country_id.code" not in frame.columns:
            return frame[name]
        pairs = frame.select("country_id.code", name).rows()
        known = {pair: self._state(*pair) for pair in set(pairs)}
        return pl.Series(name, [known[pair] for pair in pairs], pl.String)

    def _state(self, code: str | None, word: str | None) -> str | None:
        country = self._words.id(Meant("res.country", code)) if code else None
        if not word or not country:
            return None
        number = self._words.id(Meant("res.country.state", word, country))
        return self._words.word("res.country.state", number) if number else word

    def _permitted(self, model: str, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Turn the refusal to read a model into an error that says what is missing."""
        try:
            yield from frames
        except OdooFault as fault:
            raise permission_missing(fault, model, self._client.host) from None

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
                hint="install the app that brings it, or add it to `models` of the connection",
            )
        return known

    def _slots(self, model: Model, fields: Sequence[str] | None) -> list[Slot]:
        if fields is None:
            return [s for s in model.slots.values() if s.stored and s.name == s.field]
        return [self._slot(model, name) for name in dict.fromkeys(fields)]

    def _slot(self, model: Model, name: str) -> Slot:
        slot = model.slots.get(name)
        if slot is None:
            near = did_you_mean(name, model.slots)
            raise UsageError(f"{model.name} has no field '{name}'{near}", where=self._client.host)
        return slot

    def _reader(self, name: str) -> Reader:
        return Reader(self._client, self.model(name), self._external_ids, self._words)

    def _maker(self, model: Model) -> RowMaker:
        known = self._makers.get(model.name)
        if known is None:
            known = RowMaker(self._client, model, self._words, self._zone)
            self._makers[model.name] = known
        return known

    def _dataset(self, model: Model) -> Dataset:
        domain: dict[str, object] = {"domain": []}
        rows = self._client.call(model.name, "search_count", domain, repeatable=True)
        columns = tuple(slot.column for slot in model.slots.values())
        return Dataset(model.name, columns, ("id",), int(rows))


def _condition(slot: Slot, value: str) -> list[object]:
    if slot.form is Form.BOOLEAN:
        return [slot.field, "=", value == "true"]
    return [slot.field, "=", value]
