"""Judge answers by what every server means by them; what is left is for the adapter."""

from collections.abc import Sequence
from typing import Protocol

from crmmigrate.adapters.transport.credentials import Credentials
from crmmigrate.adapters.transport.faults import (
    CredentialsError,
    PermissionMissingError,
    UnknownOutcomeError,
    UnreachableError,
    skew_note,
)
from crmmigrate.adapters.transport.messages import Reply, Request
from crmmigrate.adapters.transport.redaction import bare_path, redact
from crmmigrate.errors import ConfigError, RemoteError

__all__ = ["check_reply", "require_success", "unknown_outcome"]


class Place(Protocol):
    """What messages tell of a server."""

    @property
    def host(self) -> str:
        """Host and port."""
        ...

    @property
    def credentials(self) -> Credentials:
        """Whose secrets are hidden."""
        ...


def check_reply(reply: Reply, server: Place, skew: float | None) -> Reply:
    """Return an answer that an adapter can understand.

    Raises:
        CredentialsError: 401 or 407.
        ConfigError: the server sends us elsewhere, or a page for people where the API should be.
        UnknownOutcomeError: a write was answered with something that is no answer of the API.
        RemoteError: the same for a read.
    """
    if reply.status == 401:
        raise CredentialsError(
            "the server does not accept our credentials",
            where=server.host,
            causes=[c for c in (_said(reply, server), skew_note(skew)) if c],
        )
    if reply.status == 407:
        raise CredentialsError(
            "the proxy asks for a password",
            where=server.host,
            hint="give it in HTTPS_PROXY, or name the host in NO_PROXY",
        )
    if 300 <= reply.status < 400 and reply.status != 304:
        raise ConfigError(
            f"the server sends us to another address: {_address(reply)}",
            where=server.host,
            hint="give that address as the url of the connection",
        )
    if reply.request.expects_json and reply.ok and reply.content.strip():
        _require_json(reply, server)
    return reply


def require_success(reply: Reply, server: Place, doing: str) -> Reply:
    """Return an answer of 2xx; for requests where nothing else will do.

    Args:
        reply: The answer.
        server: For messages.
        doing: What for, e.g. "reading Contact".

    Raises:
        PermissionMissingError: 403.
        ConfigError: 404, or a page for people.
        UnreachableError: 5xx.
        RemoteError: everything else.
    """
    if reply.ok:
        return reply
    where, said = server.host, _said(reply, server)
    causes = [said] if said else []
    told = f"{doing}: HTTP {reply.status}"
    if reply.status == 403:
        raise PermissionMissingError(f"{doing}: no permission", where=where, causes=causes)
    if reply.status == 404 or reply.is_html:
        path = bare_path(reply.request.path)
        raise ConfigError(
            f"{told}: there is no API at {path}",
            where=where,
            causes=causes,
            hint="check the url of the connection, with its path, and the version of the CRM",
        )
    kind = UnreachableError if reply.status >= 500 else RemoteError
    raise kind(told, where=where, causes=causes)


def unknown_outcome(request: Request, cause: str, host: str) -> UnknownOutcomeError:
    """Return the error for a write of which nobody knows what became."""
    return UnknownOutcomeError(
        f"{request.method} {bare_path(request.path)}: the reply was lost: {cause}", where=host
    )


def _require_json(reply: Reply, server: Place) -> None:
    if reply.json_or_none() is not None or reply.content.strip() == b"null":
        return
    what = "a page for people" if reply.is_html else "something that is no JSON"
    problem = f"the server answered with {what} instead of data"
    if not reply.request.may_repeat:
        raise unknown_outcome(reply.request, problem, server.host)
    raise RemoteError(
        problem,
        where=server.host,
        causes=_told(_said(reply, server)),
        hint="a log-in page, a proxy or maintenance may be in the way: open the url in a browser",
    )


def _told(said: str) -> Sequence[str]:
    return [said] if said else []


def _said(reply: Reply, server: Place) -> str:
    """Return the first words of an answer, without secrets."""
    text = reply.title if reply.is_html else reply.text[:200]
    return redact(text, server.credentials.secrets)


def _address(reply: Reply) -> str:
    """Return where a redirect leads, without its query."""
    return redact(reply.headers.get("location", "nowhere").partition("?")[0])
