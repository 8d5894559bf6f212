"""What Odoo says when it refuses, told as code, field, cause, hint and exit code.

Refusals of a record become outcomes with one of our codes; what concerns the whole session stops
the command. The names of exceptions are those of Odoo 11 to 19 and of psycopg2.
"""

import re
from collections.abc import Mapping
from typing import Any

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.transport import CredentialsError, PermissionMissingError
from crmmigrate.errors import ConfigError, RemoteError

__all__ = ["OdooFault", "explain", "permission_missing", "raise_for_session"]


class OdooFault(Exception):  # noqa: N818 - a refusal, told to the user by those who catch it
    """Odoo refuses a call.

    Args:
        name: Name of the exception on the server, e.g. `odoo.exceptions.ValidationError`.
        said: Its message.
    """

    def __init__(self, name: str, said: str) -> None:
        super().__init__(said or name)
        self.name = name
        self.said = said

    @classmethod
    def of(cls, error: object) -> "OdooFault":
        """Return the fault of an answer; the traceback of the server is left out."""
        outer: Mapping[str, Any] = error if isinstance(error, dict) else {}
        data = outer.get("data")
        inner: Mapping[str, Any] = data if isinstance(data, dict) else {}
        said = str(inner.get("message") or outer.get("message") or "").strip()
        return cls(str(inner.get("name") or ""), said)


def raise_for_session(fault: OdooFault, host: str, database: str) -> None:
    """Raise for a fault that concerns no record but who and where we are.

    Raises:
        ConfigError: there is no such database.
        CredentialsError: the password is no longer right.
        RemoteError: the server is starting, or its session is over.
    """
    name, said = fault.name.rpartition(".")[2], fault.said
    where = f"{host}, database {database}" if database else host
    if "database" in said and "does not exist" in said:
        raise ConfigError(
            f"the server has no database '{database}'",
            where=host,
            hint="give its name as `database` under `options:` of the connection; the login page lists them",
        )
    if name in {"AccessDenied", "Unauthorized"}:
        raise CredentialsError(
            "Odoo does not accept our user and password or API key",
            where=where,
            causes=[said] if said else [],
            hint="API keys expire after 90 days at most: make a new one under Preferences, Account Security",
        )
    if (
        name in {"SessionExpiredException", "RegistryError"}
        or "server closed the connection" in said
    ):
        raise RemoteError(
            "Odoo has lost its session or its database, perhaps for a restart",
            where=where,
            causes=[said] if said else [],
        )


def permission_missing(fault: OdooFault, model: str, host: str) -> PermissionMissingError:
    """Return the error for a model that we may not read."""
    return PermissionMissingError(
        f"our user may not read {model}",
        where=host,
        causes=[_first_line(fault.said)],
        hint="give the user of the connection a group with access to it: Settings, Users, Access Rights",
    )


_RULES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), code, says)
    for pattern, code, says in (
        (
            r'(?:null value in column "(?P<field>\w+)"|Missing required value for the field .*?\((?P<named>\w+)\))',
            "REQUIRED_FIELD_MISSING",
            "the field is required",
        ),
        (r"Missing required value for the field", "REQUIRED_FIELD_MISSING", ""),
        (r"Contacts require a (?P<field>name)", "REQUIRED_FIELD_MISSING", ""),
        (r'violates check constraint "(?P<check>\w+)"', "REFUSED", ""),
        (r"not found in selection field", "NOT_IN_PICKLIST", ""),
        (r"[Ww]rong value for [\w.]+\.(?P<field>\w+):", "NOT_IN_PICKLIST", ""),
        (r"does not seem to be a valid date(?!time)", "INVALID_DATE", ""),
        (
            r"(?:does not seem to be a valid datetime|time data .* does not match)",
            "INVALID_DATETIME",
            "",
        ),
        (r"does not seem to be an? (?:integer|number)", "INVALID_NUMBER", ""),
        (r"[Uu]nknown value '.*?' for boolean", "INVALID_BOOLEAN", ""),
        (r"No matching record found", "LINKED_RECORD_MISSING", ""),
        (r"(?:value|values) for the field '.*?' already exist", "DUPLICATE_VALUE", ""),
        (
            r"duplicate key value violates unique constraint|must be unique|You can not have two users with the same login|[Aa]nother user is already registered",
            "DUPLICATE_VALUE",
            "",
        ),
        (
            r'is still referenced from table "(?P<table>\w+)"|another model (?:is using|requires) the record|Unable to delete this document because it is used|cannot be deleted: another',
            "STILL_REFERENCED",
            "",
        ),
        (r"violates foreign key constraint", "LINKED_RECORD_MISSING", ""),
        (
            r"Record does not exist or has been deleted|[Uu]nknown database identifier|One of the documents you are trying to access has been deleted",
            "RECORD_MISSING",
            "",
        ),
        (r"value too long for type", "TOO_LONG", ""),
        (r"[Ii]nvalid field '?(?P<field>\w+)'? on", "UNKNOWN_FIELD", ""),
    )
)
"""What Odoo says → our code (documented under `crmmigrate explain LOD5..`) and perhaps our words."""

_BY_NAME = {
    "AccessError": ("NO_PERMISSION", False),
    "Forbidden": ("NO_PERMISSION", False),
    "MissingError": ("RECORD_MISSING", False),
    "SerializationFailure": ("BUSY", True),
    "TransactionRollbackError": ("BUSY", True),
    "LockNotAvailable": ("BUSY", True),
    "DeadlockDetected": ("BUSY", True),
    "OperationalError": ("BUSY", True),
}
"""Names of exceptions that say enough, and whether another try may do better."""


def explain(name: str, said: str, fields: Mapping[str, str], field: str | None = None) -> Refusal:
    """Translate what Odoo says about a record.

    Args:
        name: Name of the exception; empty for a message of `load`.
        said: Its words.
        fields: Field → label of the model, to find the field that is meant.
        field: The field, where `load` names it.
    """
    first = _first_line(said)
    for pattern, code, says in _RULES:
        found = pattern.search(said)
        if found is None:
            continue
        groups = found.groupdict()
        told = field or groups.get("field") or groups.get("named")
        if groups.get("check"):
            told = told or _field_of_constraint(groups["check"], fields)
        return Refusal(
            code, told or _labelled(first, fields) or _quoted(said, fields), says or first
        )
    code, again = _BY_NAME.get(name.rpartition(".")[2], ("REFUSED", False))
    return Refusal(code, field or _labelled(first, fields), first or name, again)


def _first_line(said: str) -> str:
    """Return the sentence that people wrote; the values of the row that follow are left out."""
    return re.split(r"\n|DETAIL:", said.strip())[0].strip().rstrip(".")


def _field_of_constraint(name: str, fields: Mapping[str, str]) -> str | None:
    """Return the field that a constraint is named after, e.g. `res_partner_check_name`."""
    return next((f for f in sorted(fields, key=len, reverse=True) if name.endswith(f"_{f}")), None)


def _labelled(said: str, fields: Mapping[str, str]) -> str | None:
    """Return the field whose label stands in quotation marks."""
    quoted = set(re.findall(r"['\"«“]([^'\"»”]+)['\"»”]", said))
    return next((f for f, label in fields.items() if label in quoted or f in quoted), None)


def _quoted(said: str, fields: Mapping[str, str]) -> str | None:
    """Return the field that `DETAIL: Key (field)=(…)` names."""
    found = re.search(r"Key \((\w+)\)=", said)
    return found[1] if found and found[1] in fields else None
