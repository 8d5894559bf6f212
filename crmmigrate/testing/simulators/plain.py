"""A plain REST CRM with the objects of a canonical model, and every rule that bites.

It is nobody's product. Records bear our key in a unique field, references must lead somewhere,
values are checked by the server alone, and what others point to cannot be deleted.
"""

import secrets
import time
from pathlib import Path
from typing import Any

from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.semantic import SemanticType
from crmmigrate.testing.simulators.records import RecordStore, StoredRecord
from crmmigrate.testing.simulators.server import Answer, Asked

__all__ = ["PLAIN_OPTIONS", "PlainCrm", "plain_description"]

KEY = "legacy_key"
PLAIN_OPTIONS = {"description": "plain", "client_id": "tests", "client_secret": "not-a-secret"}
_MOST = 100
"""Records of a page."""


class PlainCrm:
    """The rules; its state is in a SQLite file.

    Args:
        path: The file.
        model: Its objects.
    """

    def __init__(self, path: Path, model: CanonicalModel) -> None:
        self.store = RecordStore(path)
        self._model = model
        self._tokens: set[str] = set()

    def expire_tokens(self) -> None:
        """Forget all tokens."""
        self._tokens.clear()

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        if asked.path == ("api", "token"):
            return self._token(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return _error(401, "unauthorized", "the token is unknown or has ended")
        object_type = self._model.objects.get(asked.path[1] if len(asked.path) > 1 else "")
        if object_type is None:
            return _error(404, "no_object", "there is no such object")
        with self.store.lock:
            if len(asked.path) == 2:
                listing = asked.method == "GET"
                return (
                    self._list(object_type, asked) if listing else self._create(object_type, asked)
                )
            return self._one(object_type, asked.path[2], asked)

    def _token(self, asked: Asked) -> Answer:
        form = asked.form()
        if form.get("client_secret") != PLAIN_OPTIONS["client_secret"]:
            return Answer(401, {"error": "invalid_client"})
        token = secrets.token_hex(16)
        self._tokens.add(token)
        return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def _list(self, object_type: ObjectType, asked: Asked) -> Answer:
        key = asked.param("where")
        if key:
            found = self.store.where(object_type.name, key, asked.values("value"))
        else:
            found = self.store.all(object_type.name, float(asked.param("since", "0") or 0))
        start, size = int(asked.param("offset", "0")), int(asked.param("limit", str(_MOST)))
        if size > _MOST:
            return _error(400, "too_many", f"limit may be {_MOST} at most")
        page = [_shown(record) for record in found[start : start + size]]
        return Answer(200, {"records": page, "total": len(found)})

    def _create(self, object_type: ObjectType, asked: Asked) -> Answer:
        fields = asked.json()
        refusal = self._refusal(object_type, fields, whole=True)
        if refusal:
            return refusal
        key = str(fields.get(KEY) or "")
        known = self.store.where(object_type.name, KEY, [key], deleted=True) if key else []
        now = time.time()
        if known and not known[0].deleted:
            return Answer(409, {"error": {"code": "exists", "id": known[0].id}})
        if known:
            return Answer(
                201, _shown(self.store.change(object_type.name, known[0].id, fields, now))
            )
        id_ = secrets.token_hex(8)
        return Answer(201, _shown(self.store.insert(object_type.name, id_, fields, now)))

    def _one(self, object_type: ObjectType, id_: str, asked: Asked) -> Answer:
        record = self.store.get(object_type.name, id_)
        if record is None:
            return _error(404, "missing", "there is no such record")
        if asked.method == "GET":
            return Answer(200, _shown(record))
        if asked.method == "DELETE":
            return self._delete(object_type, record)
        changes = asked.json()
        merged = {**record.fields, **changes}
        refusal = self._refusal(object_type, merged, whole=True)
        if refusal:
            return refusal
        return Answer(200, _shown(self.store.change(object_type.name, id_, merged, time.time())))

    def _delete(self, object_type: ObjectType, record: StoredRecord) -> Answer:
        link = f"{object_type.name}:{record.id}"
        for other in self._model.objects.values():
            for reference in other.references:
                value = link if len(reference.references) > 1 else record.id
                if object_type.name in reference.references and self.store.where(
                    other.name, reference.name, [value]
                ):
                    return _error(409, "STILL_REFERENCED", f"records of {other.name} point to it")
        self.store.delete(object_type.name, record.id, time.time())
        return Answer(204)

    def _refusal(
        self, object_type: ObjectType, fields: dict[str, Any], *, whole: bool
    ) -> Answer | None:
        unknown = set(fields) - set(object_type.columns) - {KEY}
        if unknown:
            return _error(422, "UNKNOWN_FIELD", "there is no such field", min(unknown))
        for field in object_type.fields.values():
            refusal = self._field_refusal(field, fields.get(field.name), whole=whole)
            if refusal:
                return refusal
        return None

    def _field_refusal(self, field: Field, value: Any, *, whole: bool) -> Answer | None:  # noqa: ANN401
        if value is None or value == "":
            if field.required and whole:
                return _error(422, "REQUIRED_FIELD_MISSING", "the field is required", field.name)
            return None
        if field.max_length and len(str(value)) > field.max_length:
            return _error(422, "TOO_LONG", "the value is too long", field.name)
        if field.choices and value not in field.choices:
            return _error(422, "NOT_IN_PICKLIST", "the value is not in the picklist", field.name)
        if field.references and not self._leads_somewhere(field, str(value)):
            return _error(422, "LINKED_RECORD_MISSING", "there is no such record", field.name)
        return None

    def _leads_somewhere(self, field: Field, value: str) -> bool:
        object_, _, id_ = value.partition(":")
        if len(field.references) == 1:
            object_, id_ = field.references[0], value
        return object_ in field.references and self.store.get(object_, id_) is not None


def plain_description(model: CanonicalModel) -> str:
    """Return the description of the API, as `mappings/plain/rest.yaml` of a project."""
    lines = [_DESCRIPTION]
    for object_type in model.objects.values():
        lines.append(f"  {object_type.name}:\n    fields:")
        lines += [f"      {n}: {_spec(object_type.fields.get(n))}" for n in object_type.columns]
    return "\n".join(lines) + "\n"


def _spec(field: Field | None) -> str:
    if field is None or field.type not in _KINDS:
        return "{type: text}"
    if field.type is SemanticType.REFERENCE:
        told = f"references: [{', '.join(field.references)}]"
        return f"{{{told}}}"
    return f"{{type: {_KINDS[field.type]}}}"


_KINDS = {SemanticType.BINARY: "binary", SemanticType.REFERENCE: "reference"}
_DESCRIPTION = f"""\
system: Plain CRM
base: /api
body: plain
auth:
  - token_path: token
    form: {{grant_type: client_credentials, client_id: "{{client_id}}", client_secret: "{{client_secret}}"}}
records: records
total: total
list_path: "{{object}}"
record_path: "{{object}}/{{id}}"
create_path: "{{object}}"
update_path: "{{object}}/{{id}}"
update_method: PATCH
paging: {{style: offset, offset: offset, size: limit, most: {_MOST}}}
filters:
  equals: {{where: "{{field}}", value: "{{value}}"}}
  one_of: {{where: "{{field}}", value: "{{value}}"}}
external_id: {{field: {KEY}, unique: true}}
modified: modified_at
checks_referrers: true
restores_deleted: true
max_parallel: 1
batch_size: 20
message: [error.message, error]
errors:
  - {{status: [409], at: error.code, equals: exists, means: exists, id: error.id}}
  - {{status: [409], at: error.code, equals: STILL_REFERENCED, means: STILL_REFERENCED}}
  - {{status: [422], at: error.code, equals: REQUIRED_FIELD_MISSING, means: REQUIRED_FIELD_MISSING, field: error.field}}
  - {{status: [422], at: error.code, equals: TOO_LONG, means: TOO_LONG, field: error.field}}
  - {{status: [422], at: error.code, equals: NOT_IN_PICKLIST, means: NOT_IN_PICKLIST, field: error.field}}
  - {{status: [422], at: error.code, equals: LINKED_RECORD_MISSING, means: LINKED_RECORD_MISSING, field: error.field}}
objects:"""


def _shown(record: StoredRecord) -> dict[str, Any]:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.modified))
    return {**record.fields, "id": record.id, "modified_at": stamp}


def _error(status: int, code: str, message: str, field: str = "") -> Answer:
    told = {"code": code, "message": message, **({"field": field} if field else {})}
    return Answer(status, {"error": told})
