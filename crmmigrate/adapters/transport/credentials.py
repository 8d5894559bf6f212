"""How a request proves who asks: fixed headers, signatures, tokens that are renewed."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from crmmigrate.adapters.transport.faults import CredentialsError
from crmmigrate.adapters.transport.messages import Reply, Request

__all__ = [
    "Credentials",
    "FixedHeaders",
    "OAuthTokens",
    "Session",
    "SessionHeaders",
    "SignedRequests",
    "basic_credentials",
]

Send = Callable[[Request], Reply]
_EARLY = 30.0
"""Seconds before its end in which a token is renewed, so that it does not end on the way."""


class Credentials(Protocol):
    """Gives the headers of a request."""

    def headers(self, request: Request, path: str, send: Send, now: float) -> Mapping[str, str]:
        """Return the headers that prove who asks.

        Args:
            request: What is about to be sent.
            path: Path of its URL.
            send: Sends a request without credentials, to get a token.
            now: Seconds of the clock that only grows.
        """
        ...

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Forget the token that these headers bore, which the server has refused.

        Returns:
            Whether another try can do better.
        """
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown in any message."""
        ...


@dataclass(frozen=True)
class FixedHeaders:
    """The same headers with each request: an API key, a bearer token, or none at all."""

    fixed: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def headers(
        self,
        request: Request,  # noqa: ARG002 - the same for all
        path: str,  # noqa: ARG002
        send: Send,  # noqa: ARG002
        now: float,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Return the fixed headers."""
        return self.fixed

    def renew(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002 - there is but one
        """Return False: there is no other key."""
        return False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values, whole and without the word before them."""
        whole = tuple(self.fixed.values())
        return (*self.hidden, *whole, *(value.rpartition(" ")[2] for value in whole))


def basic_credentials(user: str, password: str) -> FixedHeaders:
    """Return HTTP Basic authentication (RFC 7617)."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return FixedHeaders({"Authorization": f"Basic {token}"}, (password,))


@dataclass(frozen=True)
class SignedRequests:
    """A signature of method and path by HMAC-SHA256.

    Attributes:
        header: Where it stands, e.g. X-Hmac-Authorization.
        key: Public name of the signer.
        secret: What it is signed with.
        before: What of the path is not signed, e.g. /api/v1/.
    """

    header: str
    key: str
    secret: str = field(repr=False)
    before: str = ""

    def headers(
        self,
        request: Request,
        path: str,
        send: Send,  # noqa: ARG002 - nothing to fetch
        now: float,  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Return base64(key:hmac) over `METHOD /path`."""
        signed = f"{request.method} /{path.removeprefix(self.before).lstrip('/')}"
        digest = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha256).digest()
        token = base64.b64encode(self.key.encode() + b":" + digest).decode("ascii")
        return {self.header: token}

    def renew(self, refused: Mapping[str, str]) -> bool:  # noqa: ARG002 - there is but one
        """Return False: there is no other key."""
        return False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secret and the key."""
        return (self.secret, self.key)


@dataclass(frozen=True, slots=True)
class Session:
    """What a log-in has given.

    Attributes:
        headers: Headers that bear it.
        lasts: Seconds it is good for; None if unknown.
    """

    headers: Mapping[str, str] = field(repr=False)
    lasts: float | None = None


@dataclass
class SessionHeaders:
    """Headers that are got by logging in, and got again when they have ended.

    Attributes:
        log_in: Gets a new session; it is handed a function that sends without credentials.
        hidden: Secrets that the log-in uses.
    """

    log_in: Callable[[Send], Session] = field(repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)
    _session: Session | None = field(default=None, repr=False)
    _ends: float = field(default=float("inf"), repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def headers(
        self,
        request: Request,  # noqa: ARG002 - the same for all
        path: str,  # noqa: ARG002
        send: Send,
        now: float,
    ) -> Mapping[str, str]:
        """Return the headers of the session; log in first if there is none or it ends soon."""
        with self._lock:
            if self._session is None or now >= self._ends:
                self._session = self.log_in(send)
                lasts = self._session.lasts
                early = min(_EARLY, lasts / 2) if lasts else 0.0
                self._ends = now + lasts - early if lasts else float("inf")
            return self._session.headers

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Forget the session if it is still the refused one; another thread may have renewed it."""
        with self._lock:
            session = self._session
            if session and all(refused.get(k) == v for k, v in session.headers.items()):
                self._session = None
        return True

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets of the log-in, and the token in use."""
        session = self._session
        used = tuple(session.headers.values()) if session else ()
        return (*self.hidden, *used, *(value.rpartition(" ")[2] for value in used))


class OAuthTokens(SessionHeaders):
    """Bearer tokens of OAuth 2.0 (RFC 6749 sections 4.3 and 4.4).

    Args:
        url: Token endpoint, whole or below the address of the server.
        form: What is posted there: grant_type, client_id, client_secret, perhaps username and
            password, scope.
    """

    def __init__(self, url: str, form: Mapping[str, str]) -> None:
        secret = ("client_secret", "password", "refresh_token", "assertion")
        super().__init__(self._fetch, tuple(form[k] for k in secret if k in form))
        self._url = url
        self._form = dict(form)

    def _fetch(self, send: Send) -> Session:
        request = Request("POST", self._url, form=self._form, repeatable=True, expects_json=False)
        reply = send(request)
        told = reply.json_or_none()
        told = told if isinstance(told, dict) else {}
        token = told.get("access_token")
        if not reply.ok or not isinstance(token, str):
            raise CredentialsError(
                f"no access token was given: {_why(reply, told)}",
                where=self._url,
                hint="check client id, secret, grant type and user of the API client in the CRM",
            )
        lasts = told.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) and lasts > 0 else None
        return Session({"Authorization": f"Bearer {token}"}, seconds)


def _why(reply: Reply, told: Mapping[str, object]) -> str:
    """Return what the endpoint says; RFC 6749 section 5.2 names the keys."""
    said = [str(told[k]) for k in ("error", "error_description", "message") if told.get(k)]
    return f"HTTP {reply.status}" + (f", {': '.join(said)}" if said else "")
