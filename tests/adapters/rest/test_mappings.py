"""The ready mappings to EspoCRM and SuiteCRM name fields that exist, and records come back."""

import polars as pl
import pytest

from crmmigrate.adapters.rest import open_target
from crmmigrate.config.canonical import load_model
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.testing.contract import operations_frame
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.simulators.espocrm import API_KEY, EspoCrm
from crmmigrate.testing.simulators.suitecrm import CLIENT_ID, CLIENT_SECRET, SuiteCrm
from crmmigrate.testing.worlds import utc_now

SYSTEMS = {
    "espocrm": (EspoCrm, {"api_key": API_KEY}),
    "suitecrm": (SuiteCrm, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
}


@pytest.fixture(params=SYSTEMS)
def system(request, tmp_path):
    kind, options = SYSTEMS[request.param]
    crm, model = kind(tmp_path / "crm.db"), load_model()
    with Simulator(crm) as simulator:
        given = {"description": request.param, "url": simulator.url, "clock": utc_now}
        target = open_target({**given, **options, "model": model}, tmp_path)
        yield request.param, model, target
        target.close()
    crm.store.close()


def test_every_field_named_exists(system):
    name, model, target = system
    mapping = load_target_mapping(name, model)
    native = target.native.describe()
    for object_, told in mapping.objects.items():
        columns = {c.name: c for c in native.dataset(told.name).columns}
        for column, place in told.fields.items():
            if place is not None:
                assert place.to in columns, f"{object_}.{column}: {place.to}"
                allowed = set(columns[place.to].choices) | {""}
                assert not columns[place.to].choices or set(place.values.values()) <= allowed
                assert not columns[place.to].read_only


def test_every_object_and_field_has_a_place_or_a_reason(system):
    name, model, target = system
    mapping = load_target_mapping(name, model)
    assert set(mapping.objects) | set(mapping.left_out) == set(model.objects)
    for object_ in mapping.objects:
        reasons = target.left_out(object_)
        assert set(reasons) == set(mapping.objects[object_].left_out)


def test_records_come_back_as_they_would_be_stored(system):
    _, _, target = system
    firm = {
        "external_id": "a:account:x/1",
        "name": "Müller & Söhne GmbH",
        "type": "customer",
        "phone": "089/123",
        "phone_international": "+49 89 123456",
        "phone_e164": "+4989123456",
        "fax": "+4989123457",
        "email": "info@mueller.example",
        "billing_address_street": "Hauptstraße",
        "billing_address_house_number": "5",
        "billing_address_locality": "München",
        "billing_address_country": "DE",
    }
    told = target.write("account", "create", operations_frame([firm])).row(0, named=True)
    assert (told["status"], told["error_code"]) == ("succeeded", None)
    person = {
        "external_id": "a:contact:x/1",
        "name": "Ana Maria Popescu",
        "name_given": "Ana",
        "name_middle": "Maria",
        "name_family": "Popescu",
        "account": f"account:{told['target_id']}",
        "mobile_international": "+40 722 123 456",
        "mobile_e164": "+40722123456",
        "email": "ana@popescu.example",
        "do_not_call": "true",
    }
    lonely = {"external_id": "a:contact:x/2", "name": "Cher", "mobile": "+40722123457"}
    task = {
        "external_id": "a:activity:x/1",
        "subject": "Call back",
        "regarding": f"account:{told['target_id']}",
        "status": "completed",
        "start_on": "2024-03-31T02:30:00+02:00",
    }
    rows = {"account": [firm], "contact": [person, lonely], "activity": [task]}
    for object_, records in rows.items():
        frame = operations_frame(records)
        if object_ != "account":
            outcomes = target.write(object_, "create", frame)
            assert outcomes["status"].to_list() == ["succeeded"] * len(records), outcomes
            assert outcomes["error_code"].null_count() == len(records)
        plain = pl.DataFrame(records, schema={k: pl.String for r in records for k in r}).drop(
            "external_id"
        )
        wanted = target.as_stored(object_, plain).to_dicts()
        found = [pl.DataFrame(pl.from_arrow(b)) for b in target.fetch(object_, None, "id")]
        stored = {r["_external_id"]: r for r in pl.concat(found).to_dicts()}
        for record, want in zip(records, wanted, strict=True):
            shown = {k: stored[record["external_id"]].get(k) for k in want}
            assert shown == want


def test_users_get_names_to_sign_in_with_and_keep_them(system):
    _, _, target = system
    people = pl.DataFrame(
        [
            {"name": None, "name_given": "Ana", "name_family": "Pop", "email": "Ana+1@x.example"},
            {"name": "Dr. Ștefan Radu", "name_given": "Ștefan", "name_family": "Radu"},
            {"name": "Cher", "name_given": None, "name_family": None},
        ]
    ).with_columns(pl.lit(None, pl.String).alias("email_domain"))
    stored = target.as_stored("user", people)
    assert stored["email_domain"].to_list() == ["ana_1@x.example", "stefan.radu", "cher"]
    assert target.as_stored("user", stored).equals(stored)
    rows = [{"external_id": f"a:user:x/{i}", **r} for i, r in enumerate(stored.to_dicts())]
    assert set(target.write("user", "create", operations_frame(rows))["status"]) == {"succeeded"}
    found = pl.concat(pl.DataFrame(pl.from_arrow(b)) for b in target.fetch("user", None, "id"))
    assert sorted(found["email_domain"]) == sorted(stored["email_domain"])
