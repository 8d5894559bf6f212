"""Look at rows before they are sent: fields, values, and the cards they point to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from crmmigrate.adapters.carddav.fields import DATASET, LINKS, Field, Value
from crmmigrate.adapters.carddav.lines import clean_text
from crmmigrate.adapters.carddav.shelf import Shelf
from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.config.suggestions import did_you_mean

__all__ = ["Checker", "Row", "kept"]


@dataclass(frozen=True)
class Row:
    """One operation on its way.

    Attributes:
        op_id: Its id.
        key: Our external id.
        target_id: Id of the card; empty for a create.
        values: Column → what is written; links are identifiers once they are checked.
        company: Name of the card that `employer` points to.
    """

    op_id: str
    key: str
    target_id: str
    values: Mapping[str, Value]
    company: str | None = None


@dataclass(frozen=True, slots=True)
class _Other:
    """A card that others point to."""

    uid: str
    name: str


@dataclass
class Checker:
    """Checks rows of one book; remembers the cards that were pointed to."""

    shelf: Shelf
    fields: Mapping[str, Field]
    _others: dict[str, _Other] = field(default_factory=dict)

    def check(self, rows: Sequence[Row], *, create: bool) -> tuple[list[Row], dict[str, Refusal]]:
        """Return the rows that may be sent, with cleaned values, and why the others may not."""
        good: list[Row] = []
        why: dict[str, Refusal] = {}
        for row in rows:
            reason = self._reason(row, create=create)
            if reason is None:
                values = {n: kept(v) for n, v in row.values.items()}
                good.append(replace(row, values=values))
            else:
                why[row.op_id] = reason
        self._look_up([link for row in good for link in self._links(row).values()])
        linked = [self._linked(row) for row in good]
        why |= {
            row.op_id: told
            for row, told in zip(good, linked, strict=True)
            if isinstance(told, Refusal)
        }
        return [told for told in linked if isinstance(told, Row)], why

    def forget(self, id_: str) -> None:
        """A card is gone."""
        self._others.pop(id_, None)

    def name_of(self, uid: str) -> str | None:
        """Return the name of the card of an identifier; None if there is none."""
        id_ = self.shelf.ids_by_uid([uid])[uid]
        self._look_up([id_])
        return self._others[id_].name if id_ in self._others else None

    def _reason(self, row: Row, *, create: bool) -> Refusal | None:
        if create and not kept(row.values.get("name")):
            return Refusal("REQUIRED_FIELD_MISSING", "name", "a card must have a name (FN)")
        for name, value in row.values.items():
            known = self.fields.get(name)
            if known is None:
                near = did_you_mean(name, self.fields)
                return Refusal("UNKNOWN_FIELD", name, f"a card has no field '{name}'{near}")
            if known.column.read_only:
                return Refusal("READ_ONLY_FIELD", name, "the field is worked out, not written")
            if name == "name" and not kept(value):
                return Refusal("REQUIRED_FIELD_MISSING", name, "a card must have a name (FN)")
            choices = known.column.choices
            if choices and value is not None and value not in choices:
                says = f"it is one of {', '.join(choices)}"
                return Refusal("NOT_IN_PICKLIST", name, says)
        return None

    def _links(self, row: Row) -> dict[str, str]:
        """Return field → id of the card it points to; empty for what is no card."""
        return {
            name: str(value).removeprefix(f"{DATASET}:") if _is_card(value) else ""
            for name, value in row.values.items()
            if name in LINKS and value is not None
        }

    def _look_up(self, ids: Sequence[str]) -> None:
        """Read the cards that are pointed to, once each."""
        new = [i for i in dict.fromkeys(ids) if i and i not in self._others]
        for copy in self.shelf.copies(new):
            self._others[copy.id] = _Other(copy.card.uid, copy.card.name)

    def _linked(self, row: Row) -> Row | Refusal:
        """Return a row with identifiers as links."""
        links = self._links(row)
        for name, id_ in links.items():
            if id_ not in self._others:
                says = "the card it points to is not in the address book"
                return Refusal("LINKED_RECORD_MISSING", name, says)
        uids = {name: self._others[id_].uid for name, id_ in links.items()}
        employer = links.get("employer")
        company = self._others[employer].name if employer else None
        return replace(row, values={**row.values, **uids}, company=company)


def kept(value: Value) -> Value:
    """Return a value as a card keeps it; a blank text is none."""
    if not isinstance(value, str):
        return value
    return clean_text(value) or None


def _is_card(value: Value) -> bool:
    return isinstance(value, str) and value.startswith(f"{DATASET}:")
