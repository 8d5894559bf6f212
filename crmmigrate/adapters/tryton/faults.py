"""What Tryton says when it refuses, told as code, field, cause, hint and exit code.

Refusals of a record become outcomes with one of our codes; what concerns the whole session stops
the command. The sentences are those of `ir/message.xml` of Tryton 6 to 8, in English, which
every call asks for.
"""

import re
from collections.abc import Mapping

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.transport import PermissionMissingError
from crmmigrate.errors import CrmMigrateError, RemoteError

__all__ = ["TrytonFault", "explain", "not_served", "raise_for_session"]


class TrytonFault(Exception):  # noqa: N818 - a refusal, told to the user by those who catch it
    """Tryton refuses a call.

    Args:
        name: Kind of the error, e.g. `UserError`; empty where the server failed.
        said: Its message.
    """

    def __init__(self, name: str, said: str) -> None:
        super().__init__(said or name)
        self.name = name
        self.said = said

    @classmethod
    def of(cls, error: object) -> "TrytonFault":
        """Return the fault of an answer; the traceback of the server is left out."""
        told = error if isinstance(error, list) else [error]
        first = str(told[0]) if told else ""
        if first not in _KINDS:
            return cls("", first)
        more = told[1] if len(told) > 1 else ""
        words = more if isinstance(more, list) else [more]
        if first == "UserWarning":
            words = words[1:]
        return cls(first, " ".join(str(w).strip() for w in words if isinstance(w, str) and w))


_KINDS = frozenset({"ConcurrencyException", "LoginException", "UserError", "UserWarning"})


def raise_for_session(fault: TrytonFault, host: str) -> None:
    """Raise for a fault that concerns no record but the server.

    Raises:
        RemoteError: the server has no such model or lacks its database.
    """
    if fault.name == "" and "no such table" in fault.said:
        raise RemoteError(
            "the database of Tryton is not complete",
            where=host,
            causes=[fault.said],
            hint="bring it up to date: trytond-admin -d DATABASE --all",
        )


def not_served(fault: TrytonFault, model: str, host: str) -> CrmMigrateError:
    """Return the error for a refusal that concerns a model as a whole and no record of it."""
    if explain(fault, {}).code == "NO_PERMISSION":
        return PermissionMissingError(
            f"our user may not do this with {model}",
            where=host,
            causes=[fault.said],
            hint="give the user the groups that docs/tryton.md names; remarks and files ask for an "
            "administrator",
        )
    return RemoteError(
        f"Tryton fails at {model}",
        where=host,
        causes=[fault.said or fault.name],
        hint="look into the log of the server, then run the same command again",
    )


_FIELD = r'field "(?P<field>[^"]*)" in (?:record ".*" of )?"(?P<model>[^"]*)"'
_RULES = tuple(
    (re.compile(pattern, re.DOTALL), code)
    for pattern, code in (
        (rf"A value is required for {_FIELD}", "REQUIRED_FIELD_MISSING"),
        (rf"{_FIELD} is not one of the allowed options", "NOT_IN_PICKLIST"),
        (rf"{_FIELD} is too long", "TOO_LONG"),
        (rf"{_FIELD} contains some invalid chars", "INVALID_TEXT"),
        (rf"{_FIELD} exceeds the limit", "INVALID_NUMBER"),
        (rf"number of digits .*{_FIELD}", "INVALID_NUMBER"),
        (rf"{_FIELD} does not exist", "LINKED_RECORD_MISSING"),
        (rf"{_FIELD} is not valid", "INVALID_VALUE"),
        (rf"not allowed to modify the {_FIELD}", "READ_ONLY_FIELD"),
        (
            r'not allowed to modify the field "(?P<field>[^"]*)" of "(?P<model>[^"]*)"',
            "READ_ONLY_FIELD",
        ),
        (r"must be unique", "DUPLICATE_VALUE"),
        (r"could not be deleted because they are used|is used by", "STILL_REFERENCED"),
        (r"that don't exist", "RECORD_MISSING"),
        (
            r"not allowed to|because of at le(?:ast|ase) one of (?:these|those) rules",
            "NO_PERMISSION",
        ),
        (r"(?:not a valid|[Ii]nvalid) e-?mail|email address .* is not valid", "INVALID_EMAIL"),
        (r"phone number .* is not valid", "INVALID_PHONE"),
        (r"FOREIGN KEY constraint|violates foreign key", "LINKED_RECORD_MISSING"),
        (r"UNIQUE constraint|duplicate key value", "DUPLICATE_VALUE"),
        (r"database is locked|could not serialize|deadlock detected", "BUSY"),
    )
)
"""What Tryton says → our code (documented under `crmmigrate explain LOD5..`)."""
_CODE_LABEL = re.compile(r"^The (?P<field>\w+) (?:on|of) (?P<model>.+?) must be unique")


def explain(fault: TrytonFault, blamed: Mapping[tuple[str, str], str]) -> Refusal:
    """Translate what Tryton says about a record.

    Args:
        fault: What it says.
        blamed: (label of a field, label of its model) → our column; the label of the model may be
            empty.
    """
    said = fault.said
    if fault.name == "ConcurrencyException":
        return Refusal("BUSY", None, "somebody else changes the record", retriable=True)
    if fault.name == "Forbidden":
        return Refusal("NO_PERMISSION", None, said)
    for pattern, code in _RULES:
        found = pattern.search(said)
        if found is None:
            continue
        groups = found.groupdict()
        if code == "DUPLICATE_VALUE" and (named := _CODE_LABEL.search(said)):
            groups = {"field": named["field"].capitalize(), "model": ""}
        field, model = groups.get("field") or "", groups.get("model") or ""
        name = blamed.get((field, model)) or blamed.get((field, ""))
        return Refusal(code, name, _first_sentence(said), retriable=code == "BUSY")
    return Refusal("REFUSED", None, _first_sentence(said) or fault.name)


def _first_sentence(said: str) -> str:
    """Return what people wrote, with the value of the record left out."""
    told = re.sub(r'The value ".*?" for field', "The value for field", said, flags=re.DOTALL)
    told = re.sub(r' in record ".*" of "', ' of "', told, flags=re.DOTALL)
    return told.strip().split("\n")[0].rstrip(".")
