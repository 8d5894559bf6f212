"""Refuse rows before they are sent: for what the system would refuse, and what it would spoil."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.rest.description import Description
from crmmigrate.adapters.rest.finding import Finder
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.values import Value, check_value
from crmmigrate.adapters.rest.wire import Json, Wire
from crmmigrate.errors import ConfigError
from crmmigrate.model.catalog import Column

__all__ = ["Checker", "check_names", "check_row"]


def check_names(names: Iterable[str], columns: Mapping[str, Column], object_: str) -> None:
    """Refuse fields that the system does not have or does not let us write.

    Raises:
        ConfigError: some systems would drop them without a word.
    """
    unknown = [name for name in names if name not in columns]
    locked = [name for name in names if name in columns and columns[name].read_only]
    if unknown or locked:
        causes = [f"{object_}.{name}: there is no such field" for name in unknown]
        causes += [f"{object_}.{name}: the field cannot be written" for name in locked]
        raise ConfigError(
            f"{len(causes)} fields of {object_} cannot be filled",
            causes=causes,
            hint="make custom fields in the CRM, or leave the columns out in mappings/<system>/from_canonical.yaml",
        )


def check_row(
    values: Mapping[str, Value], columns: Mapping[str, Column], api: Description, *, create: bool
) -> Refusal | None:
    """Return why a row must not be sent, the first reason."""
    for name, value in values.items():
        told = check_value(value, columns[name], api)
        if told is not None:
            return told
    for name, column in columns.items():
        missing = values.get(name) in {None, ""}
        if not column.nullable and missing and (create or name in values):
            return Refusal("REQUIRED_FIELD_MISSING", name, "the field is required")
    return None


@dataclass
class Checker:
    """Looks whether records that are pointed to exist, where the system does not.

    Records that were seen once are taken as there for the rest of the process.
    """

    wire: Wire
    metadata: Metadata
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def note(self, object_: str, id_: str | None) -> None:
        """Remember a record that is there."""
        if id_:
            self._seen.add((object_, id_))

    def forget(self, object_: str, id_: str) -> None:
        """Forget a record that was deleted."""
        self._seen.discard((object_, id_))

    def absent(self, links: Iterable[str]) -> set[str]:
        """Return which of `object:id` are in no record of the system."""
        wanted: dict[str, list[str]] = {}
        for link in dict.fromkeys(links):
            object_, _, id_ = link.partition(":")
            if (object_, id_) not in self._seen:
                wanted.setdefault(object_, []).append(id_)
        lost = set()
        for object_, ids in wanted.items():
            if object_ not in self.wire.api.objects:
                lost |= {f"{object_}:{id_}" for id_ in ids}
                continue
            for id_, record in Finder(self.wire, self.metadata, object_).each(ids):
                if record is None:
                    lost.add(f"{object_}:{id_}")
                else:
                    self.note(object_, id_)
        return lost

    def referrers(self, object_: str, ids: Sequence[str]) -> dict[str, str]:
        """Return id → an object that has a record which points to it, for those that have one.

        Objects without records are not asked, small ones read whole rather than asked for each id.
        """
        found: dict[str, str] = {}
        counts: dict[str, int | None] = {}
        for other, column in self.metadata.referrers(object_):
            if other not in counts:
                counts[other] = self.wire.count(other)
            if counts[other] == 0:
                continue
            spec = self.wire.api.spec(other, column.name)
            key = spec.id_in if spec and spec.id_in else column.name
            for record in self._pointing(other, key, ids, counts[other]):
                found.setdefault(str(record.get(key)), other)
        return {id_: found[id_] for id_ in ids if id_ in found}

    def _pointing(
        self, other: str, key: str, ids: Sequence[str], count: int | None
    ) -> Iterator[Json]:
        """Yield records that may point to some ids, by the way that takes the fewest requests."""
        filters, most = self.wire.api.filters, self.wire.api.paging.most
        if not filters.one_of and count is not None and count <= most * len(ids):
            pages = self.wire.pages(other, ["id", key])
        else:
            pages = self.wire.where_equal(other, key, ids, ["id", key])
        for page in pages:
            yield from page


def links_of(
    values: Mapping[str, Value], columns: Mapping[str, Column]
) -> Sequence[tuple[str, str]]:
    """Return field and `object:id` of each reference that is set."""
    return [
        (name, value)
        for name, value in values.items()
        if columns[name].type == "reference" and isinstance(value, str) and ":" in value
    ]
