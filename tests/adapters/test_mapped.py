"""A target in canonical words over one with words of its own, which here is the embedded CRM."""

from dataclasses import replace
from types import MappingProxyType

import polars as pl
import pytest

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.embedded import open_target
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.errors import UsageError
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.semantic import SemanticType as Kind
from crmmigrate.testing.contract import TargetContract, operations_frame
from crmmigrate.testing.worlds import small_model, utc_now


def renamed(model):
    """Return the model with every object and field under another name."""
    objects = {}
    for name, object_type in model.objects.items():
        fields = {
            f"f_{field.name}": replace(
                field, name=f"f_{field.name}", references=tuple(f"x_{o}" for o in field.references)
            )
            for field in object_type.fields.values()
        }
        objects[f"x_{name}"] = replace(
            object_type, name=f"x_{name}", fields=MappingProxyType(fields)
        )
    return CanonicalModel(1, MappingProxyType(objects))


def renaming(model):
    """Return the mapping file for it."""
    lines = ["adapter: other", "objects:"]
    for name, object_type in model.objects.items():
        fields = ", ".join(f"{c}: f_{c}" for c in object_type.columns)
        lines.append(f"  {name}: {{name: x_{name}, fields: {{{fields}}}}}")
    return "\n".join(lines)


def native_crm(folder, model):
    """Return an embedded CRM with a model of its own."""
    return open_target({"path": "crm.db", "model": model, "clock": utc_now}, folder)


class TestMappedTarget(TargetContract):
    def open(self, folder) -> Target:
        model = small_model()
        place = folder / "mappings" / "other"
        place.mkdir(parents=True, exist_ok=True)
        (place / "from_canonical.yaml").write_text(renaming(model), encoding="utf-8")
        native = native_crm(folder, renamed(model))
        return MappedTarget(native, load_target_mapping("other", model, folder), model)


PARTY = ObjectType(
    "party",
    "Party",
    "Parties",
    "",
    MappingProxyType(
        {
            f.name: f
            for f in (
                Field("label", Kind.TEXT, required=True),
                Field("firm", Kind.CHOICE, choices=("yes", "no")),
                Field("rank", Kind.CHOICE, choices=("c", "s")),
                Field("tel", Kind.TEXT),
                Field("line", Kind.TEXT),
                Field("boss", Kind.REFERENCE, references=("party",)),
            )
        }
    ),
)
REMARK = ObjectType(
    "remark",
    "Remark",
    "Remarks",
    "",
    MappingProxyType(
        {
            "text": Field("text", Kind.TEXT, required=True),
            "of": Field("of", Kind.REFERENCE, references=("party", "remark")),
        }
    ),
)
MAPPING = """\
adapter: other
objects:
  account:
    name: party
    constants: {firm: "yes"}
    fields:
      name: label
      kind: {to: rank, values: {customer: c, supplier: s}}
      phone: {to: tel, first_of: [phone_international, phone]}
      revenue: {to: line, join: [revenue_amount, revenue_currency], separator: " / "}
      parent: boss
      owner: keeper
    left_out: {main_contact: a party has no contact}
  contact:
    name: party
    constants: {firm: "no"}
    fields: {name: label, account: boss}
  note: {name: remark, fields: {body: text, about: of}}
  user: {name: staff}
left_out: {invoice: no books here}
"""


@pytest.fixture
def target(tmp_path, write_file):
    write_file("mappings/other/from_canonical.yaml", MAPPING)
    native_model = CanonicalModel(1, MappingProxyType({"party": PARTY, "remark": REMARK}))
    model = small_model()
    native = native_crm(tmp_path, native_model)
    return MappedTarget(native, load_target_mapping("other", model, tmp_path), model)


def create(target, object_, *rows):
    told = target.write(object_, "create", operations_frame(rows))
    assert told["status"].to_list() == ["succeeded"] * len(rows), told["message"].to_list()
    return told["target_id"].to_list()


def fetch(target, object_, keys=None, fields=None):
    wanted = None if keys is None else pl.Series("key", keys, dtype=pl.String)
    frames = [
        pl.DataFrame(pl.from_arrow(b)) for b in target.fetch(object_, wanted, "external_id", fields)
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def test_two_objects_share_a_place_and_stay_apart(target):
    firm = create(target, "account", {"external_id": "a", "name": "Firm", "kind": "supplier"})[0]
    create(target, "contact", {"external_id": "c", "name": "Person", "account": f"account:{firm}"})
    assert fetch(target, "account")["_external_id"].to_list() == ["a"]
    assert fetch(target, "contact")["_external_id"].to_list() == ["c"]
    assert fetch(target, "contact")["account"].to_list() == [f"account:{firm}"]
    assert fetch(target, "account", ["a"])["kind"].to_list() == ["supplier"]
    native = [pl.DataFrame(pl.from_arrow(b)) for b in target.native.fetch("party", None, "id")]
    assert sorted(pl.concat(native)["firm"]) == ["no", "yes"]
    read = pl.concat([pl.DataFrame(pl.from_arrow(b)) for b in target.read("contact")])
    assert read["name"].to_list() == ["Person"]


def test_references_to_either_are_told_by_the_constants(target):
    firm = create(target, "account", {"external_id": "a", "name": "Firm"})[0]
    one = create(target, "contact", {"external_id": "c", "name": "Person"})[0]
    notes = [
        {"external_id": "1", "body": "x", "about": f"account:{firm}"},
        {"external_id": "2", "body": "y", "about": f"contact:{one}"},
    ]
    create(target, "note", *notes)
    found = fetch(target, "note", ["1", "2"]).sort("_external_id")
    assert found["about"].to_list() == [f"account:{firm}", f"contact:{one}"]


def test_refusals_name_the_canonical_field(target):
    rows = [{"external_id": "a", "name": None}, {"external_id": "b", "name": "B", "kind": "enemy"}]
    told = target.write("account", "create", operations_frame(rows))
    assert told["error_field"].to_list() == ["name", "kind"]


def test_updates_write_what_their_columns_are_made_of(target):
    one = create(
        target, "account", {"external_id": "a", "name": "N", "phone": "1", "revenue_amount": "5"}
    )[0]
    change = {
        "external_id": "a",
        "target_id": one,
        "changed": ["phone_international"],
        "name": "never",
        "phone": "1",
        "phone_international": "+1 1",
    }
    target.write("account", "update", operations_frame([change]))
    found = fetch(target, "account", ["a"]).row(0, named=True)
    assert (found["name"], found["phone"], found["revenue"]) == ("N", "+1 1", "5")


def test_what_is_stored_is_what_comes_back(target):
    rows = [
        {
            "external_id": "a",
            "name": "A",
            "phone": "1",
            "phone_international": "+1 1",
            "revenue_amount": "5",
            "revenue_currency": "EUR",
        },
        {
            "external_id": "b",
            "name": "B",
            "phone": "2",
            "phone_international": "",
            "revenue_amount": None,
            "revenue_currency": "EUR",
        },
        {
            "external_id": "c",
            "name": "C",
            "phone": None,
            "phone_international": None,
            "revenue_amount": None,
            "revenue_currency": None,
        },
    ]
    columns = [c for c in rows[0] if c != "external_id"]
    kept = target.as_stored("account", pl.DataFrame(rows).select(columns))
    again = target.as_stored("account", kept)
    assert kept.rows() == again.rows(), "doing it twice is doing it once"
    create(target, "account", *rows)
    found = fetch(target, "account", ["a", "b", "c"], columns).sort("_external_id")
    assert found.select(columns).rows() == kept.rows()
    assert "revenue" not in kept.columns, "no column is made that was not asked for"


def test_what_has_no_place_is_told_with_a_reason(target):
    assert target.left_out("account") == {
        "main_contact": "a party has no contact",
        "owner": "the CRM has no field party.keeper",
    }
    assert set(target.left_out("contact")) == {"email", "born", "active", "seen"}
    assert target.homeless()["invoice"] == "no books here"
    assert target.homeless()["user"] == "the CRM has no staff"
    assert "mapping" in target.homeless()["attachment"]
    assert {d.name for d in target.describe().datasets} == {"account", "contact", "note"}
    with pytest.raises(UsageError, match="no books here"):
        list(target.fetch("invoice", None, "id"))


def test_the_catalog_speaks_canonical_words(target):
    columns = {c.name: c for c in target.describe().dataset("account").columns}
    assert columns["kind"].choices == ("customer", "supplier")
    assert not columns["name"].nullable
    assert "main_contact" not in columns
