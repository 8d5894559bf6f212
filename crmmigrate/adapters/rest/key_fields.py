"""Make the field of our record keys over a described API, where it has a request for that."""

from collections.abc import Iterator, Mapping

from crmmigrate.adapters.rest.description import FieldMaker
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.wire import Wire
from crmmigrate.adapters.transport import PermissionMissingError, Reply, Request
from crmmigrate.model.connections import Check, State

__all__ = ["how_to_make", "make_key_fields"]


def make_key_fields(wire: Wire, metadata: Metadata, fields: Mapping[str, str]) -> Iterator[Check]:
    """Make the field in objects that lack it; doing it twice is no harm.

    Args:
        wire: The API.
        metadata: Its fields; read anew afterwards.
        fields: Object → a further field the mapping names; for all objects if there are none.
    """
    for name in fields or wire.api.objects:
        spec = wire.api.objects.get(name)
        if spec is not None and spec.external_id and metadata.has(name):
            yield _made(wire, metadata, name)
        further = fields.get(name)
        if further and further not in metadata.columns(name):
            says = "not made: it is a field of yours, not the one that holds our keys"
            hint = how_to_make(wire, name).replace(wire.api.external_id.field, further)
            yield Check(f"{name}.{further}", State.FAILED, says, hint)


def how_to_make(wire: Wire, object_: str) -> str:
    """Return what a person does to make the field in an object."""
    place = wire.api.external_id
    return place.how_to_make.format(object=object_, field=place.field)


def _made(wire: Wire, metadata: Metadata, object_: str) -> Check:
    place = wire.api.external_id
    name = f"{object_}.{place.field}"
    if metadata.has_external_id(object_):
        return Check(name, State.OK, "is there already")
    if place.make is None:
        lost = State.WARNING if place.optional else State.FAILED
        says = f"not made: the API of {wire.api.system} makes no fields"
        return Check(name, lost, says, how_to_make(wire, object_))
    try:
        said = _asked(wire, metadata, object_, place.make)
    except PermissionMissingError:
        hint = f"log in as {place.make.who} for this one command, or by hand: "
        says = "not made: our user may not make fields"
        return Check(name, State.FAILED, says, hint + how_to_make(wire, object_))
    if metadata.has_external_id(object_):
        return Check(name, State.OK, "made")
    return Check(name, State.FAILED, f"not made: {said}", how_to_make(wire, object_))


def _asked(wire: Wire, metadata: Metadata, object_: str, maker: FieldMaker) -> str:
    """Ask for the field under each of its names until it is there; return what was said last.

    Some versions put a prefix before the name that is asked for, others do not: what has come
    under another name than that of the field is taken away again.
    """
    said = ""
    for asked in maker.names:
        there = metadata.field_names(object_)
        reply = wire.transport.send(_request(wire, object_, maker, asked))
        if reply.status == 403:
            raise PermissionMissingError(f"{object_}: no permission to make fields")
        said = _words(reply)
        metadata.forget(object_)
        if metadata.has_external_id(object_) or not reply.ok:
            return said
        for stray in metadata.field_names(object_) - there:
            path = wire.path(f"{maker.path}/{{name}}", object=object_, name=stray)
            wire.transport.send(Request("DELETE", path, expects_json=False))
        metadata.forget(object_)
    return said


def _request(wire: Wire, object_: str, maker: FieldMaker, name: str) -> Request:
    body = {**maker.body, maker.name_key: name}
    return Request("POST", wire.path(maker.path, object=object_), json=body)


def _words(reply: Reply) -> str:
    """Return what an answer says for people."""
    told = reply.headers.get("x-status-reason") or reply.title or reply.text[:200]
    return f"HTTP {reply.status}: {told}" if told and not reply.ok else f"HTTP {reply.status}"
