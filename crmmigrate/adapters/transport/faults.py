"""What can go wrong between us and a server, each with cause, hint and exit code.

::

    UsageError 2
    ├── ConfigError                 wrong address, certificate, path
    └── CredentialsError            the server does not know us (401), or the proxy (407)
        └── PermissionMissingError  it knows us, but we may not (403)
    RemoteError 3
    ├── UnreachableError            no connection, time-out, server error, circuit open
    ├── ThrottledError              the rate limit leaves no room for longer than we wait
    └── UnknownOutcomeError         a write whose reply was lost: read back before anything else
"""

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import httpx

from crmmigrate.errors import ConfigError, CrmMigrateError, RemoteError, UsageError

__all__ = [
    "CredentialsError",
    "Fault",
    "PermissionMissingError",
    "ThrottledError",
    "UnknownOutcomeError",
    "UnreachableError",
    "explain_fault",
    "fault_of",
]

SKEWED = 300.0
"""Seconds by which clocks may differ before tokens and signatures are refused (RFC 4120, AWS)."""


class CredentialsError(UsageError):
    """The server, or a proxy on the way, does not accept our credentials."""

    usual_hint = "check user, key or token of the connection; keys expire and users get locked"


class PermissionMissingError(CredentialsError):
    """The server knows us but does not let us do this."""

    usual_hint = "give the user of the connection the right to read and write this object"


class UnreachableError(RemoteError):
    """The server cannot be reached, or fails whatever it is asked."""


class ThrottledError(RemoteError):
    """The rate limit is used up for longer than we are willing to wait."""

    usual_hint = "run the same command again later; it goes on where it stopped"


class UnknownOutcomeError(RemoteError):
    """A write was sent and no reply came: it may or may not have been carried out."""


class Fault(StrEnum):
    """Kinds of failure below HTTP."""

    WRONG_HOST = "wrong_host"
    TLS = "tls"
    PROXY = "proxy"
    NOT_CONNECTED = "not_connected"
    TIMED_OUT = "timed_out"
    BROKEN_OFF = "broken_off"
    WRONG_URL = "wrong_url"

    @property
    def was_sent(self) -> bool:
        """Whether the server may have got the request."""
        return self in {Fault.TIMED_OUT, Fault.BROKEN_OFF}

    @property
    def may_pass(self) -> bool:
        """Whether another try may do better."""
        return self in {Fault.NOT_CONNECTED, Fault.TIMED_OUT, Fault.BROKEN_OFF, Fault.PROXY}


def fault_of(error: httpx.HTTPError | httpx.InvalidURL) -> Fault:
    """Return the kind of failure of what httpx has raised."""
    causes = list(_causes(error))
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return Fault.WRONG_URL
    if isinstance(error, httpx.ProxyError):
        return Fault.PROXY
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        if any(isinstance(c, socket.gaierror) for c in causes):
            return Fault.WRONG_HOST
        return (
            Fault.TLS if any(isinstance(c, ssl.SSLError) for c in causes) else _unconnected(error)
        )
    return Fault.TIMED_OUT if isinstance(error, httpx.TimeoutException) else Fault.BROKEN_OFF


def _unconnected(error: httpx.HTTPError) -> Fault:
    """Tell apart the names of causes that httpcore hands on as text only."""
    said = str(error).lower()
    if any(mark in said for mark in ("name or service not known", "getaddrinfo", "no address")):
        return Fault.WRONG_HOST
    if "certificate" in said or "ssl" in said or "tls" in said:
        return Fault.TLS
    return Fault.NOT_CONNECTED


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def explain_fault(
    fault: Fault, said: str, host: str, *, met_before: bool, tries: int
) -> CrmMigrateError:
    """Return the error for a request that never got an answer.

    Args:
        fault: Kind of failure.
        said: What the library says, without secrets.
        host: Host and port.
        met_before: The server has answered in this process, so its address is right.
        tries: How often it was tried.
    """
    often = f" ({tries} tries)" if tries > 1 else ""
    if fault is Fault.WRONG_HOST and not met_before:
        return ConfigError(
            "there is no server of this name",
            where=host,
            causes=[said],
            hint="check the url of the connection; behind a VPN, check that it is up",
        )
    if fault is Fault.TLS and not met_before:
        return ConfigError(
            f"no safe connection: {_tls_cause(said)}",
            where=host,
            causes=[said],
            hint="check the url (https:// or http://); for a certificate of your own firm, give its file as ca_file",
        )
    if fault is Fault.WRONG_URL:
        return ConfigError("this is no address of a server", where=host, causes=[said])
    problem, hint = _EXPLAINED.get(fault, _EXPLAINED[Fault.NOT_CONNECTED])
    return UnreachableError(f"{problem}{often}", where=host, causes=[said], hint=hint)


_EXPLAINED = {
    Fault.PROXY: (
        "the proxy refused or failed",
        "check HTTPS_PROXY and NO_PROXY in the environment, then run the same command again",
    ),
    Fault.NOT_CONNECTED: (
        "the server does not take connections",
        "check that it runs and that no firewall is between; then run the same command again",
    ),
    Fault.TIMED_OUT: (
        "the server did not answer in time",
        "it may be overloaded: lower max_parallel or raise read_timeout; then run the same command again",
    ),
    Fault.BROKEN_OFF: (
        "the connection was broken off",
        "run the same command again; it goes on where it stopped",
    ),
}


def _tls_cause(said: str) -> str:
    told = said.lower()
    for mark, cause in (
        ("hostname mismatch", "the certificate is for another host"),
        ("certificate is not valid for", "the certificate is for another host"),
        ("expired", "the certificate has expired"),
        ("self-signed", "the certificate is signed by nobody we trust"),
        ("self signed", "the certificate is signed by nobody we trust"),
        ("unable to get local issuer", "the certificate is signed by nobody we trust"),
        ("wrong version number", "the server speaks plain http at this port"),
        ("record layer failure", "the server speaks plain http at this port"),
    ):
        if mark in told:
            return cause
    return "TLS failed"


def skew_note(skew: float | None) -> str:
    """Return a hint where the clocks differ so much that credentials are refused; else nothing."""
    if skew is None or abs(skew) < SKEWED:
        return ""
    side = "behind" if skew > 0 else "ahead of"
    return f"this machine's clock is {abs(skew):,.0f} seconds {side} the server's; set it right"


def clock_skew(server: datetime, here: datetime) -> float:
    """Return by how many seconds our clock is behind the server's."""
    return (server - here).total_seconds()
