"""The fields of a model, as the server describes them, and the columns we give them.

A column bears the name of its field. Beyond that:

- a reference is `model:id`, several are joined with blanks;
- a pair of model and id (`res_model`, `res_id`) is one column, `res_id`;
- what stands in a code table is also a column of text, `country_id.code`, `category_id.name`;
- rich text is plain text; the street is also `street.name` and `street.number`;
- the author of a message is a partner, and also the user whose partner it is, `author_id.user`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.versions import ALIASES
from crmmigrate.model.catalog import Column

__all__ = [
    "ANY_LINKS",
    "LOST",
    "STAGE",
    "WORDS",
    "Form",
    "Model",
    "Slot",
    "WordTable",
    "read_model",
]


class Form(StrEnum):
    """How values of a column look on the wire."""

    TEXT = "text"
    HTML = "html"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    BINARY = "binary"
    LINK = "link"
    LINKS = "links"
    ANY_LINK = "any_link"
    WORD = "word"
    WORDS = "words"
    STREET = "street"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class WordTable:
    """A code table whose records are meant when their word is named.

    Attributes:
        attribute: Field that holds the word.
        grows: Whether a word that is missing is added.
    """

    attribute: str
    grows: bool


WORDS: Mapping[str, WordTable] = MappingProxyType(
    {
        "calendar.event.type": WordTable("name", grows=True),
        "crm.lead.tag": WordTable("name", grows=True),
        "crm.lost.reason": WordTable("name", grows=True),
        "crm.stage": WordTable("name", grows=False),
        "crm.tag": WordTable("name", grows=True),
        "crm.team": WordTable("name", grows=False),
        "ir.model": WordTable("model", grows=False),
        "mail.activity.type": WordTable("name", grows=False),
        "product.category": WordTable("name", grows=True),
        "res.country": WordTable("code", grows=False),
        "res.country.state": WordTable("name", grows=True),
        "res.currency": WordTable("name", grows=False),
        "res.partner.category": WordTable("name", grows=True),
        "res.partner.industry": WordTable("name", grows=True),
        "res.partner.title": WordTable("name", grows=True),
        "utm.campaign": WordTable("name", grows=True),
        "utm.medium": WordTable("name", grows=True),
        "utm.source": WordTable("name", grows=True),
    }
)
"""Code tables by model."""

ANY_LINKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "calendar.event": ("res_model_id", "res_id"),
        "ir.attachment": ("res_model", "res_id"),
        "mail.activity": ("res_model_id", "res_id"),
        "mail.message": ("model", "res_id"),
    }
)
"""Model → the pair of fields that names a record of any model."""

STAGE, LOST = ("crm.lead", "stage_id.name"), "Lost"
"""Odoo has no stage for what is lost: such opportunities are archived. `Lost` says so, unless a
database has a stage of that name."""

_WRITABLE = frozenset(
    {
        ("calendar.event", "res_id"),
        ("ir.attachment", "mimetype"),
        ("ir.attachment", "res_id"),
        ("ir.attachment", "res_model"),
    }
)
"""Fields that `fields_get` calls read-only, for its own forms, and that can be written."""
_FILLED = frozenset({("crm.lead", "name"), ("res.users", "login")})
"""Fields that Odoo requires and that are filled where they are left blank (`habits`)."""
_UNIQUE = frozenset({("res.users", "login")})
"""Fields with a unique index, of those that mappings name; `fields_get` does not tell it."""
_SYSTEM = frozenset(
    {"__last_update", "create_date", "create_uid", "display_name", "id", "write_date", "write_uid"}
)
_INNER = frozenset({("ir.attachment", "db_datas"), ("ir.attachment", "store_fname")})
"""Where a server keeps what another field gives: no columns of ours."""
_FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "binary": Form.BINARY,
        "boolean": Form.BOOLEAN,
        "char": Form.TEXT,
        "date": Form.DATE,
        "datetime": Form.DATETIME,
        "float": Form.NUMBER,
        "html": Form.HTML,
        "image": Form.BINARY,
        "integer": Form.INTEGER,
        "many2many": Form.LINKS,
        "many2one": Form.LINK,
        "many2one_reference": Form.INTEGER,
        "monetary": Form.NUMBER,
        "selection": Form.CHOICE,
        "text": Form.TEXT,
    }
)
"""Types of Odoo that we carry; the others (one2many, reference, json, properties) are no columns."""
_ATTRIBUTES = ["type", "string", "required", "readonly", "relation", "selection", "size", "store"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One column.

    Attributes:
        name: As mappings write it.
        field: Field of Odoo.
        form: How its values look.
        relation: Model that references point to; empty for others.
        choices: Values of a selection.
        required: Odoo demands a value.
        read_only: Odoo takes no value.
        stored: It is kept in the database, so it is read when all fields are asked for.
        size: Most characters, or None.
        unique: No two records have the same value.
    """

    name: str
    field: str
    form: Form
    relation: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    read_only: bool = False
    stored: bool = True
    size: int | None = None
    unique: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """The models it may point to; empty where that is no model or any."""
        if self.form is Form.PERSON:
            return ("res.users",)
        return (self.relation,) if self.form in {Form.LINK, Form.LINKS} else ()

    @property
    def column(self) -> Column:
        """The column as a catalog tells of it."""
        return Column(
            self.name,
            self.form.value,
            nullable=not self.required,
            read_only=self.read_only,
            max_length=self.size,
            choices=self.choices,
            references=self.references,
            unique=self.unique,
        )


@dataclass(frozen=True)
class Model:
    """One model of a server.

    Attributes:
        name: E.g. `res.partner`.
        slots: Columns by name.
        labels: Field → label, as messages name it.
    """

    name: str
    slots: Mapping[str, Slot]
    labels: Mapping[str, str]

    def slot_of_field(self, field: str) -> Slot | None:
        """Return the plain column of a field."""
        return next((s for s in self.slots.values() if s.field == field), None)

    @property
    def locked(self) -> bool:
        """Whether we may not write it: Odoo then calls every field read-only."""
        return all(
            s.read_only for s in self.slots.values() if (self.name, s.field) not in _WRITABLE
        )

    @property
    def any_link(self) -> tuple[str, str] | None:
        """The pair of fields that names a record of any model."""
        return ANY_LINKS.get(self.name)


def read_model(client: Client, name: str) -> Model:
    """Ask the server for the fields of a model.

    Raises:
        OdooFault: there is no such model, or we may not read it.
    """
    arguments = {"allfields": [], "attributes": _ATTRIBUTES}
    found: dict[str, dict[str, object]] = client.call(
        name, "fields_get", arguments, repeatable=True
    )
    pair = ANY_LINKS.get(name)
    slots: dict[str, Slot] = {}
    for field in sorted(found):
        if pair and field == pair[0]:
            continue
        slot = _slot(name, field, found[field])
        if slot is not None:
            slots |= {s.name: s for s in (slot, *_further(slot))}
    for modern, older in ALIASES.get(name, {}).items():
        known = next((slots[o] for o in older if o in slots), None)
        if modern not in slots and known is not None:
            slots[modern] = _renamed(known, modern)
    labels = {field: str(facts.get("string") or field) for field, facts in found.items()}
    return Model(name, MappingProxyType(slots), MappingProxyType(labels))


def _slot(model: str, field: str, facts: Mapping[str, object]) -> Slot | None:
    form = _FORMS.get(str(facts.get("type")))
    if form is None or (model, field) in _INNER:
        return None
    if field == ANY_LINKS.get(model, ("", ""))[1]:
        form = Form.ANY_LINK
    selection = facts.get("selection")
    choices = [str(pair[0]) for pair in selection] if isinstance(selection, list) else []
    locked = bool(facts.get("readonly")) and (model, field) not in _WRITABLE
    size = facts.get("size")
    return Slot(
        field,
        field,
        form,
        str(facts.get("relation") or ""),
        tuple(choices),
        required=bool(facts.get("required")) and (model, field) not in _FILLED,
        read_only=locked or field in _SYSTEM,
        stored=bool(facts.get("store")) or field == "datas",
        size=size if isinstance(size, int) and size > 0 else None,
        unique=(model, field) in _UNIQUE,
    )


def _further(slot: Slot) -> list[Slot]:
    """Return the other columns that a field has."""
    table = WORDS.get(slot.relation)
    found = []
    if table is not None and slot.form in {Form.LINK, Form.LINKS}:
        form = Form.WORD if slot.form is Form.LINK else Form.WORDS
        found.append(_renamed(slot, f"{slot.field}.{table.attribute}", form))
    if slot.field == "author_id" and slot.form is Form.LINK:
        found.append(_renamed(slot, "author_id.user", Form.PERSON))
    if slot.field == "street" and slot.form is Form.TEXT:
        found += [_renamed(slot, f"street.{part}", Form.STREET) for part in ("name", "number")]
    return found


def _renamed(slot: Slot, name: str, form: Form | None = None) -> Slot:
    return Slot(
        name,
        slot.field,
        form or slot.form,
        slot.relation,
        slot.choices,
        slot.required,
        slot.read_only,
        slot.stored and form is None,
        slot.size,
    )
