"""Odoo as a source of a project: models under the names of datasets, with what people fill in."""

from collections.abc import Iterator, Mapping

from crmmigrate.adapters.numbered.source import NumberedSource, ReadColumn, View
from crmmigrate.adapters.odoo.fields import WORDS, Form, Model, Slot
from crmmigrate.adapters.odoo.target import OdooCrm

__all__ = ["open_source"]

_KEPT = frozenset({"create_date", "mimetype", "partner_share", "res_field", "write_date"})
"""Fields that Odoo fills by itself and that a mapping may want all the same."""
_TECHNICAL = (
    *(
        "access_",
        "action_",
        "activity_",
        "alias_",
        "byday",
        "calendar_last",
        "color",
        "commercial_",
    ),
    *("company_type", "date_last_", "day", "end_type", "final_date", "image", "in_group_"),
    *("interval", "login_date", "mail_server", "message_bounce", "message_channel"),
    *("message_follower", "message_has", "message_i", "message_last", "message_main"),
    *(
        "message_need",
        "message_partner",
        "message_unread",
        "month_by",
        "my_activity",
        "new_password",
    ),
    *("no_auto_thread", "notification_type", "partner_latitude", "partner_longitude", "password"),
    *("property_", "record_name", "recurren", "reply_to", "resource_", "rrule", "sel_groups_"),
    *("sequence", "signup_", "target_sales_", "week_list"),
)
"""Beginnings of fields that serve Odoo itself: screens, mail, groups, rules of repetition."""
_INNER = frozenset(
    {"__last_update", "count", "display_name", "id", "mo", "tu", "we", "th", "fr", "sa", "su"}
    | {"start_datetime", "stop_datetime"}
)
_TODAY = {"expected_revenue": "planned_revenue"}
"""Names of today that older servers are given (`ALIASES`), so that one mapping does for all."""


def open_source(native: OdooCrm, tables: Mapping[str, str]) -> NumberedSource:
    """Return the datasets of one database, with what people fill in.

    Args:
        native: The database.
        tables: Dataset → model; none lists all models under their own names.
    """

    def columns(table: str) -> Iterator[ReadColumn]:
        model = native.model(table)
        for slot in model.slots.values():
            if _is_read(model, slot):
                yield ReadColumn(slot.column, _points(slot))

    return NumberedSource(native, tables, View(columns, "res_model", "res_id"))


def _is_read(model: Model, slot: Slot) -> bool:
    """Return whether people fill in the field, and this is the column that tells it best."""
    skipped = slot.field.startswith(_TECHNICAL) or slot.field in _INNER
    locked = slot.read_only and slot.field not in _KEPT
    picture = slot.form is Form.BINARY and slot.field != "datas"
    if skipped or locked or picture:
        return False
    if slot.form in {Form.PERSON, Form.WORD, Form.WORDS} or slot.name in _TODAY:
        return True
    older = slot.field in _TODAY.values() and any(t in model.slots for t in _TODAY)
    coded = slot.form is Form.LINKS or (slot.form is Form.LINK and slot.relation in WORDS)
    kept = slot.stored or model.name == "res.users"
    return kept and slot.name == slot.field and not coded and not older


def _points(slot: Slot) -> str:
    if slot.form is Form.ANY_LINK:
        return "any"
    return "one" if slot.form in {Form.LINK, Form.PERSON} else ""
