"""Rows through `load`, which takes all of a call or none."""

from collections.abc import Mapping, Sequence

import polars as pl

from crmmigrate.adapters.bisecting import WholeRefusal, write_in_halves
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.faults import OdooFault, explain
from crmmigrate.adapters.odoo.fields import Model
from crmmigrate.adapters.odoo.rows import Row
from crmmigrate.adapters.outcome_frames import Refusal, succeeded, unknown
from crmmigrate.adapters.transport import UnknownOutcomeError

__all__ = ["load_rows"]

_MORE = "Found more than 10 errors"
"""Odoo stops looking after so many errors; the rows behind are tried again without the bad ones."""


def load_rows(client: Client, model: Model, rows: Sequence[Row]) -> pl.DataFrame:
    """Write rows and return their outcomes; a bad row does not keep the others from being written.

    Args:
        client: The database.
        model: Whose rows.
        rows: Cells by header; a row without a cell of another gets an empty one.
    """
    by_id = {row.op.op_id: row for row in rows}
    headers = _headers(rows)

    def attempt(batch: pl.DataFrame) -> pl.DataFrame | WholeRefusal:
        return _attempt(client, model, [by_id[name] for name in batch["op_id"]], headers)

    ids = pl.DataFrame({"op_id": list(by_id)}, schema={"op_id": pl.String})
    return write_in_halves(ids, attempt)


def _attempt(
    client: Client, model: Model, piece: Sequence[Row], headers: Sequence[str]
) -> pl.DataFrame | WholeRefusal:
    """Write rows in one call; say why if it was refused, and which rows Odoo names."""
    op_ids = [row.op.op_id for row in piece]
    data = [[row.cells.get(header, "") for header in headers] for row in piece]
    try:
        told = client.call(model.name, "load", {"fields": list(headers), "data": data})
    except UnknownOutcomeError as exc:
        return unknown(op_ids, exc.message)
    except OdooFault as fault:
        reason = explain(fault.name, fault.said, model.labels)
        return WholeRefusal(_ours(model, piece[0], reason) if len(piece) == 1 else reason)
    answer: Mapping[str, object] = told if isinstance(told, dict) else {}
    ids = answer.get("ids")
    if isinstance(ids, list) and len(ids) == len(piece):
        return succeeded(op_ids, [str(number) for number in ids])
    messages = [m for m in _listed(answer.get("messages")) if isinstance(m, dict)]
    named = _named(model, piece, messages)
    return WholeRefusal(_reason(messages), {op_ids[place]: why for place, why in named.items()})


def _headers(rows: Sequence[Row]) -> list[str]:
    """Return all headers of rows; the record itself first, as people write it."""
    names = dict.fromkeys(h for row in rows for h in row.cells)
    return sorted(names, key=lambda h: (h not in {"id", ".id"}, h))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _named(
    model: Model, piece: Sequence[Row], messages: Sequence[Mapping[str, object]]
) -> dict[int, Refusal]:
    """Return place → refusal of the rows that error messages name, the first of each."""
    found: dict[int, Refusal] = {}
    for message in messages:
        if message.get("type") != "error":
            continue
        place = _place(message)
        if place is None or not 0 <= place < len(piece) or place in found:
            continue
        about = message.get("field")
        field_ = about if isinstance(about, str) and about else None
        said = explain("", str(message.get("message") or ""), model.labels, field_)
        found[place] = _ours(model, piece[place], said)
    return found


def _place(message: Mapping[str, object]) -> int | None:
    rows, record = message.get("rows"), message.get("record")
    if isinstance(rows, dict) and isinstance(rows.get("from"), int):
        return int(rows["from"])
    return record if isinstance(record, int) and not isinstance(record, bool) else None


def _reason(messages: Sequence[Mapping[str, object]]) -> Refusal:
    """Return what Odoo says about a call as a whole."""
    said = [str(m["message"]) for m in messages if m.get("message")]
    first = next((s for s in said if not s.startswith(_MORE)), "load has saved nothing")
    return Refusal("REFUSED", None, first)


def _ours(model: Model, row: Row, refusal: Refusal) -> Refusal:
    """Return a refusal with our name of the column, and what a broken rule about a blank means."""
    slot = model.slot_of_field(refusal.field) if refusal.field else None
    if slot is None:
        return refusal
    values = row.op.values
    written = [n for n in values if n in model.slots and model.slots[n].field == slot.field]
    name = (written or [slot.name])[0]
    blank = bool(written) and all(values[n] in {None, ""} for n in written)
    if refusal.code == "REFUSED" and blank:
        return Refusal("REQUIRED_FIELD_MISSING", name, "the field is required")
    return Refusal(refusal.code, name, refusal.message, refusal.retriable)
