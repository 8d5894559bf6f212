"""Calls of methods of Tryton: JSON-RPC in a session that is opened by logging in."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from crmmigrate.adapters.quota_check import check_quota
from crmmigrate.adapters.transport import (
    CredentialsError,
    Reply,
    Request,
    Session,
    SessionHeaders,
    Transport,
)
from crmmigrate.adapters.tryton.faults import TrytonFault, raise_for_session
from crmmigrate.errors import ConfigError, RemoteError
from crmmigrate.model.connections import Check

__all__ = ["Account", "Client", "Entrance"]

_OLDEST = 6.0
_WHOLE: Mapping[str, object] = MappingProxyType({"language": "en", "active_test": False})
"""Context of every call: `language` keeps labels and messages in English, so that they are
understood; `active_test` shows archived records."""
_NEW, _OLD = "rpc/", ""
"""Where the server is asked: below `/rpc/` since 7.8, before that below `/`."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are on the server.

    Attributes:
        database: Name of the database.
        user: Login name.
        secret: Password.
        company: Name or id of the company we work for; empty for that of the user.
    """

    database: str
    user: str
    secret: str = field(repr=False)
    company: str = ""


class Entrance:
    """Logs in, and tells which server it is.

    Args:
        account: Who we are.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.user_id = 0
        self.series = ""
        self._below = _NEW

    @property
    def path(self) -> str:
        """Path of the database."""
        return f"{quote(self.account.database, safe='')}/{self._below}"

    def credentials(self) -> SessionHeaders:
        """Return headers that log in when they are first asked for, and once more when refused."""
        return SessionHeaders(self._log_in, (self.account.secret,))

    def _log_in(self, send: Callable[[Request], Reply]) -> Session:
        self._find_version(send)
        given = self.account
        params = [given.user, {"password": given.secret}, "en"]
        reply = send(_request(self.path, "common.db.login", params))
        told = reply.json_or_none()
        result = told.get("result") if isinstance(told, dict) else None
        if reply.status == 404:
            raise ConfigError(
                f"the server has no database '{given.database}'",
                hint="give its name as `database` under `options:` of the connection",
            )
        if not reply.ok or not isinstance(result, list) or len(result) < 2:
            raise CredentialsError(
                f"Tryton does not know user '{given.user}' with this password",
                where=f"database {given.database}",
                causes=[f"HTTP {reply.status}"],
                hint="try them in a client of Tryton; a user of LDAP or of a second factor cannot "
                "log in here: make one with a password for the migration",
            )
        self.user_id = int(result[0])
        token = b64encode(f"{given.user}:{result[0]}:{result[1]}".encode()).decode("ascii")
        return Session({"Authorization": f"Session {token}"})

    def _find_version(self, send: Callable[[Request], Reply]) -> None:
        """Find out where the server is asked, and which it is.

        Raises:
            ConfigError: it is no Tryton, or one that is too old.
        """
        for below in (_NEW, _OLD):
            told = send(_request(below, "common.server.version", [])).json_or_none()
            series = told.get("result") if isinstance(told, dict) else None
            if isinstance(series, str):
                self._below, self.series = below, series
                break
        else:
            raise ConfigError(
                "this server does not say which Tryton it is",
                hint="give the address of trytond itself, e.g. https://erp.company.com:8000",
            )
        try:
            too_old = float(".".join(self.series.split(".")[:2])) < _OLDEST
        except ValueError:
            too_old = False
        if too_old:
            raise ConfigError(f"Tryton {self.series} is too old; 6.0 is the oldest")


class Client:
    """One database of one server.

    Args:
        transport: Sends requests; its credentials are those of the entrance.
        entrance: Who we are.
    """

    def __init__(self, transport: Transport, entrance: Entrance) -> None:
        self._transport = transport
        self.entrance = entrance

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return self._transport.server.host

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which our clock is behind the server's; None if it does not tell."""
        return self._transport.clock_skew

    @property
    def quota(self) -> Check:
        """What the server tells of the calls that are left; Tryton itself counts none."""
        return check_quota(self._transport)

    @cached_property
    def preferences(self) -> Mapping[str, Any]:
        """What the server presumes for our user: company, employee."""
        found = self._send("model.res.user.get_preferences", [True, dict(_WHOLE)], repeatable=True)
        return found if isinstance(found, dict) else {}

    @cached_property
    def company(self) -> int | None:
        """The company we work for; None where there is none.

        Raises:
            ConfigError: there are several and none is named, or the named one is not there.
        """
        wanted = self.entrance.account.company
        rows: list[dict[str, Any]] = self.call(
            "company.company", "search_read", [], 0, None, None, ["party.name"], repeatable=True
        )
        names = {int(row["id"]): str((row.get("party.") or {}).get("name")) for row in rows}
        if wanted:
            for number, name in names.items():
                if wanted in {str(number), name}:
                    return number
        elif self.preferences.get("company"):
            return int(self.preferences["company"])
        elif len(names) < 2:
            return next(iter(names), None)
        listed = ", ".join(names.values()) or "none"
        problem = f"no company '{wanted}'" if wanted else "no company is named"
        raise ConfigError(
            f"{problem}; the database has {listed}",
            where=self.host,
            hint="give its name as `company` under `options:` of the connection",
        )

    def call(
        self,
        model: str,
        method: str,
        *arguments: object,
        context: Mapping[str, object] | None = None,
        repeatable: bool = False,
    ) -> Any:  # noqa: ANN401 - whatever the method returns
        """Return what a method of a model returns.

        Args:
            model: E.g. `party.party`.
            method: E.g. `search`.
            arguments: All but the context.
            context: Beside what is always given.
            repeatable: Whether sending it twice does no harm.

        Raises:
            TrytonFault: Tryton refuses, in its words.
            CredentialsError, ConfigError, RemoteError: see the transport.
        """
        whole = {**_WHOLE, **(context or {})}
        return self._send(f"model.{model}.{method}", [*arguments, whole], repeatable=repeatable)

    def call_for_company(
        self, model: str, method: str, *arguments: object, repeatable: bool = False
    ) -> Any:  # noqa: ANN401
        """Return what a method returns for our company: what it may see depends on it."""
        context = self.company_context
        return self.call(model, method, *arguments, context=context, repeatable=repeatable)

    @cached_property
    def company_context(self) -> Mapping[str, object]:
        """The context of a company; empty where there is none."""
        number = self.company
        if number is None:
            return {}
        return {"company": number, "companies": [number], "company_filter": "one"}

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _send(self, method: str, params: Sequence[object], *, repeatable: bool) -> Any:  # noqa: ANN401
        # Logging in tells the path, so it comes first.
        if not self.entrance.series:
            self._transport.send(Request("POST", _NEW, json=_body(_VERSION, []), repeatable=True))
        body = _body(method, params)
        reply = self._transport.send(
            Request("POST", self.entrance.path, json=body, repeatable=repeatable)
        )
        answer = reply.json_or_none()
        if not isinstance(answer, dict) or not reply.ok:
            raise self._no_answer(method, reply)
        if "error" in answer:
            fault = TrytonFault.of(answer["error"])
            raise_for_session(fault, self.host)
            raise fault
        return answer.get("result")

    def _no_answer(self, method: str, reply: Reply) -> Exception:
        if reply.status == 403:
            return TrytonFault("Forbidden", f"{method} may not be called from outside")
        return RemoteError(
            f"Tryton answered with HTTP {reply.status} and no data",
            where=self.host,
            causes=[reply.title or reply.text[:200]],
            hint="it may be starting or under maintenance; run the same command again",
        )


_VERSION = "common.server.version"


def _body(method: str, params: Sequence[object]) -> dict[str, object]:
    """Return a body; with exactly these keys the answer is JSON-RPC, too."""
    return {"id": 1, "method": method, "params": list(params)}


def _request(path: str, method: str, params: Sequence[object]) -> Request:
    return Request("POST", path, json=_body(method, params), repeatable=True, expects_json=False)
