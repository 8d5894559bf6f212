"""A simulated SuiteCRM 7.14: the rules of its JSON:API v8 that bite, each with its source.

Sources: [doc] docs.suitecrm.com (JSON:API); [src] the source of 7.14, class or file named;
[real] seen on a real server 7.14.
"""

import re
import secrets
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crmmigrate.testing.simulators.records import RecordStore, StoredRecord
from crmmigrate.testing.simulators.server import Answer, Asked
from crmmigrate.testing.simulators.suitecrm_modules import MODULES, Vardefs

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "SuiteCrm"]

CLIENT_ID = "suite-tests"
CLIENT_SECRET = "suite-tests-secret"  # noqa: S105 - of a simulator
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]{2,}")
_NUMERIC = {"int", "float", "double", "decimal", "currency"}
_ENTITIES = (('"', "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#039;"))
_FILTER = re.compile(r"filter\[(\w+)\]\[(\w+)\]")
_MEDIA = {"Content-Type": "application/vnd.api+json"}


class SuiteCrm:
    """The rules; its state is in a SQLite file.

    Args:
        path: The file.
        modules: Fields of the modules, as its vardefs.
        filters_custom: Whether lists can be narrowed by custom fields.
    """

    def __init__(
        self,
        path: Path,
        modules: Mapping[str, Vardefs] = MODULES,
        *,
        filters_custom: bool = True,
    ) -> None:
        self.store = RecordStore(path)
        self.modules = dict(modules)
        self.filters_custom = filters_custom
        self.forbidden: dict[str, set[str]] = {}
        """Module → actions that the role of the user does not allow."""
        self._tokens: dict[str, float] = {}

    def expire_tokens(self) -> None:
        """Forget all tokens."""
        self._tokens.clear()

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        if asked.path == ("Api", "access_token"):
            return self._token(asked)
        if asked.path[:2] != ("Api", "V8"):
            return Answer(
                404, text="<html><title>404</title></html>", headers={"Content-Type": "text/html"}
            )
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0.0) < time.time():  # [src] league/oauth2-server
            told = {"error": "access_denied", "message": "The resource owner denied the request."}
            return Answer(401, told)
        if asked.path[2:] == ("meta", "modules"):
            return self._rights()
        if asked.path[2:4] == ("meta", "fields"):
            return self._fields(asked.path[4])
        with self.store.lock:
            return self._module(asked)

    def _token(self, asked: Asked) -> Answer:
        form = asked.form()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return Answer(
                401, {"error": "invalid_client", "message": "Client authentication failed"}
            )
        token = secrets.token_hex(24)
        self._tokens[token] = time.time() + 3600
        return Answer(200, {"token_type": "Bearer", "expires_in": 3600, "access_token": token})

    def _fields(self, module: str) -> Answer:
        """[src MetaService.php] picklists and read-only marks are not among what is told."""
        if module not in self.modules:
            return _error(f"Module {module} does not exist")
        told = {
            n: {k: v for k, v in f.items() if k != "links"} for n, f in self.modules[module].items()
        }
        return _answer({"data": {"type": "fields", "attributes": told}})

    def _rights(self) -> Answer:
        """[src ModuleListProvider.php] what the user may do; Users is not among the visible ones."""
        told: dict[str, Any] = {}
        for module in self.modules:
            words = ["access", "view", "list", "edit", "delete", "import", "export", "massupdate"]
            kept = [w for w in words if w not in self.forbidden.get(module, ())]
            # PHP makes an object of a list from which something was taken away.
            access = kept if kept == words else {str(words.index(w)): w for w in kept}
            if module != "Users":
                told[module] = {"label": module, "access": access}
        return _answer({"data": {"type": "modules", "attributes": told}})

    def _module(self, asked: Asked) -> Answer:
        place = asked.path[3:]
        if asked.method in {"POST", "PATCH"} and not place:
            data = asked.json().get("data") or {}
            write = self._create if asked.method == "POST" else self._update
            return write(str(data.get("type")), data)
        module = place[0] if place else ""
        if module not in self.modules:
            return _error(f"Module with name {module} is not found")
        if len(place) == 1:
            return self._list(module, asked)
        record = self.store.get(module, place[1])
        if record is None:  # [real] 400, not 404
            return _error(f"{module} module with id {place[1]} is not found")
        if asked.method == "DELETE":  # [src ModuleService.php] mark_deleted
            self.store.delete(module, record.id, time.time())
            return _answer({"meta": {"message": f"Record with id {record.id} is deleted"}})
        return _answer({"data": self._shown(module, record)})

    def _list(self, module: str, asked: Asked) -> Answer:
        found = self._candidates(module, asked)
        for name, value in asked.params:
            narrowed = _FILTER.fullmatch(name)
            if narrowed:
                field, operator = narrowed.groups()
                if field not in self.modules[module]:
                    return _error(f"Filter field {field} in {module} module is not found")
                if field.endswith("_c") and not self.filters_custom:
                    return Answer(500, text="<html><title>Database failure</title></html>")
                found = [r for r in found if self._matches(r, field, operator, value)]
        size, number = int(asked.param("page[size]", "20")), int(asked.param("page[number]", "1"))
        found.sort(key=lambda r: r.id)
        page = found[(number - 1) * size : number * size]
        told: dict[str, Any] = {"data": [self._shown(module, r) for r in page]}
        if page:  # [src ModuleService.php] no meta for an empty page
            told["meta"] = {
                "total-pages": -(-len(found) // size),
                "records-on-this-page": len(page),
            }
        return _answer(told)

    def _candidates(self, module: str, asked: Asked) -> list[StoredRecord]:
        """Return live records, narrowed by what SQLite can look up."""
        for name, value in asked.params:
            narrowed = _FILTER.fullmatch(name)
            if narrowed and narrowed[2] == "eq" and narrowed[1] in self.modules[module]:
                return self.store.where(module, narrowed[1], [value])
        return self.store.all(module)

    def _matches(self, record: StoredRecord, field: str, operator: str, value: str) -> bool:
        stored = {**record.fields, "id": record.id, "date_modified": _stamp(record.modified)}
        told = str(stored.get(field) or "")
        return told == value if operator == "eq" else told >= value

    def _create(self, module: str, data: Mapping[str, Any]) -> Answer:
        attributes, refusal = self._attributes(module, data)
        if refusal:
            return refusal
        id_ = str(data.get("id") or uuid.uuid4())
        if self.store.get(module, id_, deleted=True) is not None:
            # [src ModuleService.php] looks among deleted records, too
            return _error(f"Bean {module} with id {id_} is already exist")
        record = self.store.insert(module, id_, self._stored(module, attributes), time.time())
        return _answer({"data": self._shown(module, record)}, 201)

    def _update(self, module: str, data: Mapping[str, Any]) -> Answer:
        attributes, refusal = self._attributes(module, data)
        if refusal:
            return refusal
        record = self.store.get(module, str(data.get("id")))
        if record is None:
            return _error(f"{module} module with id {data.get('id')} is not found")
        merged = {**record.fields, **self._stored(module, attributes)}
        changed = self.store.change(module, record.id, merged, time.time())
        return _answer({"data": self._shown(module, changed)}, 201)  # [real] 201 for PATCH, too

    def _attributes(
        self, module: str, data: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Answer | None]:
        if module not in self.modules:
            return {}, _error(f"Module {module} does not exist")
        attributes = data.get("attributes") or {}
        unknown = [name for name in attributes if name not in self.modules[module]]
        if unknown:  # [src Param/Options/Attributes.php]
            return {}, _error(f"Property {unknown[0]} in {module} module is invalid")
        return attributes, None

    def _stored(self, module: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Return what becomes of values: nothing is refused, much is spoilt [real]."""
        found = {}
        for name, value in attributes.items():
            spoil = _SPOILERS.get(self.modules[module][name]["type"], _cut)
            found[name] = (
                None if value is None or value == "" else spoil(value, self.modules[module][name])
            )
        return found

    def _shown(self, module: str, record: StoredRecord) -> dict[str, Any]:
        """[src AttributeObjectHelper.php] points in time in ISO 8601, blanks as empty texts."""
        stamps = {"date_entered": _stamp(record.created), "date_modified": _stamp(record.modified)}
        values = {**dict.fromkeys(self.modules[module], ""), **stamps}
        values |= {k: "" if v is None else v for k, v in record.fields.items()}
        shown = {name: _shown_value(value) for name, value in values.items()}
        return {"type": module.removesuffix("s"), "id": record.id, "attributes": shown}


def _cut(value: Any, told: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    length = int(told.get("len") or 0)
    return value[:length] if length and isinstance(value, str) else value


def _number(value: Any, _: Mapping[str, Any]) -> str:  # noqa: ANN401 - JSON
    found = re.match(r"-?\d+(?:\.\d+)?", str(value))
    return found[0] if found else "0"


def _date(value: Any, _: Mapping[str, Any]) -> str:  # noqa: ANN401 - JSON
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return "1999-11-30"


def _datetime(value: Any, _: Mapping[str, Any]) -> str:  # noqa: ANN401 - JSON
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - in UTC
    except ValueError:
        return "1999-11-30 00:00:00"


def _email(value: Any, _: Mapping[str, Any]) -> str | None:  # noqa: ANN401 - JSON
    return str(value) if _EMAIL.fullmatch(str(value)) else None


def _flag(value: Any, _: Mapping[str, Any]) -> str:  # noqa: ANN401 - JSON
    return "1" if value in {True, "1", "true", "on"} else "0"


_SPOILERS: Mapping[str, Any] = {
    **dict.fromkeys(_NUMERIC, _number),
    "date": _date,
    "datetime": _datetime,
    "datetimecombo": _datetime,
    "email": _email,
    "bool": _flag,
}


def _shown_value(value: Any) -> Any:  # noqa: ANN401 - JSON
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat()
    if not isinstance(value, str):
        return value
    for sign, told in _ENTITIES:  # [src DBManager.php, db_utils.php] to_html
        value = value.replace(sign, told)
    return value


def _answer(document: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, document, _MEDIA)


def _error(detail: str, status: int = 400) -> Answer:
    """[src ErrorResponse.php] every trouble is a 400."""
    return Answer(status, {"errors": {"status": status, "title": None, "detail": detail}}, _MEDIA)


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
