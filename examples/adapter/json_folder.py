"""A CRM in a folder, one JSON file an object: a whole adapter in a hundred lines.

It is no toy: it passes the contract of targets (tests/examples/test_adapter.py), so plans, loads that
break off, verification and rollback work with it. docs/adapters.md goes through it.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded
from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset
from crmmigrate.model.semantic import SemanticType

CAPABILITIES = Capabilities(can_write=True, external_id=True, can_delete=True, batch_size=500)


@tells("JSON files in a folder, one an object", lambda: CAPABILITIES)
def open_target(options: Mapping[str, Any], root: Path) -> "JsonFolder":
    """Open the folder `path`; the entry point in pyproject.toml names this function."""
    return JsonFolder(root / options["path"], options["model"], options["clock"])


class JsonFolder:
    """The four verbs over a folder; ids are running numbers, deleted records are gone."""

    capabilities = CAPABILITIES

    def __init__(self, folder: Path, model: CanonicalModel, clock: Callable[[], datetime]) -> None:
        self.folder, self.model, self.clock = folder, model, clock

    def describe(self) -> Catalog:
        """Tell what can be written: names, required fields, lengths, picklists, references."""
        return Catalog(tuple(self._dataset(name) for name in self.model.objects))

    def read(self, dataset: str, fields: Sequence[str] | None = None,
             since: str | None = None) -> Iterator[pa.RecordBatch]:  # fmt: skip
        """Yield every record with the columns of a source; no row of ours is ever unreadable."""
        del since  # the folder does not know what changed, and CAPABILITIES do not promise it
        nothing = [pl.lit(None, pl.String).alias(c) for c in ("_rejected", "_excluded", "_text")]
        for batch in self.fetch(dataset, None, "id", fields):
            frame = pl.DataFrame(batch).with_row_index("_row", 1)
            yield from (
                frame.with_columns(pl.col("_row").cast(pl.Int64), *nothing).to_arrow().to_batches()
            )

    def fetch(self, object_: str, keys: pl.Series | None, by: str,
              fields: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:  # fmt: skip
        """Yield records by `id` or `external_id`; all of them if no keys are given."""
        place = "_id" if by == "id" else "_external_id"
        wanted = None if keys is None else set(keys)
        rows = [r for r in self._load(object_).values() if wanted is None or r[place] in wanted]
        columns = [c for c in self._columns(object_) if fields is None or c in fields]
        types = {c: pl.Binary if c in self._blobs(object_) else pl.String for c in columns}
        fixed = dict.fromkeys(("_id", "_external_id", "_modified_at"), pl.String)
        for row in rows:
            row |= {c: base64.b64decode(row[c]) for c in self._blobs(object_) if row.get(c)}
        if rows:
            yield from pl.DataFrame(rows, {**fixed, **types}).to_arrow().to_batches()

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Carry out operations; a refused one leaves the others alone. One outcome for each."""
        records, told, ids = self._load(object_), {}, {}
        known = {r["_external_id"]: r["_id"] for r in records.values()}
        for row in operations.iter_rows(named=True):
            number = known.get(row["external_id"]) if action == "create" else row["target_id"]
            payload = {c[3:]: v for c, v in row.items() if c.startswith("to.")}
            if action in {"delete", "purge"}:
                bad = self._needed_by(f"{object_}:{number}") if number in records else None
                if bad is None:
                    records.pop(number, None)
            elif action == "update" and number not in records:
                bad = Refusal("RECORD_MISSING", None, "the record is no longer there")
            elif action == "create" and number is not None:
                bad = None  # it is there already: a repeated create changes nothing
            else:
                changed = {c: payload[c] for c in row["changed"]} if action == "update" else payload
                record = {**records.get(number, {"_external_id": row["external_id"]}), **changed}
                bad = self._flaw(object_, record)
                if bad is None:
                    number = number or str(max(map(int, records), default=0) + 1)
                    stamp = self.clock().astimezone(UTC).isoformat(timespec="microseconds")
                    records[number] = {**record, "_id": number, "_modified_at": stamp}
                    known[row["external_id"]] = number
            if bad is None:
                ids[row["op_id"]] = number
            else:
                told[row["op_id"]] = bad
        self._save(object_, records)
        return in_order(operations, [refused(told), succeeded(list(ids), list(ids.values()))])

    def _flaw(self, object_: str, record: Mapping[str, Any]) -> Refusal | None:
        """Say why a record cannot be, with the code that `crmmigrate failed` explains."""
        for field in self.model.objects[object_].fields.values():
            value = record.get(field.name)
            if value in {None, b"", ""} and field.required:
                return Refusal("REQUIRED_FIELD_MISSING", field.name, "the field is required")
            if value and field.choices and value not in field.choices:
                return Refusal("NOT_IN_PICKLIST", field.name, "the value is not in the picklist")
            if value and field.max_length and len(value) > field.max_length:
                return Refusal("TOO_LONG", field.name, f"longer than {field.max_length} characters")
            if value and field.references:
                other, _, number = value.partition(":")
                if other not in field.references or number not in self._load(other):
                    return Refusal("LINKED_RECORD_MISSING", field.name, "no such record")
        return None

    def _needed_by(self, link: str) -> Refusal | None:
        for name in self.model.objects:
            if any(link in record.values() for record in self._load(name).values()):
                return Refusal("STILL_REFERENCED", None, f"records of {name} still point to it")
        return None

    def _dataset(self, name: str) -> Dataset:
        fields = self.model.objects[name].fields.values()
        told = [Column(f.name, str(f.type), not f.required, max_length=f.max_length,
                       choices=f.choices, references=f.references) for f in fields]  # fmt: skip
        parts = [Column(c) for c in self._columns(name) if c not in {f.name for f in fields}]
        return Dataset(name, (*told, *parts), ("external_id",), len(self._load(name)))

    def _columns(self, object_: str) -> list[str]:
        return list(self.model.objects[object_].columns)

    def _blobs(self, object_: str) -> list[str]:
        fields = self.model.objects[object_].fields.values()
        return [f.name for f in fields if f.type is SemanticType.BINARY]

    def _load(self, object_: str) -> dict[str, dict[str, Any]]:
        file = self.folder / f"{object_}.json"
        return json.loads(file.read_text("utf-8")) if file.exists() else {}

    def _save(self, object_: str, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the whole file beside its place and rename it, so that no reader meets half of one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{object_}.part"
        part.write_text(
            json.dumps(records, default=lambda b: base64.b64encode(b).decode()), "utf-8"
        )
        part.replace(self.folder / f"{object_}.json")
