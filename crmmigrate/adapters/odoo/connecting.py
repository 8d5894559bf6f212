"""Try a connection to Odoo: version, user, clock, rights, and what acts on what is written."""

from collections.abc import Iterator, Mapping

from crmmigrate.adapters.clock_check import check_clock
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.faults import OdooFault
from crmmigrate.adapters.odoo.fields import Model
from crmmigrate.model.connections import Check, State

__all__ = ["try_connection"]

_RIGHTS = ("read", "create", "write", "unlink")
_HAS_ACCESS = 18
"""Since Odoo 18 `has_access` stands in the place of `check_access_rights`."""


def try_connection(client: Client, models: Mapping[str, Model], wanted: str) -> Iterator[Check]:
    """Yield what was found; nothing is changed.

    Args:
        client: The database.
        models: The models the server has, of those that are described.
        wanted: Models that are described if they are there, for the message.

    Raises:
        CrmMigrateError: the server does not let us in.
    """
    version = client.version
    api = "JSON-2" if version.speaks_json2 else "JSON-RPC"
    yield Check("server", State.OK, f"{client.host} is Odoo {version.major}, by {api}")
    user = client.user_id
    yield Check(
        "log in", State.OK, f"as {client.account.user} (res.users {user}), {client.database}"
    )
    yield check_clock(client.clock_skew)
    yield client.quota
    for name in models:
        yield _rights(client, name)
    missing = [name for name in wanted.split() if name not in models]
    if missing:
        says = f"not installed: {', '.join(missing)}"
        hint = "install the app that brings them, if they are to be filled"
        yield Check("apps", State.NOTE, says, hint)
    yield _external_ids(client)
    yield from _automations(client)


def _rights(client: Client, model: str) -> Check:
    lacking = [right for right in _RIGHTS if not _allowed(client, model, right)]
    if not lacking:
        return Check(model, State.OK, "read, create, write, delete")
    hint = "give the user a group with access: Settings, Users, Access Rights (docs/odoo.md)"
    state = State.FAILED if "read" in lacking else State.WARNING
    return Check(model, state, f"our user may not {', '.join(lacking)}", hint)


def _external_ids(client: Client) -> Check:
    if all(_allowed(client, "ir.model.data", right) for right in ("read", "create", "unlink")):
        return Check("external ids", State.OK, "kept in ir.model.data as __crmmigrate__.<key>")
    says = "our user may not write ir.model.data, where our keys are kept"
    return Check("external ids", State.FAILED, says, "give it Administration: Access Rights")


def _automations(client: Client) -> Iterator[Check]:
    """Yield how many automated actions would act on what is loaded."""
    domain = [["model", "=", "base.automation"]]
    try:
        if not client.call("ir.model", "search_count", {"domain": domain}, repeatable=True):
            return
        active = [["active", "=", True]]
        count = client.call("base.automation", "search_count", {"domain": active}, repeatable=True)
    except OdooFault:
        return
    if count:
        says = f"{count} automated actions will act on what is loaded"
        yield Check("automation", State.WARNING, says, "switch them off for the load")


def _allowed(client: Client, model: str, right: str) -> bool:
    newer = client.version.major >= _HAS_ACCESS
    method = "has_access" if newer else "check_access_rights"
    arguments: dict[str, object] = {"operation": right}
    if not newer:
        arguments["raise_exception"] = False
    try:
        ids: list[int] | None = [] if newer else None
        return bool(client.call(model, method, arguments, ids=ids, repeatable=True))
    except OdooFault:
        return False
