"""Opportunities through their states: Tryton takes no state, it has them moved by its buttons.

| from | button | to |
|---|---|---|
| lead | `opportunity` | opportunity; party and employee are required |
| lead, opportunity | `lost`, `cancel` | lost, cancelled; the end date becomes today |
| opportunity | `convert` | converted; a draft sale is made |
| opportunity, lost, cancelled | `lead` | lead |

`won` comes of a confirmed sale only. Most fields are locked outside the first two states, and an
opportunity must be cancelled before it can be deleted. Source: `opportunity.py` of sale_opportunity.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from crmmigrate.adapters.bisecting import WholeRefusal, write_in_halves
from crmmigrate.adapters.numbered.operations import pieces
from crmmigrate.adapters.outcome_frames import Refusal, succeeded, unknown
from crmmigrate.adapters.transport import UnknownOutcomeError
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault, explain
from crmmigrate.adapters.tryton.fields import Model
from crmmigrate.model.operations import Status

__all__ = ["OPPORTUNITY", "Stages"]

OPPORTUNITY = "sale.opportunity"
_WAYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lead": (),
        "opportunity": ("opportunity",),
        "converted": ("opportunity", "convert"),
        "lost": ("lost",),
        "cancelled": ("cancel",),
    }
)
"""State → buttons that lead to it from `lead`."""
_STAFFED = frozenset({"opportunity", "converted"})
"""States in which an employee is required."""
_OPEN = frozenset({"opportunity", "lost", "cancelled"})
"""States that can be led back to `lead`."""


class Stages:
    """Moves the opportunities of a database.

    Args:
        client: The database.
        model: The opportunity.
    """

    def __init__(self, client: Client, model: Model) -> None:
        self._client = client
        self._model = model

    def refusal(self, state: str | None, values: Mapping[str, Any]) -> Refusal | None:
        """Return why a new record cannot come into a state; None if it can."""
        if state == "won":
            says = "state: an opportunity is won by its sale being confirmed; write 'converted'"
            return Refusal("NOT_IN_PICKLIST", "state", says)
        for name in ("party", "employee") if state in _STAFFED else ():
            if not values.get(name):
                says = f"{name}: an opportunity of state '{state}' must have one"
                return Refusal("REQUIRED_FIELD_MISSING", name, says)
        return None

    def advance(self, moves: Mapping[str, tuple[int, str]]) -> pl.DataFrame:
        """Lead records from `lead` to their states; return their outcomes.

        Args:
            moves: op_id → record and state.
        """
        told: list[pl.DataFrame] = []
        for state in dict.fromkeys(state for _, state in moves.values()):
            ids = {op: number for op, (number, wanted) in moves.items() if wanted == state}
            told.append(self._lead_to(ids, _WAYS.get(state, ())))
        return pl.concat(told) if told else succeeded([], [])

    def states(self, ids: Sequence[int]) -> dict[int, str]:
        """Return record → its state now."""
        found: dict[int, str] = {}
        for some in pieces(list(ids), 1000):
            rows = self._client.call_for_company(
                OPPORTUNITY, "read", some, ["state"], repeatable=True
            )
            found |= {int(r["id"]): str(r["state"]) for r in rows}
        return found

    def take_back(self, states: Mapping[int, str]) -> None:
        """Lead records back to `lead`, where that can be done.

        Raises:
            TrytonFault: Tryton does not let us.
        """
        back = [number for number, state in states.items() if state in _OPEN]
        self._press("lead", back)

    def cancel(self, ids: Sequence[int]) -> None:
        """Make records ready to be deleted; the draft sales of converted ones go, too.

        Raises:
            TrytonFault: Tryton does not let us, e.g. since a sale is under way.
        """
        states = self.states(ids)
        converted = [i for i, state in states.items() if state == "converted"]
        if converted:
            origins = [f"{OPPORTUNITY},{number}" for number in converted]
            sales = self._client.call_for_company(
                "sale.sale",
                "search",
                [["origin", "in", origins], ["state", "in", ["draft", "cancelled"]]],
                0,
                None,
                None,
                repeatable=True,
            )
            if sales:
                self._client.call_for_company("sale.sale", "cancel", sales)
                self._client.call_for_company("sale.sale", "delete", sales)
            states = self.states(ids)
        self._press("lead", [i for i, state in states.items() if state == "lost"])
        self._press("cancel", [i for i, state in states.items() if state != "cancelled"])

    def _lead_to(self, ids: Mapping[str, int], buttons: Sequence[str]) -> pl.DataFrame:
        def attempt(batch: pl.DataFrame) -> pl.DataFrame | WholeRefusal:
            names = list(batch["op_id"])
            try:
                for button in buttons:
                    self._press(button, [ids[name] for name in names])
            except UnknownOutcomeError as exc:
                return unknown(names, exc.message)
            except TrytonFault as fault:
                return WholeRefusal(explain(fault, self._model.blamed))
            return succeeded(names, [str(ids[name]) for name in names])

        return write_in_halves(pl.DataFrame({"op_id": list(ids)}, schema=_OPS), attempt)

    def _press(self, button: str, ids: Sequence[int]) -> None:
        if ids:
            self._client.call_for_company(OPPORTUNITY, button, list(ids))


_OPS = {"op_id": pl.String}


def settled(outcomes: pl.DataFrame) -> list[str]:
    """Return the operations that succeeded."""
    return list(outcomes.filter(pl.col("status") == Status.SUCCEEDED.value)["op_id"])
