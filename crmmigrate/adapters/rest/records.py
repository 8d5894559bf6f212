"""Records between our rows and the JSON of a described API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crmmigrate.adapters.rest.description import FieldSpec, ListSpec
from crmmigrate.adapters.rest.lists import changed_list, plain_fields
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.values import Value, from_wire, same_value, to_wire
from crmmigrate.adapters.rest.wire import Json
from crmmigrate.model.catalog import Column

__all__ = ["RecordForm", "chosen"]


@dataclass(frozen=True)
class RecordForm:
    """Writes and reads the records of one object."""

    metadata: Metadata
    object: str

    @property
    def columns(self) -> Mapping[str, Column]:
        """Columns by name."""
        return self.metadata.columns(self.object)

    def encode(self, values: Mapping[str, Value], current: Json | None = None) -> Json:
        """Return plain fields as JSON.

        Args:
            values: Fields to write; None clears one.
            current: The record as it is now, where lists have to be changed.
        """
        api, columns = self.metadata.api, self.columns
        record: Json = {}
        listed = self._listed()
        for name, value in values.items():
            told = self._spec(name)
            if name in listed:
                continue
            if told is not None and told.type_in and told.id_in:
                object_, _, id_ = str(value or "").partition(":")
                record[told.type_in], record[told.id_in] = object_ or None, id_ or None
            elif len(columns[name].references) > 1:
                record[name] = value
            else:
                record[name] = to_wire(value, columns[name].type, api)
        for spec in self._lists():
            names = (spec.first, *spec.others)
            changes = {n: _text(values[n]) for n in names if n in values}
            if changes:
                before = (current or {}).get(spec.key) or []
                record[spec.key] = changed_list(spec, before, changes)
        return record

    def decode(self, record: Mapping[str, Any], names: Iterable[str]) -> dict[str, Value]:
        """Return plain fields of a record."""
        api, columns, listed = self.metadata.api, self.columns, self._listed()
        found: dict[str, Value] = {}
        for name in names:
            told, column = self._spec(name), columns[name]
            if name in listed and listed[name].key in record:
                found[name] = plain_fields(listed[name], record[listed[name].key] or [])[name]
            elif told is not None and told.type_in and told.id_in:
                object_, id_ = record.get(told.type_in), record.get(told.id_in)
                found[name] = f"{object_}:{id_}" if object_ and id_ else None
            else:
                value = from_wire(record.get(name), column.type, api)
                if value is None and column.type == "boolean" and api.blank_flag:
                    value = api.blank_flag
                pointed = column.type == "reference" and value and len(column.references) == 1
                found[name] = f"{column.references[0]}:{value!s}" if pointed else value
        return found

    def keys(self, names: Iterable[str]) -> list[str]:
        """Return the keys of JSON that hold some fields."""
        listed = self._listed()
        found: list[str] = []
        for name in names:
            told = self._spec(name)
            if told is not None and told.type_in and told.id_in:
                found += [told.type_in, told.id_in]
            elif name not in listed or name == listed[name].first:
                found.append(name)
        return found

    def needs_whole(self, names: Iterable[str]) -> bool:
        """Return whether lists of records do not give some fields, only records alone do."""
        listed = self._listed()
        return any(name in listed and name != listed[name].first for name in names)

    def touches_lists(self, names: Iterable[str]) -> bool:
        """Return whether some fields stand in lists, which are written whole."""
        return any(name in self._listed() for name in names)

    def differing(self, sent: Mapping[str, Value], record: Mapping[str, Any]) -> list[str]:
        """Return fields that the system has stored differently from what was sent."""
        stored = self.decode(record, [n for n in sent if self._is_told(n, record)])
        api, columns = self.metadata.api, self.columns
        return [
            name
            for name, value in stored.items()
            if columns[name].type != "binary"
            and not same_value(sent[name], value, columns[name].type, api)
        ]

    def with_lists(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a frame with plain fields of lists as they would be read back.

        One entry is always the main one, and a value that stands twice has one kind.
        """
        for spec in self._lists():
            names = [n for n in (spec.first, *spec.others) if n in frame.columns]
            if not names:
                continue
            rows = []
            for row in frame.select(names).iter_rows(named=True):
                filled = {name: value for name, value in row.items() if value}
                kept = plain_fields(spec, changed_list(spec, [], filled))
                rows.append({name: kept[name] for name in names})
            schema = dict.fromkeys(names, pl.String())
            frame = frame.with_columns(pl.DataFrame(rows, schema=schema))
        return frame

    def _is_told(self, name: str, record: Mapping[str, Any]) -> bool:
        """Return whether an answer tells a field; one that is not told is taken as stored."""
        told, listed = self._spec(name), self._listed()
        if name in listed:
            return listed[name].key in record or (name == listed[name].first and name in record)
        key = told.id_in if told is not None and told.id_in else name
        return key in record

    def _spec(self, name: str) -> FieldSpec | None:
        return self.metadata.api.spec(self.object, name)

    def _lists(self) -> list[ListSpec]:
        return [spec for spec in self.metadata.api.lists if self.object in spec.objects]

    def _listed(self) -> dict[str, ListSpec]:
        return {name: spec for spec in self._lists() for name in (spec.first, *spec.others)}


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def chosen(columns: Mapping[str, Column], fields: Sequence[str] | None) -> list[str]:
    """Return the names of wanted columns that exist, in order."""
    return list(columns) if fields is None else [f for f in fields if f in columns]
