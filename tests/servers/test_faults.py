"""Fault schedules against real servers: whatever goes wrong, loads end as if nothing had."""

import json
import os

import pytest
from support.shaken import shake

from crmmigrate.testing.faults import TARGET_FAULTS
from crmmigrate.testing.worlds import World, small_model

SCHEDULES = int(os.environ.get("CRMMIGRATE_FAULT_SCHEDULES", "1"))
"""One of each with the other tests of servers; `make faults` runs more of them."""


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_postgresql(postgresql, tmp_path, seed):
    postgresql.renew()
    target = {**postgresql.options(), "options": {"batch_size": 5}}
    assert shake(World(tmp_path, target=target), seed, TARGET_FAULTS).drawn


@pytest.mark.parametrize("seed", range(1 + SCHEDULES // 5))
def test_mariadb(mariadb, tmp_path, seed):
    mariadb.renew()
    target = {**mariadb.options(), "options": {"batch_size": 5}}
    assert shake(World(tmp_path, target=target), seed, TARGET_FAULTS).drawn


@pytest.mark.parametrize("seed", range(1 + SCHEDULES // 20))
def test_carddav(carddav, book, tmp_path, seed):
    mapping, properties = cards_for_everything()
    place = tmp_path / "mappings" / "carddav"
    place.mkdir(parents=True)
    (place / "from_canonical.yaml").write_text(json.dumps(mapping), encoding="utf-8")
    given = carddav.options(book, properties=",".join(properties), batch_size=5)
    target = {n: given.pop(n) for n in ("adapter", "url")} | {"options": given}
    (tmp_path / "secret").write_text(given["password"], encoding="utf-8")
    given["password"] = "${file:secret}"
    assert shake(World(tmp_path, target=target), seed, TARGET_FAULTS).drawn


def cards_for_everything():
    """Return a mapping that puts the whole small model into cards, and the properties it needs."""
    links, objects, properties = ("employer", "manager", "parent"), {}, set()
    for object_ in small_model().objects.values():
        pointers = {f.name: place for f, place in zip(object_.references, links, strict=False)}
        known = {**pointers, "name": "name", "content": "photo"}
        fields = {c: known.get(c, f"X-{c.upper().replace('_', '-')}") for c in object_.columns}
        properties |= {p for p in fields.values() if p.startswith("X-")}
        constants = {"kind": f"x-{object_.name.replace('_', '-')}"}
        if "name" not in fields:
            constants["name"] = object_.name
        objects[object_.name] = {"name": "card", "constants": constants, "fields": fields}
    return {"adapter": "carddav", "objects": objects}, sorted(properties)
