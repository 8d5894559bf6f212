"""Where our record keys stand in Tryton: in the records themselves, so that both come at once.

| model | place |
|---|---|
| `party.party` | an identifier without a type, `crmmigrate:<key>` |
| `company.employee` | that of its party |
| `product.template` | an identifier of its variant |
| `sale.opportunity` | the field `reference` |
| `ir.attachment` | the field `link`, which only links use |
| `ir.note`, code tables | an attachment of theirs named `crmmigrate`, with the key as its link |

`ir.model.data` will not do: since Tryton 8 it takes names of modules only, and the records of a
module that its files do not name are deleted when it is brought up to date. See decision 0019.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from crmmigrate.adapters.numbered.operations import pieces
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault
from crmmigrate.adapters.tryton.fields import EMPLOYEE, PARTY
from crmmigrate.adapters.tryton.parts import PREFIX

__all__ = ["NO_SIDECARS", "SIDECAR", "WORD", "Keys", "coded"]


SIDECAR = "crmmigrate"
"""Name of attachments that hold the key of the record they belong to."""
WORD = f"{PREFIX}~word"
"""Link of the attachment of a record of a code table that we have added; no key has a tilde."""
NO_SIDECARS: list[object] = ["OR", ["name", "!=", SIDECAR], ["type", "!=", "link"]]
_LOOKUP = 500
"""Keys in one search."""
_SAFE = ":/-_.@+ ,;!$&'()*="
TEMPLATE, PRODUCT = "product.template", "product.product"


def coded(key: str) -> str:
    """Return a key as Tryton can hold it: without blanks, tabs and breaks at its ends."""
    return PREFIX + quote(key, safe=_SAFE.replace(" ", ""), errors="surrogatepass")


def plain(text: object) -> str | None:
    """Return the key that a text holds, or None."""
    told = str(text or "")
    if not told.startswith(PREFIX) or told == WORD:
        return None
    return unquote(told.removeprefix(PREFIX), errors="surrogatepass")


class Keys:
    """The keys of one database that are ours."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ids(self, model: str, keys: Sequence[str]) -> dict[str, int]:
        """Return key → id of the records of a model that bear it; the first of several."""
        found: dict[str, int] = {}
        for some in pieces(list(dict.fromkeys(keys)), _LOOKUP):
            for text, number in self._holders(model, [coded(key) for key in some]):
                key = plain(text)
                if key is not None:
                    found.setdefault(key, number)
        return found

    def keys(self, model: str, ids: Sequence[int]) -> dict[int, str]:
        """Return id → key; of several keys of one record the first."""
        found: dict[int, str] = {}
        for some in pieces(list(dict.fromkeys(ids)), _LOOKUP):
            for number, text in self._held(model, some):
                key = plain(text)
                if key is not None:
                    found.setdefault(number, key)
        return found

    def stamp(self, model: str, key: str, values: dict[str, Any]) -> None:
        """Put the key into the values of a new record; a note gets it afterwards."""
        mark = ["create", [{"code": coded(key)}]]
        if model == PARTY:
            values.setdefault("identifiers", []).append(mark)
        elif model == TEMPLATE:
            values["products"] = [["create", [{"identifiers": [mark]}]]]
        elif model == "sale.opportunity":
            values["reference"] = coded(key)
        elif model == "ir.attachment":
            values["link"] = coded(key)

    def give(self, model: str, number: int, key: str) -> None:
        """Give a record that others have made our key.

        Raises:
            TrytonFault: the place is taken by what people wrote, or Tryton does not let us.
        """
        place = self._place(model, number)
        if self.is_beside(model):
            self.attach(model, [(number, key)])
        elif model in _FIELDS:
            field = _FIELDS[model]
            has = self._rows(model, [["id", "=", number], *_own(model)], [field])[0][field]
            if has:
                raise TrytonFault("UserError", f"the field {field}, where our key goes, is in use")
            self._client.call_for_company(model, "write", [number], {field: coded(key)})
        else:
            table, owner, holder = place
            self._client.call_for_company(table, "create", [{owner: holder, "code": coded(key)}])

    def take(self, model: str, number: int) -> None:
        """Take our key from a record."""
        table, owner, holder = self._place(model, number)
        if model in _FIELDS:
            self._client.call_for_company(model, "write", [number], {_FIELDS[model]: None})
            return
        domain = [[owner, "=", holder]]
        code = "link" if self.is_beside(model) else "code"
        rows = self._rows(table, domain, [code])
        ours = [int(row["id"]) for row in rows if plain(row[code]) is not None]
        if ours:
            self._client.call_for_company(table, "delete", ours)

    def _place(self, model: str, number: int) -> tuple[str, str, object]:
        """Return the model that holds the key of a record, its field for the owner, the owner."""
        if model == PARTY:
            return "party.identifier", "party", number
        if model == EMPLOYEE:
            rows = self._rows(EMPLOYEE, [["id", "=", number]], ["party"])
            return "party.identifier", "party", int(rows[0]["party"])
        if model == TEMPLATE:
            rows = self._rows(PRODUCT, [["template", "=", number]], ["id"])
            return "product.identifier", "product", int(rows[0]["id"]) if rows else None
        return "ir.attachment", "resource", f"{model},{number}"

    def is_beside(self, model: str) -> bool:
        """Return whether the key of a record stands in an attachment of it."""
        return model not in {PARTY, EMPLOYEE, TEMPLATE, "sale.opportunity", "ir.attachment"}

    def attach(self, model: str, marks: Iterable[tuple[int, str]]) -> None:
        """Attach keys, or WORD, to records."""
        rows = [
            {
                "name": SIDECAR,
                "type": "link",
                "link": mark if mark == WORD else coded(mark),
                "resource": f"{model},{number}",
            }
            for number, mark in marks
        ]
        if rows:
            self._client.call("ir.attachment", "create", rows)

    def words(self) -> dict[str, list[int]]:
        """Return model → ids of the records of code tables that we have added."""
        rows = self._rows("ir.attachment", [["link", "=", WORD]], ["resource"])
        found: dict[str, list[int]] = {}
        for row in rows:
            model, _, number = str(row["resource"]).partition(",")
            found.setdefault(model, []).append(int(number))
        return found

    def _holders(self, model: str, texts: list[str]) -> Iterator[tuple[str, int]]:
        """Yield key as it is held → record."""
        if model in {PARTY, EMPLOYEE}:
            domain = [["code", "in", texts], ["type", "=", None]]
            rows = self._rows("party.identifier", domain, ["code", "party"])
            parties = {int(r["party"]): str(r["code"]) for r in reversed(rows)}
            if model == PARTY:
                yield from ((text, number) for number, text in parties.items())
                return
            employees = self._rows(EMPLOYEE, [["party", "in", list(parties)]], ["party"])
            yield from ((parties[int(r["party"])], int(r["id"])) for r in employees)
        elif model == TEMPLATE:
            rows = self._rows(
                "product.identifier", [["code", "in", texts]], ["code", "product.template"]
            )
            yield from ((str(r["code"]), int(r["product."]["template"])) for r in rows)
        elif self.is_beside(model):
            domain = [["link", "in", texts], ["name", "=", SIDECAR]]
            for row in self._rows("ir.attachment", domain, ["link", "resource"]):
                owner, _, number = str(row["resource"]).partition(",")
                if owner == model:
                    yield str(row["link"]), int(number)
        else:
            field = _FIELDS[model]
            domain = [[field, "in", texts], *_own(model)]
            yield from ((str(r[field]), int(r["id"])) for r in self._rows(model, domain, [field]))

    def _held(self, model: str, ids: list[int]) -> Iterator[tuple[int, object]]:
        """Yield record → key as it is held."""
        if model == PARTY:
            domain = [["party", "in", ids], ["type", "=", None]]
            for row in self._rows("party.identifier", domain, ["code", "party"]):
                yield int(row["party"]), row["code"]
        elif model == EMPLOYEE:
            rows = self._rows(EMPLOYEE, [["id", "in", ids]], ["party"])
            parties = {int(r["party"]): int(r["id"]) for r in rows}
            for number, text in self._held(PARTY, list(parties)):
                yield parties[number], text
        elif model == TEMPLATE:
            domain = [["product.template", "in", ids]]
            for row in self._rows("product.identifier", domain, ["code", "product.template"]):
                yield int(row["product."]["template"]), row["code"]
        elif self.is_beside(model):
            owners = [f"{model},{number}" for number in ids]
            domain = [["resource", "in", owners], ["name", "=", SIDECAR]]
            for row in self._rows("ir.attachment", domain, ["link", "resource"]):
                yield int(str(row["resource"]).partition(",")[2]), row["link"]
        else:
            field = _FIELDS[model]
            domain = [["id", "in", ids], *_own(model)]
            yield from ((int(r["id"]), r[field]) for r in self._rows(model, domain, [field]))

    def _rows(
        self, model: str, domain: Sequence[object], fields: list[str]
    ) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._client.call_for_company(
            model, "search_read", domain, 0, None, [["id", "ASC"]], fields, repeatable=True
        )
        return rows


_FIELDS: Mapping[str, str] = {"sale.opportunity": "reference", "ir.attachment": "link"}


def _own(model: str) -> list[object]:
    return [NO_SIDECARS] if model == "ir.attachment" else []
