"""Loads into real servers by a way that misbehaves: a proxy between them and us, by seed.

The same schedules as for simulators (docs/faults.md): two loads, each run again until nothing is
pending, verified, a second plan that is empty, and the rollbacks, after which the server is as it was.
"""

import json
import os
from pathlib import Path
from types import MappingProxyType

import pytest
from servers.test_faults import cards_for_everything
from support.shaken import Tale, shake

from crmmigrate.adapters import odoo as odoo_adapter
from crmmigrate.adapters import tryton as tryton_adapter
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.semantic import SemanticType as Kind
from crmmigrate.store.workspace import Workspace
from crmmigrate.testing.faults import PROXY_FAULTS, Fault
from crmmigrate.testing.proxy import Upstream
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.worlds import World

SCHEDULES = 1 + int(os.environ.get("CRMMIGRATE_FAULT_SCHEDULES", "0")) // 20
KINDS = (*PROXY_FAULTS, Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
ONCE = tuple(kind for kind in KINDS if kind is not Fault.DUPLICATE_DELIVERY)
"""Tryton gives a record that is delivered twice two ids; it cannot be told otherwise."""
ODOO = {
    "account": {"name": "res.partner", "constants": {"is_company": "true"}},
    "contact": {"name": "res.partner", "constants": {"is_company": "false"}},
}
ODOO["account"]["fields"] = {"name": "name", "phone": "phone"}
ODOO["contact"]["fields"] = {"name": "name", "email": "email", "account": "parent_id"}
TRYTON = {
    "account": {"name": "party.party", "constants": {"kind": "company"}},
    "contact": {"name": "party.party", "constants": {"kind": "person"}},
}
TRYTON["account"]["fields"] = {"name": "name", "phone": "phone"}
TRYTON["contact"]["fields"] = {"name": "name", "email": "email", "account": "relation.employer"}


def people_and_companies():
    """Return a model that every CRM has a place for."""
    fields = {
        "account": (Field("name", Kind.ORGANIZATION, required=True), Field("phone", Kind.PHONE)),
        "contact": (
            Field("name", Kind.PERSON_NAME, required=True),
            Field("email", Kind.EMAIL),
            Field("account", Kind.REFERENCE, references=("account",)),
        ),
    }
    objects = {
        name: ObjectType(name, name, f"{name}s", "", MappingProxyType({f.name: f for f in own}))
        for name, own in fields.items()
    }
    return CanonicalModel(1, MappingProxyType(objects))


def records(seed, *, later=False):
    """Return what is loaded first, or later: some changed, some blanked, some moved, some new."""
    firms = [
        {
            "_key": f"legacy:account:accounts/{n}",
            "name": f"Firmă {seed}-{n}" + (" SRL" if later and n % 2 else ""),
            "phone": None if later and n == 0 else f"+40268555{n:03}",
        }
        for n in range(4 if later else 3)
    ]
    people = [
        {
            "_key": f"legacy:contact:contacts/{n}",
            "name": f"Łukasz Ana {seed}-{n}",
            "email": f"p{n}{'.new' if later and n % 3 == 0 else ''}@firm{seed}.example",
            "account": firms[(n + later) % 3]["_key"] if n % 4 else None,
        }
        for n in range(9 if later else 7)
    ]
    return {"account": firms, "contact": people}


def told(rows):
    """Return canonical contents as a load should leave them."""
    columns = people_and_companies().objects
    return {
        name: [
            {"_external_id": r["_key"], **{c: r.get(c) for c in columns[name].columns}}
            for r in rows[name]
        ]
        for name in rows
    }


class Room(World):
    """A world that sees only what is ours: a real server has records of its own."""

    def contents(self):
        found = super().contents()
        return {o: [r for r in rows if r["_external_id"]] for o, rows in found.items()}


def shaken(folder, proxy, target, mapping, seed, kinds):
    place = folder / "mappings" / target["adapter"]
    place.mkdir(parents=True)
    document = {"adapter": target["adapter"], "objects": mapping}
    (place / "from_canonical.yaml").write_text(json.dumps(document), encoding="utf-8")
    world = Room(folder, model=people_and_companies(), target=target)
    first, second = records(seed), records(seed, later=True)
    schedule = shake(
        world, seed, kinds, simulator=proxy, tale=Tale(first, second, told(first), told(second))
    )
    first_run = min((folder / ".crmmigrate" / "runs").iterdir()).name
    world.rollback(Workspace(folder).run(first_run))
    assert not any(world.contents().values())
    assert schedule.drawn
    return schedule


def entry(folder, server, url, **more):
    """Return the entry `target:` with another address; the password stands in a file."""
    given = {**server.options(), **more, "batch_size": 5, "password": "${file:secret}"}
    (folder / "secret").write_text(server.password, encoding="utf-8")
    adapter = given.pop("adapter")
    given.pop("url")
    return {"adapter": adapter, "url": url, "options": given}


def counts(adapter, server):
    """Return object → number of records."""
    target = adapter.open_native(server.options(), Path())
    found = {d.name: d.rows for d in target.describe().datasets}
    target.close()
    return found


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_odoo(odoo, tmp_path, seed):
    before = counts(odoo_adapter, odoo)
    with Simulator(Upstream(odoo.url)) as proxy:
        shaken(tmp_path, proxy, entry(tmp_path, odoo, proxy.url), ODOO, seed, KINDS)
    assert counts(odoo_adapter, odoo) == before, "the server is as it was"


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_tryton(tryton, tmp_path, seed):
    before = counts(tryton_adapter, tryton)
    with Simulator(Upstream(tryton.url)) as proxy:
        shaken(tmp_path, proxy, entry(tmp_path, tryton, proxy.url), TRYTON, seed, ONCE)
    assert counts(tryton_adapter, tryton) == before, "the server is as it was"


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_carddav(carddav, book, tmp_path, seed):
    mapping, properties = cards_for_everything()
    place = tmp_path / "mappings" / "carddav"
    place.mkdir(parents=True)
    (place / "from_canonical.yaml").write_text(json.dumps(mapping), encoding="utf-8")
    with Simulator(Upstream(carddav.url)) as proxy:
        path = carddav.options(book)["url"].partition("//")[2].partition("/")[2]
        told = entry(tmp_path, carddav, f"{proxy.url}/{path}", properties=",".join(properties))
        assert shake(World(tmp_path, target=told), seed, KINDS, simulator=proxy).drawn
