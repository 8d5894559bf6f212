"""What the simulated EspoCRM tells of rights, and how its administrator makes fields.

Sources: [src] the source of 8.4, class or file named.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from crmmigrate.testing.simulators.server import Answer, Asked

__all__ = ["FieldManager", "user_data"]

_CUSTOM = re.compile(r"C[A-Z]")
"""[src Tools/EntityManager/NameUtil.php] names of entities that people made; their fields get no prefix."""
_ACTIONS = ("read", "edit", "delete")


def user_data(entities: Collection[str], forbidden: Collection[str]) -> Answer:
    """[src Tools/App/AppService.php, getUserData] a part of what `App/user` answers."""
    table: dict[str, Any] = {
        name: {"create": "no" if name in forbidden else "yes", **dict.fromkeys(_ACTIONS, "all")}
        for name in entities
    }
    return Answer(200, {"acl": {"table": table}, "appParams": {"maxUploadSize": 20}})


class FieldManager:
    """[src Controllers/FieldManager.php, Tools/FieldManager/FieldManager.php].

    Args:
        entities: Definitions of entities, which are changed in place.
        prefixes: Whether a c is put before names, as EspoCRM 8 does.
    """

    def __init__(self, entities: dict[str, Any], *, prefixes: bool = True) -> None:
        self._entities = entities
        self._prefixes = prefixes

    def answer(self, asked: Asked, place: tuple[str, ...]) -> Answer:
        """Carry out a request of an administrator."""
        entity = place[0] if place else ""
        if entity not in self._entities:
            return Answer(500, headers={"X-Status-Reason": f"Can't read scope {entity}."})
        if asked.method == "DELETE" and len(place) == 2:
            self._change(entity, {place[1]: None})
            return Answer(200, text="true")
        if asked.method != "POST" or len(place) != 1:
            return Answer(404)
        return self._create(entity, asked.json())

    def _create(self, entity: str, body: Mapping[str, Any]) -> Answer:
        name, kind = str(body.get("name") or ""), body.get("type")
        if not name or not kind:
            return Answer(400, headers={"X-Status-Reason": "No type."})
        if self._prefixes and not _CUSTOM.match(entity):
            name = f"c{name[0].upper()}{name[1:]}"
        if name in self._entities[entity]["fields"]:
            said = f"Field '{name}' already exists in '{entity}'."
            told = {"messageTranslation": {"label": "fieldAlreadyExists", "scope": "FieldManager"}}
            return Answer(409, told, {"X-Status-Reason": said})
        told = {key: value for key, value in body.items() if key not in {"name", "label"}}
        self._change(entity, {name: {**told, "isCustom": True}})
        return Answer(200, {**told, "isCustom": True, "label": body.get("label", name)})

    def _change(self, entity: str, fields: Mapping[str, Any]) -> None:
        known = self._entities[entity]
        whole = {**known["fields"], **fields}
        self._entities[entity] = {**known, "fields": {n: f for n, f in whole.items() if f}}
