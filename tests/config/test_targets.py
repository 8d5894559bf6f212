"""Packaged mappings from the canonical model: every field has a place or a why."""

import pytest

from crmmigrate.config.canonical import load_model
from crmmigrate.config.targets import load_target_mapping


@pytest.mark.parametrize("name", ["carddav", "espocrm", "odoo", "suitecrm", "tryton"])
def test_every_field_has_a_place_or_a_why(name):
    model = load_model()
    mapping = load_target_mapping(name, model)
    assert set(model.objects) == set(mapping.objects) | set(mapping.left_out)
    for object_, told in mapping.objects.items():
        kept = {source for place in told.fields.values() if place for source in place.sources}
        kept |= set(told.fields)
        for field, spec in model.objects[object_].fields.items():
            assert field in told.left_out or not kept.isdisjoint(spec.columns), f"{object_}.{field}"
