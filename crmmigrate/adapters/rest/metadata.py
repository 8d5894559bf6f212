"""Which fields the objects of a described API have: live metadata, and what the description adds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from crmmigrate.adapters.rest.description import Description, FieldSpec, MetadataPlace
from crmmigrate.adapters.rest.values import place_of
from crmmigrate.adapters.rest.wire import Wire, exact_json
from crmmigrate.adapters.transport.answers import require_success
from crmmigrate.errors import ConfigError, UsageError
from crmmigrate.model.catalog import Column

__all__ = ["Metadata"]

_ABSENT = {400, 404}
"""How APIs answer for the fields of an object that they do not have, if not with nothing."""
_FALSE = (None, False, 0, "0", "", "false")


@dataclass
class Metadata:
    """Columns of objects, read once.

    Attributes:
        wire: Speaks to the API.
        unfiltered: Objects whose lists the server could not narrow by our keys.
    """

    wire: Wire
    unfiltered: set[str] = field(default_factory=set)
    _names: dict[str, set[str]] = field(default_factory=dict)
    _defaults: dict[str, dict[str, str]] = field(default_factory=dict)
    _known: dict[str, dict[str, Column]] = field(default_factory=dict)
    _read: dict[str, dict[str, Column]] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    @property
    def api(self) -> Description:
        """The description."""
        return self.wire.api

    def has(self, object_: str) -> bool:
        """Return whether the system has an object of the description."""
        return self.api.metadata is None or bool(self._live(object_))

    def columns(self, object_: str) -> Mapping[str, Column]:
        """Return the columns of an object by name, lists flattened, without our external id.

        Raises:
            UsageError: the description has no such object.
            ConfigError: the system has no such object.
            RemoteError: the metadata cannot be read.
        """
        if object_ not in self.api.objects:
            raise UsageError(f"{self.api.system} has no object '{object_}' in its description")
        if not self.has(object_):
            raise ConfigError(
                f"{self.api.system} has no object '{object_}'",
                where=self.wire.transport.server.host,
                hint="install what brings it, or leave it out in the mapping and the description",
            )
        with self._lock:
            if object_ not in self._known:
                self._known[object_] = self._merged(object_)
            return self._known[object_]

    def has_external_id(self, object_: str) -> bool:
        """Return whether records of an object have a place for our keys."""
        if not self.api.objects[object_].external_id:
            return False
        return not self.api.metadata or self.api.external_id.field in self._live(object_)

    def field_names(self, object_: str) -> set[str]:
        """Return the names of all fields that the API itself tells."""
        self._live(object_)
        return set(self._names.get(object_, ()))

    def forget(self, object_: str) -> None:
        """Read an object anew when it is asked for next."""
        with self._lock:
            for known in (self._names, self._defaults, self._known, self._read):
                known.pop(object_, None)

    def defaults(self, object_: str) -> Mapping[str, str]:
        """Return what blank fields become: by live metadata and by the description."""
        columns = self.columns(object_)
        flags = {n: "false" for n, c in columns.items() if c.type == "boolean"}
        found = flags if self.api.blank_flag else {}
        found |= self._defaults.get(object_, {})
        for name in columns:
            told = self.api.spec(object_, name)
            if told is not None and told.default is not None:
                found[name] = told.default
        return {name: value for name, value in found.items() if name in columns}

    def referrers(self, object_: str) -> list[tuple[str, Column]]:
        """Return objects and columns that may point to records of an object."""
        return [
            (name, column)
            for name in self.api.objects
            if self.has(name)
            for column in self.columns(name).values()
            if object_ in column.references
        ]

    def _merged(self, object_: str) -> dict[str, Column]:
        live = dict(self._live(object_))
        common = {n: f for n, f in self.api.common.items() if n in self._names.get(object_, {n})}
        for name, told in {**common, **self.api.objects[object_].fields}.items():
            live[name] = _completed(live.get(name, Column(name)), told)
        for listed in self.api.lists:
            if object_ in listed.objects:
                live.pop(listed.key, None)
                names = (listed.first, *listed.others)
                live |= {n: _completed(live.get(n, Column(n, listed.kind)), None) for n in names}
        specs = [self.api.spec(object_, name) for name in live]
        halves = {key for spec in specs if spec for key in (spec.type_in, spec.id_in)}
        hidden = {"id", self.api.external_id.field, *halves}
        return {name: column for name, column in live.items() if name not in hidden}

    def _live(self, object_: str) -> Mapping[str, Column]:
        """Return what the API itself tells, read once."""
        with self._lock:
            if object_ not in self._read:
                place = self.api.metadata
                self._read[object_] = {} if place is None else self._asked(object_, place)
            return self._read[object_]

    def _asked(self, object_: str, place: MetadataPlace) -> dict[str, Column]:
        """Return what the API tells of an object; nothing if it has none of this name."""
        reply = self.wire.transport.send(self.wire.get(place.path, object=object_))
        if reply.status in _ABSENT and not reply.is_html:
            return {}
        require_success(reply, self.wire.transport.server, f"metadata of {object_}")
        answer = exact_json(reply) if reply.content.strip() else None
        fields = place_of(answer, place.at) or {}
        links = place_of(answer, place.links_at) if place.links_at else {}
        self._names[object_] = set(fields)
        self._defaults[object_] = {
            name: told[place.default]
            for name, told in fields.items()
            if isinstance(told, Mapping) and isinstance(told.get(place.default), str)
            if told[place.default]
        }
        found: dict[str, Column] = {}
        for name, told in fields.items():
            if not isinstance(told, Mapping) or any(told.get(key) is True for key in place.hidden):
                continue
            if told.get(place.type) not in place.skip:
                column = _column(name, told, links or {}, place)
                found[column.name] = column
        return found


def _column(
    name: str, told: Mapping[str, Any], links: Mapping[str, Any], place: MetadataPlace
) -> Column:
    """Return a column as the API tells it."""
    own = str(told.get(place.type))
    length = str(told.get(place.max_length) or "")
    kind = place.types.get(own, "text")
    # Other types have suggestions under the same key, which bind nobody.
    choices = told.get(place.choices) if kind == "choice" else None
    column = Column(
        name,
        kind,
        nullable=told.get(place.required) in _FALSE,
        read_only=told.get(place.read_only) not in _FALSE,
        max_length=int(length) if length.isdigit() and int(length) > 0 else None,
        choices=tuple(c for c in choices if isinstance(c, str) and c)
        if isinstance(choices, list)
        else (),
    )
    if not place.links or own != place.links:
        return column
    target = place_of(links, f"{name}.{place.link_object}")
    pointed = (str(target),) if target else ()
    return Column(f"{name}Id", "reference", column.nullable, column.read_only, references=pointed)


def _completed(column: Column, told: FieldSpec | None) -> Column:
    """Return a column with what the description says of it."""
    if told is None:
        return column
    return Column(
        column.name,
        told.type or ("reference" if told.references else column.type),
        nullable=column.nullable if told.required is None else not told.required,
        read_only=column.read_only if told.read_only is None else told.read_only,
        max_length=told.max_length or column.max_length,
        choices=told.choices or column.choices,
        references=told.references or column.references,
        unique=told.unique,
    )
