"""Try a connection to a described API: address, credentials, clock, objects and our field."""

from collections.abc import Iterator, Sequence

from crmmigrate.adapters.clock_check import check_clock
from crmmigrate.adapters.quota_check import check_quota
from crmmigrate.adapters.rest.key_fields import how_to_make
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.rights import Rights, read_rights
from crmmigrate.adapters.rest.wire import Wire
from crmmigrate.adapters.transport import PermissionMissingError
from crmmigrate.errors import ConfigError
from crmmigrate.model.connections import Check, State
from crmmigrate.model.counting import counted

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
    rights = read_rights(wire)
    counts = {name: _object(wire, metadata, name, rights) for name in there}
    yield Check("server", State.OK, f"{server.host} answers as {wire.api.system}")
    yield check_clock(wire.transport.clock_skew)
    yield check_quota(wire.transport)
    yield from rights.limits()
    yield from counts.values()
    missing = [name for name in names if name not in there]
    if missing:
        says = f"not there: {', '.join(missing)}"
        yield Check(
            "objects", State.NOTE, says, "install what brings them, if they are to be filled"
        )
    yield _our_field(wire, metadata, there)


def _object(wire: Wire, metadata: Metadata, name: str, rights: Rights) -> Check:
    """Look what may be done with an object."""
    hint = f"give the role of the user the right to read and write {name}"
    try:
        columns, count = metadata.columns(name), wire.count(name)
    except PermissionMissingError:
        return Check(name, State.FAILED, "our user may not read it", hint)
    told = "" if count is None else f", {counted(count, 'record')}"
    lacking = rights.lacking(name)
    if lacking:
        says = f"our user may not {', '.join(lacking)}; {len(columns)} fields{told}"
        return Check(name, State.WARNING, says, hint)
    known = "read, create, write, delete; " if lacking is not None else ""
    return Check(name, State.OK, f"{known}{len(columns)} fields{told}")


def _our_field(wire: Wire, metadata: Metadata, there: Sequence[str]) -> Check:
    """Look for the field of our record keys, object by object."""
    place = wire.api.external_id
    lacking = [n for n in there if not metadata.has_external_id(n)]
    if not lacking:
        return Check("record keys", State.OK, f"kept in {place.field}")
    says = f"no field '{place.field}' in {', '.join(lacking)}"
    hint = how_to_make(wire, lacking[0])
    if place.make is not None:
        hint = f"`crmmigrate connect target --create-field` makes it as {place.make.who}; {hint}"
    return Check("record keys", State.WARNING if place.optional else State.FAILED, says, hint)
