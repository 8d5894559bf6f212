"""Calls of methods of Odoo: JSON-RPC up to version 18, JSON-2 from 19 on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from crmmigrate.adapters.odoo.faults import OdooFault, raise_for_session
from crmmigrate.adapters.odoo.versions import Version
from crmmigrate.adapters.quota_check import check_quota
from crmmigrate.adapters.transport import (
    CredentialsError,
    FixedHeaders,
    Reply,
    Request,
    Transport,
)
from crmmigrate.errors import ConfigError, RemoteError
from crmmigrate.model.connections import Check

__all__ = ["Account", "Client"]

_CONTEXT: Mapping[str, object] = MappingProxyType(
    {
        "lang": "en_US",
        "tz": "UTC",
        "active_test": False,
        "tracking_disable": True,
        "mail_create_nolog": True,
        "mail_create_nosubscribe": True,
        "mail_notrack": True,
        "mail_auto_subscribe_no_notify": True,
        "mail_activity_quick_update": True,
        "no_reset_password": True,
        "no_mail_to_attendees": True,
        "dont_notify": True,
    }
)
"""Context of every call.

`tz` keeps `load` from shifting points in time by the zone of the user; `lang` makes names and
messages those of the code tables; `active_test` shows archived records; the rest keeps Odoo from
writing log messages, subscribing followers and sending mail for records that are old.
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are on the server.

    Attributes:
        database: Name of the database.
        user: Login name.
        secret: API key or password.
    """

    database: str
    user: str
    secret: str = field(repr=False)


class Client:
    """One database of one server.

    Args:
        transport: Sends requests; for JSON-2 its credentials are those of `bearer`.
        account: Who we are.
    """

    def __init__(self, transport: Transport, account: Account) -> None:
        self._transport = transport
        self.account = account

    @staticmethod
    def credentials(account: Account) -> FixedHeaders:
        """Return the headers that JSON-2 asks for; JSON-RPC takes no notice of them."""
        headers = {"Authorization": f"bearer {account.secret}"}
        if account.database:
            headers["X-Odoo-Database"] = account.database
        return FixedHeaders(headers, (account.secret,))

    @cached_property
    def database(self) -> str:
        """The database: the one that is named, or the only one there is.

        Raises:
            ConfigError: none is named, and the server has several or does not tell.
        """
        if self.account.database:
            return self.account.database
        found = self.databases()
        if len(found) == 1:
            return found[0]
        listed = f": {', '.join(found)}" if found else ", and does not list them"
        raise ConfigError(
            f"options.database is missing; the server has several{listed}",
            where=self.host,
            hint="the address of the login page shows the name after ?db=, or ask who runs Odoo",
        )

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return self._transport.server.host

    @property
    def quota(self) -> Check:
        """What the server tells of the calls that are left; Odoo itself counts none."""
        return check_quota(self._transport)

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which our clock is behind the server's; None if it does not tell."""
        return self._transport.clock_skew

    @cached_property
    def version(self) -> Version:
        """The version of the server.

        Raises:
            ConfigError: it is no Odoo, or one that is too old.
        """
        told = self._rpc("common", "version", [], repeatable=True)
        known = told if isinstance(told, dict) else {}
        try:
            version = Version.of(known.get("server_version_info") or known.get("server_version"))
        except ValueError:
            raise ConfigError(
                "this server does not say which Odoo it is",
                where=self.host,
                hint="give the address of Odoo itself, e.g. https://company.odoo.com",
            ) from None
        if not version.supported:
            raise ConfigError(f"Odoo {version.major} is too old; 11 is the oldest", where=self.host)
        return version

    @cached_property
    def user_id(self) -> int:
        """The id of our user; asking for it is how one logs in.

        Raises:
            CredentialsError: user, password or key is wrong.
            ConfigError: there is no such database.
        """
        if self.version.speaks_json2:
            found = self.call("res.users", "context_get", {}, repeatable=True)
            return int(found.get("uid") or 0) if isinstance(found, dict) else 0
        given = self.account
        told = self._rpc(
            "common",
            "authenticate",
            [self.database, given.user, given.secret, {}],
            repeatable=True,
        )
        if not told:
            raise CredentialsError(
                f"Odoo does not know user '{given.user}' with this password or API key",
                where=f"{self.host}, database {self.database}",
                hint="make an API key under Preferences, Account Security; users with two-factor "
                "authentication need one",
            )
        return int(told)

    def call(
        self,
        model: str,
        method: str,
        arguments: Mapping[str, object],
        *,
        ids: list[int] | None = None,
        context: Mapping[str, object] = MappingProxyType({}),
        repeatable: bool = False,
    ) -> Any:  # noqa: ANN401 - whatever the method returns
        """Return what a method of a model returns.

        Args:
            model: E.g. `res.partner`.
            method: E.g. `search`.
            arguments: By name and in the order of the method's parameters: JSON-RPC gives them
                by position, since their names differ between versions, JSON-2 by name.
            ids: Records it is called on, for methods of records.
            context: Beside what is always given.
            repeatable: Whether sending it twice does no harm.

        Raises:
            OdooFault: Odoo refuses, in its words.
            CredentialsError, ConfigError, RemoteError: see the transport.
        """
        whole = {**_CONTEXT, **context}
        if self.version.speaks_json2:
            body = {**arguments, "context": whole}
            return self._json2(f"{model}/{method}", body if ids is None else {"ids": ids, **body})
        given = self.account
        listed = list(arguments.values()) if ids is None else [ids, *arguments.values()]
        words = [self.database, self.user_id, given.secret, model, method, listed]
        return self._rpc("object", "execute_kw", [*words, {"context": whole}], repeatable)

    def databases(self) -> list[str]:
        """Return the databases that the server lists; empty where it keeps them to itself."""
        try:
            found = self._rpc("db", "list", [], repeatable=True)
        except (OdooFault, CredentialsError):
            return []
        return [str(name) for name in found] if isinstance(found, list) else []

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _rpc(
        self,
        service: str,
        method: str,
        arguments: list[object],
        repeatable: bool,
    ) -> Any:  # noqa: ANN401
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        reply = self._transport.send(Request("POST", "jsonrpc", json=body, repeatable=repeatable))
        answer = self._answer(reply)
        if "error" in answer:
            self._refuse(answer["error"])
        return answer.get("result")

    def _json2(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401
        method = path.rpartition("/")[2]
        repeatable = method in _READING
        reply = self._transport.send(
            Request("POST", f"json/2/{path}", json=body, repeatable=repeatable)
        )
        if reply.ok:
            return reply.json_or_none()
        self._refuse({"data": self._answer(reply)})
        raise AssertionError  # pragma: no cover - refusing raises

    def _answer(self, reply: Reply) -> dict[str, Any]:
        found = reply.json_or_none()
        if isinstance(found, dict):
            return found
        raise RemoteError(
            f"Odoo answered with HTTP {reply.status} and no data",
            where=self.host,
            causes=[reply.title or reply.text[:200]],
            hint="it may be starting or under maintenance: open the url in a browser, then run "
            "the same command again",
        )

    def _refuse(self, error: object) -> None:
        fault = OdooFault.of(error)
        raise_for_session(fault, self.host, self.account.database)
        raise fault


_READING = frozenset(
    {
        "context_get",
        "fields_get",
        "has_access",
        "read",
        "read_group",
        "search",
        "search_count",
        "search_read",
    }
)
"""Methods that change nothing."""
