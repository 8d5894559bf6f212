"""Try a connection to a described API: address, credentials, clock, objects and our field."""

from collections.abc import Iterator, Sequence

from crmmigrate.adapters.clock_check import check_clock
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.wire import Wire
from crmmigrate.adapters.transport import PermissionMissingError
from crmmigrate.errors import ConfigError
from crmmigrate.model.connections import Check, State

__all__ = ["try_connection"]


def try_connection(wire: Wire, metadata: Metadata) -> Iterator[Check]:
    """Yield what was found; nothing is written.

    Args:
        wire: The API.
        metadata: Its fields.

    Raises:
        CrmMigrateError: the server cannot be reached or does not let us in.
    """
    names = list(wire.api.objects)
    there = [name for name in names if metadata.has(name)]
    server = wire.transport.server
    if not there:
        raise ConfigError(
            f"{wire.api.system} has none of the objects that are described",
            where=server.host,
            hint="check the url, and the rights of the user",
        )
    counts = {name: _object(wire, metadata, name) for name in there}
    yield Check("server", State.OK, f"{server.host} answers as {wire.api.system}")
    yield check_clock(wire.transport.clock_skew)
    yield from counts.values()
    missing = [name for name in names if name not in there]
    if missing:
        says = f"not there: {', '.join(missing)}"
        yield Check(
            "objects", State.NOTE, says, "install what brings them, if they are to be filled"
        )
    yield _our_field(wire, metadata, there)


def _object(wire: Wire, metadata: Metadata, name: str) -> Check:
    """Look whether an object may be read."""
    try:
        columns, count = metadata.columns(name), wire.count(name)
    except PermissionMissingError:
        hint = f"give the role of the user the right to read and write {name}"
        return Check(name, State.FAILED, "our user may not read it", hint)
    told = "" if count is None else f", {count:,} records"
    return Check(name, State.OK, f"{len(columns)} fields{told}")


def _our_field(wire: Wire, metadata: Metadata, there: Sequence[str]) -> Check:
    """Look for the field of our record keys, object by object."""
    place = wire.api.external_id
    lacking = [n for n in there if not metadata.has_external_id(n)]
    if not lacking:
        return Check("record keys", State.OK, f"kept in {place.field}")
    says = f"no field '{place.field}' in {', '.join(lacking)}"
    hint = place.how_to_make.format(object=lacking[0], field=place.field)
    return Check("record keys", State.WARNING if place.optional else State.FAILED, says, hint)
