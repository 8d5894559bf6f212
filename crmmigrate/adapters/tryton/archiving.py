"""Changes of records of which some are archived: Tryton locks their fields, so they are opened."""

from collections.abc import Mapping
from typing import Any

from crmmigrate.adapters.tryton.client import Client

__all__ = ["Changes"]


class Changes:
    """Changes of records of one model, which Tryton takes all or none.

    It judges a call by how the records are at its end, so that opening, changing and archiving
    take a call each. What was archived is archived again, whatever becomes of the change.

    Args:
        client: The database.
        model: The model.
    """

    def __init__(self, client: Client, model: str) -> None:
        self._client = client
        self._model = model
        self._pairs: list[object] = []
        self._opened: list[int] = []
        self._archived: list[int] = []
        self._again: list[int] = []

    def add(self, number: int, values: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        """Add the change of a record.

        Args:
            number: The record.
            values: What is written; perhaps nothing.
            now: The record as it is, with `active` if it has that.
        """
        rest = {name: value for name, value in values.items() if name != "active"}
        was = now.get("active") in {None, True}
        goal = bool(values.get("active", was))
        if not was and (rest or goal):
            self._opened.append(number)
        if rest:
            self._pairs += [[number], rest]
        if not goal and was:
            self._archived.append(number)
        if not was and not goal and rest:
            self._again.append(number)

    def write(self) -> None:
        """Write all changes.

        Raises:
            TrytonFault: Tryton refuses them; then none is made.
        """
        if self._opened:
            self._activate(self._opened, active=True)
        try:
            if self._pairs:
                self._client.call_for_company(self._model, "write", *self._pairs)
        except BaseException:
            if self._opened:
                self._activate(self._opened, active=False)
            raise
        if self._archived or self._again:
            self._activate([*self._archived, *self._again], active=False)

    def _activate(self, ids: list[int], *, active: bool) -> None:
        self._client.call_for_company(self._model, "write", ids, {"active": active})
