"""Try a connection to Tryton: version, user, company, clock, rights, and what is missing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from crmmigrate.adapters.clock_check import check_clock
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault
from crmmigrate.adapters.tryton.fields import Model
from crmmigrate.errors import ConfigError
from crmmigrate.model.connections import Check, State

__all__ = ["try_connection"]

_RIGHTS = ("read", "create", "write", "delete")
_TESTED = "8.2"
"""The series our tests run against."""


def try_connection(
    client: Client, models: Callable[[], Mapping[str, Model]], wanted: Sequence[str]
) -> Iterator[Check]:
    """Yield what was found; nothing is changed.

    Args:
        client: The database.
        models: Gives the models the server has, of those that are described.
        wanted: Models that are described if they are there.

    Raises:
        CrmMigrateError: the server does not let us in.
    """
    preferences = client.preferences
    entrance = client.entrance
    told = f"{client.host} is Tryton {entrance.series}, by JSON-RPC"
    is_tested = entrance.series == _TESTED
    hint = "" if is_tested else f"our tests run against {_TESTED}; rehearse on a copy"
    yield Check("server", State.OK if is_tested else State.NOTE, told, hint)
    user = entrance.account.user
    yield Check("log in", State.OK, f"as {user} (res.user {entrance.user_id})")
    yield check_clock(client.clock_skew)
    yield client.quota
    yield _company(client)
    there = models()
    for name in there:
        yield _rights(client, name)
    missing = [name for name in wanted if name not in there]
    if missing:
        says = f"not there: {', '.join(missing)}"
        hint = "activate the module that brings them, if they are to be filled"
        yield Check("modules", State.NOTE, says, hint)
    yield from _ourselves(there, preferences)
    yield Check("external ids", State.OK, "kept in the records as crmmigrate:<key>")


def _ourselves(there: Mapping[str, Model], preferences: Mapping[str, Any]) -> Iterator[Check]:
    """Tell what our user would have to be."""
    if "sale.opportunity" in there and not preferences.get("employee"):
        says = "our user is no employee; opportunities that are no leads need an owner each"
        hint = "make the user an employee of the company, to stand in where there is no owner"
        yield Check("employee", State.NOTE, says, hint)
    if "administrator" in preferences and not preferences["administrator"]:
        says = "our user is no administrator; remarks and files are shown to such only"
        hint = "tick Administrator for the time of the migration, if there are remarks or files"
        yield Check("remarks and files", State.WARNING, says, hint)


def _company(client: Client) -> Check:
    try:
        number = client.company
    except (ConfigError, TrytonFault) as exc:
        return Check("company", State.FAILED, str(exc), "name it as `company` under `options:`")
    if number is None:
        says = "there is no company; opportunities, prices and employees need one"
        return Check("company", State.WARNING, says, "set one up in a client of Tryton")
    return Check("company", State.OK, f"company.company {number}")


def _rights(client: Client, model: str) -> Check:
    try:
        told = client.call("ir.model.access", "get_access", [model], repeatable=True)
    except TrytonFault as fault:
        return Check(model, State.NOTE, f"the server does not tell our rights: {fault.said}")
    rights = told.get(model) if isinstance(told, dict) else None
    if not isinstance(rights, dict):
        return Check(model, State.NOTE, "the server does not tell our rights")
    lacking = [right for right in _RIGHTS if not rights.get(right)]
    if not lacking:
        return Check(model, State.OK, "read, create, write, delete")
    hint = "give the user a group with access: Administration, Users, Groups (docs/tryton.md)"
    state = State.FAILED if "read" in lacking else State.WARNING
    return Check(model, state, f"our user may not {', '.join(lacking)}", hint)
