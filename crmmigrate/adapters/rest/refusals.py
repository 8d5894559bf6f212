"""What an answer of a described API means, by the rules of its description."""

import json
import re
from dataclasses import dataclass
from typing import Any

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.rest.description import Description, ErrorRule
from crmmigrate.adapters.rest.values import place_of
from crmmigrate.adapters.transport import Reply

__all__ = ["Meaning", "meaning_of"]

_MOST = 300
"""Characters of a message of the API that are told."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer that is no success means.

    Attributes:
        kind: A code of refusal, or exists, missing, permission, duplicate, failed.
        field: The field it is about.
        id: The record that exists already.
        message: In words.
    """

    kind: str
    field: str | None
    id: str | None
    message: str

    def refusal(self) -> Refusal:
        """Return it as a refusal of a row."""
        code = _CODES.get(self.kind, self.kind)
        return Refusal(code, self.field, self.message)


_CODES = {
    "duplicate": "DUPLICATE_VALUE",
    "exists": "DUPLICATE_VALUE",
    "missing": "RECORD_MISSING",
    "permission": "NO_PERMISSION",
    "failed": "REFUSED",
}


def meaning_of(reply: Reply, api: Description) -> Meaning:
    """Return what an answer of 4xx or 5xx means."""
    document = reply.json_or_none()
    rule = next((r for r in api.errors if _fits(r, reply, document)), None)
    said = _said(reply, document, api)
    if rule is None:
        kind = (
            "permission" if reply.status == 403 else "missing" if reply.status == 404 else "failed"
        )
        return Meaning(kind, None, None, said)
    found = re.search(rule.matches, _subject(rule, reply, document)) if rule.matches else None
    groups = found.groupdict() if found else {}
    name = groups.get("field") or (place_of(document, rule.field) if rule.field else None)
    id_ = groups.get("id") or (place_of(document, rule.id) if rule.id else None)
    says = rule.says.format(field=name or "", message=said) if rule.says else said
    return Meaning(
        rule.means, None if name is None else str(name), None if id_ is None else str(id_), says
    )


def _fits(rule: ErrorRule, reply: Reply, document: Any) -> bool:  # noqa: ANN401 - JSON
    if reply.status not in rule.status:
        return False
    if any(reply.headers.get(k.lower(), "").lower() != v.lower() for k, v in rule.header.items()):
        return False
    subject = _subject(rule, reply, document)
    if rule.equals is not None and subject != rule.equals:
        return False
    return not rule.matches or re.search(rule.matches, subject) is not None


def _subject(rule: ErrorRule, reply: Reply, document: Any) -> str:  # noqa: ANN401 - JSON
    """Return what a rule looks at: a place in the answer, or its whole text."""
    if not rule.at:
        return reply.content[:20_000].decode("utf-8", "replace")
    told = place_of(document, rule.at)
    return told if isinstance(told, str) else json.dumps(told)


def _said(reply: Reply, document: Any, api: Description) -> str:  # noqa: ANN401 - JSON
    """Return the words of the API, the first that it has."""
    told = [place_of(document, place) for place in api.message]
    said = next((t for t in told if isinstance(t, str) and t), "")
    reason = reply.headers.get("x-status-reason", "")
    words = said or reason or (reply.title if reply.is_html else reply.text)
    return f"HTTP {reply.status}: {words[:_MOST]}" if words else f"HTTP {reply.status}"
