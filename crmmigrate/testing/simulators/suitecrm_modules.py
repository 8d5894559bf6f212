"""Fields of modules of the simulated SuiteCRM, as its vardefs tell them.

A part of what version 7.14 has [src modules/*/vardefs.php], with a custom field for our record keys.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["MODULES", "Vardefs", "module_fields"]

Vardefs = Mapping[str, Mapping[str, Any]]


def _many(kind: str, names: str, **more: object) -> dict[str, Mapping[str, Any]]:
    return {name: {"type": kind, "required": False, **more} for name in names.split()}


def _text(names: str, length: int = 100) -> dict[str, Mapping[str, Any]]:
    return _many("varchar", names, len=str(length))


def module_fields(*parts: Mapping[str, Mapping[str, Any]]) -> Vardefs:
    """Return the fields of a module with those that all have."""
    found = {
        **_many("id", "id"),
        **_many("datetime", "date_entered date_modified"),
        **_many("relate", "assigned_user_id created_by modified_user_id", source="non-db"),
        **_many("text", "description"),
        **_many("bool", "deleted"),
        **_text("legacy_id_c", 255),
    }
    for part in parts:
        found |= part
    return found


_ADDRESS = "address_street address_city address_state address_postalcode address_country"
_PERSON = {
    **_text("first_name last_name title"),
    **_text("department", 255),
    **_many("enum", "salutation lead_source", len="255"),
    **_many("email", "email1", source="non-db"),
    **_many("phone", "phone_work phone_mobile phone_home phone_other phone_fax", len="100"),
    **_many("bool", "do_not_call"),
    **_text(" ".join(f"primary_{p} alt_{p}" for p in _ADDRESS.split()), 150),
    **_many("date", "birthdate"),
    **_many("relate", "reports_to_id campaign_id", source="non-db"),
}
_USER = {
    **_PERSON,
    **_text("title department", 50),
    **_text("user_name", 60),
    **_text("address_street", 150),
    **_text("address_city address_state address_country"),
    **_text("address_postalcode", 20),
    **_many("enum", "status", len="100"),
}
"""[src modules/Users/vardefs.php]"""
_NAME = {"name": {"type": "name", "len": "255", "required": True}}
_PARENT = {**_many("parent_type", "parent_type", len="255"), **_many("id", "parent_id")}
_WHEN = _many("datetimecombo", "date_start date_end")
MODULES: Mapping[str, Vardefs] = {
    "Users": module_fields(_USER),
    "Accounts": module_fields(
        {"name": {"type": "name", "len": "150", "required": True}},
        _many("enum", "account_type industry", len="50"),
        _many("phone", "phone_office phone_alternate phone_fax", len="100"),
        _many("url", "website", len="255"),
        _many("email", "email1", source="non-db"),
        _text("annual_revenue employees rating ticker_symbol sic_code ownership"),
        _text(" ".join(f"billing_{p} shipping_{p}" for p in _ADDRESS.split()), 150),
        _many("id", "parent_id campaign_id"),
    ),
    "Contacts": module_fields(_PERSON, _many("relate", "account_id", source="non-db")),
    "Leads": module_fields(
        _PERSON,
        _text("account_name", 255),
        _many("enum", "status", len="100"),
        _many("url", "website", len="255"),
        _text("opportunity_amount", 50),
        _many("id", "account_id contact_id opportunity_id"),
    ),
    "Campaigns": module_fields(
        _NAME,
        _many("enum", "status campaign_type", len="100"),
        _many("date", "start_date end_date"),
        _many("currency", "budget actual_cost"),
    ),
    "Opportunities": module_fields(
        _NAME,
        _many("currency", "amount"),
        _many("enum", "sales_stage opportunity_type lead_source", len="255"),
        _many("double", "probability"),
        _many("date", "date_closed"),
        _text("next_step"),
        _many("relate", "account_id campaign_id", source="non-db"),
    ),
    "Cases": module_fields(
        _NAME,
        _many("enum", "status priority type", len="100"),
        _many("int", "case_number"),
        _many("text", "resolution"),
        _many("relate", "account_id contact_created_by_id", source="non-db"),
    ),
    "Tasks": module_fields(
        _NAME,
        _PARENT,
        _many("enum", "status priority", len="100"),
        _many("datetimecombo", "date_start date_due"),
        _many("id", "contact_id"),
    ),
    "Calls": module_fields(
        _NAME,
        _PARENT,
        _WHEN,
        _many("enum", "status direction", len="100"),
        _many("int", "duration_hours duration_minutes"),
    ),
    "Meetings": module_fields(
        _NAME, _PARENT, _WHEN, _many("enum", "status", len="100"), _text("location", 50)
    ),
    "Notes": module_fields(_NAME, _PARENT, _many("id", "contact_id"), _text("filename", 255)),
}
