"""Fields that show our record key to people, made in Odoo: our own place is `ir.model.data`.

Odoo lets administrators make fields over its API, by records of `ir.model.fields`; their names
begin with `x_` (odoo/addons/base/models/ir_model.py, `_check_name` and the constraint `name_manual_field`).
"""

from collections.abc import Iterator, Mapping

from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.faults import OdooFault
from crmmigrate.adapters.odoo.fields import Model
from crmmigrate.model.connections import Check, State

__all__ = ["make_key_fields"]

_PREFIX = "x_"
_NEWER = 12
"""Since Odoo 12 `create` takes several records, and `copied` is no longer called `copy`."""
_BY_HAND = (
    "give our user Administration: Settings for this one command, or make it by hand: developer mode, "
    "Settings, Technical, Fields, Create, type char"
)


def make_key_fields(
    client: Client, models: Mapping[str, Model], fields: Mapping[str, str]
) -> Iterator[Check]:
    """Make the fields that a mapping names for our key, and nothing for models where it names none.

    Args:
        client: The database.
        models: The models the server has, of those that are described.
        fields: Model → field; empty where our external ids do.
    """
    plain = [name for name, field in fields.items() if not field]
    if plain or not fields:
        says = "none is needed: our keys are external ids (ir.model.data)"
        yield Check("field for our key", State.OK, says)
    for name, field in fields.items():
        if field:
            yield _made(client, models, name, field)


def _made(client: Client, models: Mapping[str, Model], model: str, field: str) -> Check:
    place = f"{model}.{field}"
    if model not in models:
        hint = "install the app that brings the model"
        return Check(place, State.WARNING, "not made: the server has no such model", hint)
    if field in models[model].slots:
        return Check(place, State.OK, "is there already")
    if not field.startswith(_PREFIX):
        hint = f"call it {_PREFIX}{field} in the mapping"
        return Check(place, State.FAILED, "not made: a field of one's own begins with x_", hint)
    domain = [["model", "=", model]]
    try:
        (number,) = client.call("ir.model", "search", {"domain": domain}, repeatable=True)
        newer = client.version.major >= _NEWER
        values = {
            "name": field,
            "model_id": number,
            "field_description": "Legacy key",
            "ttype": "char",
            "state": "manual",
            "copied" if newer else "copy": False,
            "index": True,
        }
        client.call("ir.model.fields", "create", {"vals_list": [values] if newer else values})
    except OdooFault as fault:
        return Check(place, State.FAILED, f"not made: {fault.said}", _BY_HAND)
    return Check(
        place, State.OK, "made: a text, with an index, that copies of a record do not take"
    )
