"""What our user may do with each object, where a described API tells."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmmigrate.adapters.rest.description import RightsPlace
from crmmigrate.adapters.rest.values import place_of
from crmmigrate.adapters.rest.wire import Wire, exact_json
from crmmigrate.model.connections import Check, State

__all__ = ["Rights", "read_rights"]


class Rights:
    """The rights of our user, read once.

    Args:
        answer: The JSON that tells them; None if the API does not.
        place: Where they stand in it.
    """

    def __init__(self, answer: Any, place: RightsPlace | None) -> None:  # noqa: ANN401 - JSON
        self._answer = answer
        self._place = place

    def lacking(self, object_: str) -> list[str] | None:
        """Return what our user may not do with an object; None if that is not told."""
        if self._place is None:
            return None
        told = place_of(self._answer, self._place.at.format(object=object_))
        if isinstance(told, bool):
            return [] if told else list(self._place.names)
        if isinstance(told, Mapping) and not self._place.listed:
            given = {right: told.get(key) for right, key in self._place.names.items()}
            return [right for right, level in given.items() if level in {None, False, "no"}]
        listed = list(told.values()) if isinstance(told, Mapping) else told
        if not isinstance(listed, Sequence) or isinstance(listed, str):
            return None
        return [right for right, key in self._place.names.items() if key not in listed]

    def limits(self) -> list[Check]:
        """Return what else the answer tells that a load has to keep to."""
        if self._place is None:
            return []
        found = {says: place_of(self._answer, at) for at, says in self._place.limits.items()}
        return [
            Check("limit", State.NOTE, says.format(value=value))
            for says, value in found.items()
            if value not in {None, ""}
        ]


def read_rights(wire: Wire) -> Rights:
    """Return the rights of our user; an API that does not tell them is no fault."""
    place = wire.api.rights
    if place is None:
        return Rights(None, None)
    reply = wire.transport.send(wire.get(place.path))
    told = exact_json(reply) if reply.ok and not reply.is_html and reply.content.strip() else None
    return Rights(told, place if told is not None else None)
