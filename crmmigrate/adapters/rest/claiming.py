"""Give records that somebody else has made our key, over a described API."""

import polars as pl

from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.rest.finding import Finder
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.refusals import meaning_of
from crmmigrate.adapters.rest.wire import Wire
from crmmigrate.adapters.transport import UnknownOutcomeError

__all__ = ["claim_records"]

_GONE = Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")
_LOST = "the CRM has not kept our key"


def claim_records(
    wire: Wire, metadata: Metadata, object_: str, claims: pl.DataFrame
) -> pl.DataFrame:
    """Write our key into its field, or blank it; return OUTCOME rows in the same order.

    A record that has another key is refused. What the CRM says it has stored is compared, since
    some accept a field that they do not keep.
    """
    place, finder = wire.api.external_id.field, Finder(wire, metadata, object_)
    rows = list(claims.select("op_id", "target_id", "external_id").iter_rows())
    there = dict(finder.each([target for _, target, _ in rows if target]))
    told: dict[str, Refusal] = {}
    ready = []
    for op_id, target, key in rows:
        record = there.get(target)
        bears = str((record or {}).get(place) or "")
        if record is None:
            told[op_id] = _GONE
        elif key is not None and bears not in {"", key}:
            told[op_id] = Refusal("DUPLICATE_VALUE", place, "the record has another key by now")
        else:
            ready.append((op_id, target, key))
    open_: dict[str, str] = {}
    requests = [wire.update(object_, {place: key or ""}, target) for _, target, key in ready]
    for number, reply in wire.transport.send_all(requests):
        op_id, _, key = ready[number]
        if isinstance(reply, UnknownOutcomeError):
            open_[op_id] = reply.message
        elif isinstance(reply, Exception):
            raise reply
        elif not reply.ok:
            told[op_id] = meaning_of(reply, wire.api).refusal()
        elif str((wire.record_of(reply) or {}).get(place, key) or "") != (key or ""):
            told[op_id] = Refusal("STORED_DIFFERENTLY", place, _LOST)
    done = [row for row in ready if row[0] not in told and row[0] not in open_]
    good = succeeded([op for op, _, _ in done], [target for _, target, _ in done])
    return in_order(claims, [good, refused(told), *(unknown([op], w) for op, w in open_.items())])
