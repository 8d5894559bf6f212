"""The columns of a model: fields as the server describes them, and what is flattened into them.

A column bears the name of its field. Beyond that:

- a reference is `model:id`; a reference to any model (`resource`) is the same;
- what stands in a code table is a column of text, `lang.code`, `categories.name`;
- the addresses of a party are `address.city` and `delivery.city`, its contact mechanisms `phone`,
  `phone.home`, `email.other`, its relations `relation.employer`, its further number `identifier`
  (`parts`);
- an employee has the columns of the party it is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault
from crmmigrate.adapters.tryton.parts import OWN, PARTS, Part
from crmmigrate.model.catalog import Column

__all__ = ["EMPLOYEE", "KIND", "KINDS", "PARTY", "WORDS", "Form", "Model", "Slot", "read_models"]

PARTY, EMPLOYEE = "party.party", "company.employee"
KIND = "kind"
KINDS = ("company", "person", "employee", "own")
"""What a party is. Tryton does not say; a person is in the category `Person`, an employee has a
record `company.employee`, we are the party of a company of the database, and all others are
companies."""


class Form(StrEnum):
    """How values of a column look on the wire."""

    TEXT = "text"
    LINES = "lines"
    INTEGER = "integer"
    NUMBER = "number"
    PERCENT = "percent"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    BINARY = "binary"
    LINK = "link"
    ANY_LINK = "any_link"
    WORD = "word"
    WORDS = "words"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class WordTable:
    """A code table whose records are meant when their word is named.

    Attributes:
        attribute: Field that holds the word.
        grows: Whether a word that is missing is added.
    """

    attribute: str
    grows: bool = False


WORDS: Mapping[str, WordTable] = MappingProxyType(
    {
        "country.country": WordTable("code", grows=True),
        "country.subdivision": WordTable("name", grows=True),
        "currency.currency": WordTable("code"),
        "ir.lang": WordTable("code"),
        "party.category": WordTable("name", grows=True),
        "product.category": WordTable("name", grows=True),
        "product.uom": WordTable("name"),
    }
)
"""Code tables by model. The table of countries of a new Tryton is empty."""

_FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "binary": Form.BINARY,
        "boolean": Form.BOOLEAN,
        "char": Form.TEXT,
        "date": Form.DATE,
        "datetime": Form.DATETIME,
        "float": Form.NUMBER,
        "integer": Form.INTEGER,
        "many2one": Form.LINK,
        "numeric": Form.DECIMAL,
        "reference": Form.ANY_LINK,
        "selection": Form.CHOICE,
        "text": Form.LINES,
        "timestamp": Form.DATETIME,
    }
)
"""Types of Tryton that we carry; the others (one2many, dict, time, multiselection) are no columns."""
_LISTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {PARTY: ("categories",), "product.template": ("categories",)}
)
_SYSTEM = frozenset(
    {"create_date", "create_uid", "id", "last_modified_at", "rec_name", "write_date", "write_uid"}
    | {"xml_id", "last_modification", "last_user"}
)
_INNER: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        PARTY: frozenset(
            {"distance", "email", "fax", "full_name", "mobile", "phone", "replaced_by", "website"}
            | {"code_alnum", "code_digit", "code_readonly", "tax_identifier"}
        ),
        "sale.opportunity": frozenset({"reference"}),
        "ir.attachment": frozenset({"file_id", "link", "type", "summary", "data_size"}),
        "ir.note": frozenset({"message_wrapped", "unread", "copy_to_resources_visible"}),
        "party.address": frozenset(
            {"party", "street", "street_single_line", "full_address", "sequence", "active"}
            | {"delivery", "invoice"}
        ),
        EMPLOYEE: frozenset({"party", "company"}),
    }
)
"""Fields that are told by columns of other names, that serve Tryton itself, or hold our key."""
_REQUIRED = frozenset({(PARTY, "name"), ("ir.note", "message")})
"""Fields that Tryton lets be blank, and that no record is worth anything without."""
_FILLED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        PARTY: frozenset({"code"}),
        "product.template": frozenset(
            {"default_uom", "default_uom.name", "type", "cost_price_method", "sale_uom"}
        ),
        "sale.opportunity": frozenset(
            {"company", "conversion_probability", "conversion_probability.percent", "currency"}
            | {"currency.code", "employee", "end_date", "number", "start_date", "state"}
        ),
        "ir.attachment": frozenset({"resource"}),
        "ir.note": frozenset({"resource"}),
    }
)
"""Columns that are filled where they are left blank, by Tryton or by us."""
_UNIQUE = frozenset({(PARTY, "code"), ("product.template", "code")})
"""Columns of which no two active records have the same value (`code_exclude` of product.product)."""
_SERVED = ("account", "customer_", "supplier_", "sale_", "payable", "receivable")
"""Beginnings of fields of parties that belong to the books of accounts."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One column.

    Attributes:
        name: As mappings write it.
        field: Field of Tryton, of the record itself or of its part.
        form: How its values look.
        label: The field, as messages name it.
        relation: Model that references point to; empty for others.
        choices: Values of a selection.
        required: Tryton demands a value.
        read_only: Tryton takes no value.
        stored: It is read when all fields are asked for.
        size: Most characters, or None.
        stripped: Tryton cuts blanks off both ends.
        part: Where it is kept, beside the record itself.
        of_party: It belongs to the party of an employee.
    """

    name: str
    field: str
    form: Form
    label: str = ""
    relation: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    read_only: bool = False
    stored: bool = True
    size: int | None = None
    stripped: bool = False
    part: Part = OWN
    of_party: bool = False
    unique: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """The models it may point to; empty where that is no model or any."""
        return (self.relation,) if self.form is Form.LINK else ()

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
        name: E.g. `party.party`.
        slots: Columns by name.
        blamed: (label of a field, label of its model or nothing) → column, as messages name them.
        attributes: Fields of the model and of its parts, by model.
    """

    name: str
    slots: Mapping[str, Slot]
    blamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def filled(self) -> frozenset[str]:
        """The columns that are filled where they are left blank."""
        return _FILLED.get(self.name, frozenset()) & frozenset(self.slots)

    def has(self, field_: str, model: str = "") -> bool:
        """Return whether the model, or that of a part, has a field."""
        return field_ in self.attributes.get(model or self.name, frozenset())


def read_models(client: Client, names: Iterable[str]) -> dict[str, Model]:
    """Ask the server for the fields of models and of what is flattened into them.

    Raises:
        TrytonFault: there is no such model, or we may not read it.
    """
    reader = _Described(client)
    return {name: _model(reader, name) for name in names}


def _model(reader: "_Described", name: str) -> Model:
    slots = list(_own_slots(name, reader.fields(name)))
    if name == PARTY:
        slots += _party_slots(reader)
    if name == EMPLOYEE:
        party = [*_own_slots(PARTY, reader.fields(PARTY)), *_party_slots(reader)]
        slots += [replace(s, of_party=True) for s in party if s.form is not Form.KIND]
    known: dict[str, Slot] = {}
    for slot in slots:
        known.setdefault(slot.name, slot)
    blamed: dict[tuple[str, str], str] = {}
    for slot in known.values():
        blamed.setdefault((slot.label, ""), slot.name)
    attributes = {model: frozenset(facts) for model, facts in reader.known.items()}
    return Model(name, MappingProxyType(known), MappingProxyType(blamed), attributes)


class _Described:
    """The fields of models, each asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.known: dict[str, dict[str, dict[str, object]]] = {}

    def fields(self, model: str) -> dict[str, dict[str, object]]:
        if model not in self.known:
            told = self._client.call_for_company(model, "fields_get", [], repeatable=True)
            self.known[model] = told if isinstance(told, dict) else {}
        return self.known[model]

    def try_fields(self, model: str) -> dict[str, dict[str, object]]:
        """Return nothing for a model that the server has not."""
        try:
            return self.fields(model)
        except TrytonFault:
            return {}


def _own_slots(model: str, facts: Mapping[str, Mapping[str, object]]) -> Iterator[Slot]:
    for name in sorted(facts):
        slot = _slot(model, name, facts[name])
        if slot is not None:
            yield from (slot, *_further(slot))


def _slot(model: str, name: str, facts: Mapping[str, object]) -> Slot | None:
    form = _FORMS.get(str(facts.get("type")))
    relation = str(facts.get("relation") or "")
    if name in _LISTS.get(model, ()) and relation in WORDS:
        form = Form.WORDS
    inner = name in _INNER.get(model, frozenset()) or (model == PARTY and name.startswith(_SERVED))
    if form is None or inner:
        return None
    size = facts.get("size")
    locked = bool(facts.get("readonly")) and (model, name) not in _MOVED
    return Slot(
        name,
        name,
        form,
        str(facts.get("string") or name),
        relation if form in {Form.LINK, Form.WORDS} else "",
        tuple(_choices(facts.get("selection"))) if form is Form.CHOICE else (),
        required=_is_required(model, name, facts),
        read_only=locked or name in _SYSTEM,
        stored=facts.get("searchable") is not False,
        size=size if isinstance(size, int) and size > 0 else None,
        stripped=facts.get("strip") is True or (form is Form.TEXT and "strip" not in facts),
        unique=(model, name) in _UNIQUE,
    )


_MOVED = frozenset({("sale.opportunity", "state")})
"""Read-only fields that are moved by transitions."""


def _is_required(model: str, name: str, facts: Mapping[str, object]) -> bool:
    if (model, name) in _REQUIRED:
        return True
    return bool(facts.get("required")) and name not in _FILLED.get(model, frozenset())


def _choices(selection: object) -> Iterator[str]:
    told = selection
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except ValueError:
            told = None
    if isinstance(told, list):
        yield from (str(pair[0]) for pair in told if isinstance(pair, list) and pair[0])


def _further(slot: Slot) -> list[Slot]:
    """Return the other columns that a field has."""
    table = WORDS.get(slot.relation)
    if table is not None and slot.form in {Form.LINK, Form.WORDS}:
        form = Form.WORD if slot.form is Form.LINK else Form.WORDS
        return [replace(slot, name=f"{slot.field}.{table.attribute}", form=form)]
    if slot.field == "conversion_probability":
        return [replace(slot, name="conversion_probability.percent", form=Form.PERCENT)]
    return []


def _party_slots(reader: _Described) -> Iterator[Slot]:
    """Yield the columns that are flattened into a party."""
    yield Slot(KIND, KIND, Form.KIND, choices=KINDS)
    kinds = reader.try_fields("party.contact_mechanism").get("type", {}).get("selection")
    addresses = list(_own_slots("party.address", reader.try_fields("party.address")))
    for part in PARTS:
        if part.field == "addresses":
            if part.flag and part.flag not in reader.fields("party.address"):
                continue
            for slot in addresses:
                if not slot.read_only and slot.form in _FLAT:
                    yield replace(slot, name=f"{part.key}.{slot.name}", part=part, required=False)
        elif part.field == "contact_mechanisms":
            if part.type in set(_choices(kinds)):
                yield Slot(part.key, "value", Form.TEXT, "Value", part=part, stripped=True)
        elif part.field == "identifiers":
            yield Slot(part.key, "code", Form.TEXT, "Code", part=part, stripped=True)
        elif reader.try_fields("party.relation.all"):
            yield Slot(f"relation.{part.key}", "to", Form.LINK, "To", PARTY, part=part)


_FLAT = frozenset({Form.TEXT, Form.LINES, Form.WORD})
