"""The canonical model and what projects add to it."""

import pytest

from crmmigrate.config.canonical import ObjectSpec, extend_model, load_model, model_problems
from crmmigrate.model.semantic import SemanticType

MODEL = load_model()
OBJECTS = (
    "account contact lead opportunity product quote quote_line order order_line invoice "
    "invoice_line payment case activity note attachment campaign campaign_member user consent "
    "territory user_territory"
).split()


def test_the_objects_are_those_of_the_design():
    assert set(MODEL.objects) == set(OBJECTS)


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_is_whole(name):
    object_type = MODEL.objects[name]
    assert object_type.description
    assert object_type.plural != object_type.label
    assert len(set(object_type.columns)) == len(object_type.columns)
    assert {"created_on", "modified_on"} <= set(object_type.fields)
    for field in object_type.fields.values():
        assert set(field.references) <= set(MODEL.objects)
        assert bool(field.references) == (field.type is SemanticType.REFERENCE)
        assert bool(field.choices) == (field.type is SemanticType.CHOICE)


def test_records_are_loaded_after_those_they_refer_to():
    order = MODEL.load_order
    for name in order:
        for field in MODEL.objects[name].references:
            for target in field.references:
                assert target == name or order.index(target) < order.index(name), (name, field.name)


def test_what_refers_to_several_objects():
    assert {"account", "contact", "user"} <= set(MODEL.objects["note"].fields["about"].references)
    assert {"account", "contact"} <= set(MODEL.objects["attachment"].fields["parent"].references)


def test_a_project_adds_objects_and_fields():
    objects = {
        "contact": ObjectSpec(fields={"loyalty": {"type": "number", "label": "Points"}}),
        "machine": ObjectSpec(
            fields={
                "name": {"type": "text", "required": True},
                "owner": {"type": "reference", "references": ["account"]},
            }
        ),
    }
    assert model_problems(MODEL, objects) == []
    model = extend_model(MODEL, objects)
    assert model.objects["contact"].fields["loyalty"].label == "Points"
    assert model.objects["contact"].fields["email"] == MODEL.objects["contact"].fields["email"]
    assert model.objects["machine"].plural == "Machines"
    assert model.load_order.index("machine") > model.load_order.index("account")
    assert "loyalty" not in MODEL.objects["contact"].fields


def test_a_project_changes_choices_and_lengths_only():
    objects = {"contact": ObjectSpec(fields={"status": {"choices": ["gold"], "required": True}})}
    field = extend_model(MODEL, objects).objects["contact"].fields["status"]
    assert (field.choices, field.required, field.type) == (("gold",), True, SemanticType.CHOICE)
