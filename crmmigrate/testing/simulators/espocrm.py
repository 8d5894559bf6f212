"""A simulated EspoCRM 8: the rules of its REST API that bite a migration, each with its source.

Sources: [doc] docs.espocrm.com/development/api; [src] the source of 8.4, class or file named;
[real] seen on a real server 8.4.
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from crmmigrate.testing.simulators.espocrm_admin import FieldManager, user_data
from crmmigrate.testing.simulators.espocrm_entities import ENTITIES, Defs
from crmmigrate.testing.simulators.records import RecordStore, StoredRecord
from crmmigrate.testing.simulators.server import Answer, Asked

__all__ = ["ADMINISTRATOR", "API_KEY", "SECRET_KEY", "EspoCrm"]

API_KEY = "espo-tests-key"
SECRET_KEY = "espo-tests-secret"  # noqa: S105 - of a simulator
ADMINISTRATOR = ("admin", "espo-tests-password")
"""User and password; only such a one may make fields [src Controllers/FieldManager.php]."""
LIST_MOST = 200
"""[doc] `recordListMaxSizeLimit`; more is answered with 403 [real]."""
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]{2,}")
_PHONE = re.compile(r"[0-9A-Za-z_@:#+()\-. ]+")
"""[src metadata/app/regExpPatterns] phoneNumberLoose; international mode is stricter."""
_LOGIN = re.compile(r"[a-z0-9\-@_.]+")
"""[src FieldValidators/User/UserName/Valid.php] with `userNameRegularExpression` as installed."""
_PROBABILITY = {"Prospecting": 10, "Qualification": 20, "Proposal": 50, "Negotiation": 80}
_PROBABILITY |= {"Closed Won": 100, "Closed Lost": 0}


class EspoCrm:
    """The rules; its state is in a SQLite file.

    Args:
        path: The file.
        entities: Definitions of entities, as `entityDefs` of its metadata.
        admin: The API user is an administrator, who reads deleted records, too [src Service.php].
        prefixes: Whether a c is put before the names of fields that are made.
    """

    def __init__(
        self,
        path: Path,
        entities: Mapping[str, Defs] = ENTITIES,
        *,
        admin: bool = False,
        prefixes: bool = True,
    ) -> None:
        self.store = RecordStore(path)
        self.entities = dict(entities)
        self.admin = admin
        self.prefixes = prefixes
        self.forbidden: set[str] = set()
        """Entities that the role of the API user lets nobody create."""

    def expire_tokens(self) -> None:
        """API keys of EspoCRM do not expire."""

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        if asked.path[:2] != ("api", "v1"):
            return Answer(404, text="<html><title>Not found</title></html>", headers=_HTML)
        if not self._known(asked):
            return Answer(401, headers={"X-Status-Reason": "API key is not valid"})
        return self._of_the_system(asked) or self._of_records(asked)

    def _of_the_system(self, asked: Asked) -> Answer | None:
        place = asked.path[2:]
        if place == ("Metadata",):
            return self._metadata(asked.param("key"))
        if place == ("App", "user"):
            return user_data(self.entities, self.forbidden)
        if place[:2] != ("Admin", "fieldManager"):
            return None
        manager = FieldManager(self.entities, prefixes=self.prefixes)
        return manager.answer(asked, place[2:]) if self._is_administrator(asked) else Answer(403)

    def _of_records(self, asked: Asked) -> Answer:
        place = asked.path[2:]
        entity = place[0] if place else ""
        if entity not in self.entities:
            return Answer(
                404, headers={"X-Status-Reason": f"Controller '{entity}' does not exist."}
            )
        with self.store.lock:
            if len(place) == 1:
                listing = asked.method == "GET"
                return self._list(entity, asked) if listing else self._create(entity, asked)
            return self._one(entity, place[1], asked)

    def _is_administrator(self, asked: Asked) -> bool:
        proof = base64.b64encode(":".join(ADMINISTRATOR).encode()).decode()
        return asked.headers.get("authorization") == f"Basic {proof}"

    def _known(self, asked: Asked) -> bool:
        if self._is_administrator(asked):
            return True
        signed = asked.headers.get("x-hmac-authorization")
        if signed is None:
            return asked.headers.get("x-api-key") == API_KEY
        key, _, digest = base64.b64decode(signed).partition(b":")
        text = f"{asked.method} /{'/'.join(asked.path[2:])}"
        return key.decode() == API_KEY and hmac.compare_digest(
            digest, hmac.new(SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
        )

    def _metadata(self, key: str) -> Answer:
        """[src Controllers/Metadata.php] `key` chooses a place of the whole."""
        parts = key.split(".")
        if parts[0] != "entityDefs":
            return Answer(200, None, text="null")
        return Answer(200, self.entities.get(parts[1]) if len(parts) > 1 else self.entities)

    def _list(self, entity: str, asked: Asked) -> Answer:
        size = int(asked.param("maxSize", "20"))
        if size > LIST_MOST:
            return Answer(403, headers={"X-Status-Reason": "Max size should not exceed 200."})
        found = self._filtered(entity, asked)
        start = int(asked.param("offset", "0"))
        chosen = asked.param("select")
        page = [
            self._shown(entity, record, whole=False, chosen=chosen)
            for record in found[start : start + size]
        ]
        return Answer(200, {"total": len(found), "list": page})

    def _filtered(self, entity: str, asked: Asked) -> list[StoredRecord]:
        kind, attribute = asked.param("where[0][type]"), asked.param("where[0][attribute]")
        if kind == "in":
            return self.store.where(entity, attribute, asked.values("where[0][value][]"))
        if kind == "equals":
            return self.store.where(entity, attribute, [asked.param("where[0][value]")])
        if kind == "after":
            since = _stamp_seconds(asked.param("where[0][value]"))
            return [r for r in self.store.all(entity) if int(r.modified) > since]
        return self.store.all(entity)

    def _create(self, entity: str, asked: Asked) -> Answer:
        if entity in self.forbidden:  # [real] 403 with an empty body
            return Answer(403)
        fields = self._accepted(entity, asked.json())
        self._populate(entity, fields)
        refusal = self._refusal(entity, fields)
        if refusal:
            return refusal
        if asked.headers.get("x-skip-duplicate-check") != "true":  # [doc]
            twins = self._duplicates(entity, fields)
            if twins:
                shown = [self._shown(entity, t, whole=True) for t in twins]
                return Answer(409, shown, {"X-Status-Reason": "duplicate"})  # [real]
        record = self.store.insert(entity, _new_id(), fields, time.time())
        return Answer(200, self._shown(entity, record, whole=True))  # [real] 200, not 201

    def _one(self, entity: str, id_: str, asked: Asked) -> Answer:
        record = self.store.get(entity, id_, deleted=self.admin and asked.method == "GET")
        if record is None:
            return Answer(404, headers={"X-Status-Reason": f"Record {id_} does not exist."})
        if asked.method == "GET":
            return Answer(200, self._shown(entity, record, whole=True))
        if asked.method == "DELETE":  # [real] soft
            self.store.delete(entity, id_, time.time())
            return Answer(200, text="true")
        merged = {**record.fields, **self._accepted(entity, asked.json())}
        refusal = self._refusal(entity, merged)
        if refusal:
            return refusal
        changed = self.store.change(entity, id_, merged, time.time())
        return Answer(200, self._shown(entity, changed, whole=True))

    def _accepted(self, entity: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is taken of a body: unknown and read-only attributes vanish [real]."""
        known = self._attributes(entity)
        taken = {k: v for k, v in given.items() if k in known}
        given = {**given, **_sanitized(given)}
        for key, value in (("emailAddress", "emailAddress"), ("phoneNumber", "phoneNumber")):
            if f"{key}Data" in given and f"{key}Data" in known:
                entries = given[f"{key}Data"] or []
                taken[f"{key}Data"] = entries
                first = next((e for e in entries if e.get("primary")), None)
                taken[key] = first[value] if first else None
            elif key in given and key in known:
                taken[f"{key}Data"] = [{value: given[key], "primary": True}] if given[key] else []
        return taken

    def _attributes(self, entity: str) -> set[str]:
        """Return the attributes that may be written [src ORM/Defs]."""
        names = set()
        for name, told in self.entities[entity]["fields"].items():
            if (
                told.get("readOnly")
                or told.get("utility")
                or told["type"] in {"personName", "address", "foreign"}
            ):
                continue
            names |= _ATTRIBUTES.get(told["type"], lambda n: {n})(name)
        return names

    def _populate(self, entity: str, fields: dict[str, Any]) -> None:
        for name, told in self.entities[entity]["fields"].items():
            if "default" in told and fields.get(name) is None:
                fields[name] = told["default"]
        if entity == "Opportunity" and fields.get("probability") is None:
            fields["probability"] = _PROBABILITY.get(fields.get("stage") or "")
        if entity == "Contact" and not fields.get("accountId"):
            fields.pop("title", None)  # [src entityDefs/Contact.json] kept at the account
        if entity == "Case":
            fields["number"] = len(self.store.all("Case")) + 1

    def _refusal(self, entity: str, fields: Mapping[str, Any]) -> Answer | None:
        for name, told in self.entities[entity]["fields"].items():
            wrong = _invalid(name, told, fields)
            if wrong:
                return _validation(name, wrong)
        return self._broken_link(entity, fields)

    def _broken_link(self, entity: str, fields: Mapping[str, Any]) -> Answer | None:
        """[real] 403 for a link to a record that does not exist."""
        defs = self.entities[entity]
        for link, told in defs["links"].items():
            id_ = fields.get(f"{link}Id")
            if id_ and self.store.get(told["entity"], id_) is None:
                return _unrelated(link)
        for name, told in defs["fields"].items():
            if told["type"] == "linkParent" and fields.get(f"{name}Id"):
                object_ = fields.get(f"{name}Type") or ""
                if self.store.get(object_, fields[f"{name}Id"]) is None:
                    return _unrelated(name)
        return None

    def _duplicates(self, entity: str, fields: Mapping[str, Any]) -> list[StoredRecord]:
        """[doc duplicate check] accounts by name; people by e-mail address or by full name."""
        if entity == "Account":
            return self.store.where(entity, "name", [str(fields.get("name"))])
        if entity not in {"Contact", "Lead"}:
            return []
        found = []
        if fields.get("emailAddress"):
            found = self.store.where(entity, "emailAddress", [str(fields["emailAddress"])])
        if not found and fields.get("firstName"):
            named = self.store.where(entity, "lastName", [str(fields.get("lastName"))])
            found = [r for r in named if r.fields.get("firstName") == fields["firstName"]]
        return found

    def _shown(
        self, entity: str, record: StoredRecord, *, whole: bool, chosen: str = ""
    ) -> dict[str, Any]:
        told = {
            **dict.fromkeys(self._attributes(entity)),
            **record.fields,
            "id": record.id,
            "deleted": record.deleted,
            "createdAt": _stamp(record.created),
            "modifiedAt": _stamp(record.modified),
        }
        if not whole:  # [src] loaded for single records only
            told.pop("emailAddressData", None)
            told.pop("phoneNumberData", None)
        wanted = {*chosen.split(","), "id"} if chosen else set(told)
        return {k: v for k, v in told.items() if k in wanted}


_HTML = {"Content-Type": "text/html"}
_ATTRIBUTES: Mapping[str, Any] = {
    "link": lambda n: {f"{n}Id"},
    "linkParent": lambda n: {f"{n}Id", f"{n}Type"},
    "linkMultiple": lambda n: {f"{n}Ids"},
    "currency": lambda n: {n, f"{n}Currency"},
    "email": lambda n: {n, f"{n}Data"},
    "phone": lambda n: {n, f"{n}Data"},
}


def _sanitized(given: Mapping[str, Any]) -> dict[str, Any]:
    """[src FieldSanitizers, 8.1] international numbers come to stand without blanks (E.164)."""
    found: dict[str, Any] = {}
    if isinstance(given.get("phoneNumber"), str):
        found["phoneNumber"] = _e164(given["phoneNumber"])
    if given.get("phoneNumberData"):
        found["phoneNumberData"] = [
            {**entry, "phoneNumber": _e164(str(entry.get("phoneNumber")))}
            for entry in given["phoneNumberData"]
        ]
    return found


def _e164(number: str) -> str:
    plain = re.fullmatch(r"\+[\d ()\-.]+", number)
    return re.sub(r"[ ()\-.]", "", number) if plain else number


def _invalid(name: str, told: Defs, fields: Mapping[str, Any]) -> str:
    """Return the kind of validation that fails, or an empty text [real]."""
    kind = told["type"]
    value = fields.get(f"{name}Id" if kind == "link" else name)
    if value is None or value == "":
        return "required" if told.get("required") else ""
    if told.get("maxLength") and len(str(value)) > told["maxLength"]:
        return "maxLength"
    if name == "userName" and not _LOGIN.fullmatch(str(value)):
        return "valid"
    test = _TESTS.get(kind)
    if test is not None and not test(value, told):
        return "valid"
    if kind == "currency" and not fields.get(f"{name}Currency"):
        return "validCurrency"
    entries = fields.get(f"{name}Data") or [] if kind in {"phone", "email"} else []
    pattern = _PHONE if kind == "phone" else _EMAIL
    key = "phoneNumber" if kind == "phone" else "emailAddress"
    return "" if all(pattern.fullmatch(str(e.get(key))) for e in entries) else "valid"


def _is_number(value: Any, told: Defs) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return False
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    low, high = told.get("min"), told.get("max")
    return (low is None or float(value) >= low) and (high is None or float(value) <= high)


def _is_date(value: Any, _: Defs) -> bool:  # noqa: ANN401 - JSON
    try:
        return len(str(value)) == 10 and bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


def _is_datetime(value: Any, _: Defs) -> bool:  # noqa: ANN401 - JSON
    try:
        return bool(datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S"))  # noqa: DTZ007 - in UTC
    except ValueError:
        return False


_TESTS: Mapping[str, Any] = {
    "enum": lambda v, told: v in told["options"],
    "email": lambda v, _: bool(_EMAIL.fullmatch(v)),
    "phone": lambda v, _: bool(_PHONE.fullmatch(v)),
    "bool": lambda v, _: isinstance(v, bool),
    "int": _is_number,
    "float": _is_number,
    "currency": _is_number,
    "date": _is_date,
    "datetime": _is_datetime,
    "datetimeOptional": _is_datetime,
}


def _validation(field: str, kind: str) -> Answer:
    """[real] body of a failed validation."""
    told = {"label": "validationFailure", "scope": None, "data": {"field": field, "type": kind}}
    return Answer(
        400, {"messageTranslation": told}, {"X-Status-Reason": "Field validation failure"}
    )


def _unrelated(link: str) -> Answer:
    told = {"label": "cannotRelateNonExisting", "scope": None, "data": {"link": link}}
    return Answer(403, {"messageTranslation": told})


def _new_id() -> str:
    """[src] 17 hexadecimal digits, of which the first are the time."""
    return secrets.token_hex(9)[:17]


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def _stamp_seconds(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()
