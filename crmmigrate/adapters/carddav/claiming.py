"""Give cards that somebody else has made our key, where cards of ours have it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from crmmigrate.adapters.carddav.cards import KEY
from crmmigrate.adapters.carddav.lines import escape
from crmmigrate.adapters.carddav.refusals import Meaning, meaning_of
from crmmigrate.adapters.carddav.shelf import Copy, Shelf, is_own
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded
from crmmigrate.adapters.transport import Request

__all__ = ["Claims"]

_TRIES = 4
"""How often a card is tried that others change at the same time."""
_GONE = Refusal("RECORD_MISSING", None, "the card is no longer in the address book")
_Row = tuple[str, str, str | None]
"""Operation id, id of the card, and our key; null takes it away."""


@dataclass(frozen=True)
class Claims:
    """Gives keys to cards of one book, or takes them away; nothing else of a card is changed."""

    shelf: Shelf

    def write(self, claims: pl.DataFrame) -> pl.DataFrame:
        """Give cards their keys; return OUTCOME rows in the same order."""
        left: list[_Row] = list(claims.select("op_id", "target_id", "external_id").iter_rows())
        owners = self.shelf.owners([key for *_, key in left if key])
        told: list[pl.DataFrame] = []
        for _ in range(_TRIES):
            there = {c.id: c for c in self.shelf.copies([id_ for _, id_, _ in left])}
            ready: list[tuple[_Row, Request]] = []
            for row in left:
                settled = self._settled(row, there.get(row[1]), owners.get(row[2] or "", row[1]))
                if settled is None:
                    ready.append((row, self._claim(there[row[1]], row[2])))
                else:
                    told.append(settled)
            left = self._sent(ready, told)
            if not left:
                break
        busy = Refusal("BUSY", None, "the card is being changed by others again and again", True)
        return in_order(claims, [*told, refused({op_id: busy for op_id, *_ in left})])

    def _settled(self, row: _Row, copy: Copy | None, owner: str) -> pl.DataFrame | None:
        """Return the outcome of what needs no change, or cannot be."""
        op_id, id_, key = row
        if copy is None:
            return refused({op_id: _GONE})
        has = copy.card.key or (self.shelf.presumed(copy) if key is None else None)
        if has == key:
            return succeeded([op_id], [id_])
        if key is not None and has is not None:
            return refused({op_id: _taken("the card has another key already")})
        if owner != id_:
            return refused({op_id: _taken(f"the card {owner} has this key already")})
        return None

    def _claim(self, copy: Copy, key: str | None) -> Request:
        """Return the request that writes a key.

        A card that stands where one of ours would is let go by an empty key: without any it would
        be taken for one of which the server has dropped the line.
        """
        blank = "" if is_own(copy.id) else None
        copy.card.put(KEY, escape(key) if key is not None else blank)
        condition = ("If-Match", copy.etag) if copy.etag else None
        address = self.shelf.book.address + copy.id
        return self.shelf.wire.put(address, copy.card.text, condition)

    def _sent(self, ready: Sequence[tuple[_Row, Request]], told: list[pl.DataFrame]) -> list[_Row]:
        """Send requests; return the rows whose card has changed since it was read."""
        transport, again = self.shelf.wire.transport, []
        for place, reply in transport.send_all([request for _, request in ready]):
            row = ready[place][0]
            if isinstance(reply, Exception):
                raise reply
            answer = meaning_of(reply, transport.server.host)
            if answer.meaning == Meaning.CHANGED:
                again.append(row)
            elif answer.meaning == Meaning.DONE:
                told.append(succeeded([row[0]], [row[1]]))
            else:
                told.append(refused({row[0]: answer.refusal or _GONE}))
        return again


def _taken(says: str) -> Refusal:
    return Refusal("DUPLICATE_VALUE", None, says)
