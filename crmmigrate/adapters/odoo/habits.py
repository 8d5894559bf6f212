"""What Odoo does by itself to records that are written, and what we do so that it does no harm.

Sources: `res_partner.py`, `res_users.py` and `mail_message.py` of Odoo 11 and 16.

- A partner of type `contact` always has the address of its company: with a company of their own,
  people get the type `other`, which keeps their address.
- The first contact of a company without an address gives the company its own address: the company
  is emptied again.
- A user must have a login: who has no e-mail address gets our key, and cannot sign in.
- A lead must have a title: it gets its company, person, address or number.
- A remark is an internal note (`mail.mt_note`), not a message to followers.
- An event about a record makes a to-do of it, also years later, and invites who creates it: events
  get what they are about in a second step, and nobody is invited.
"""

from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import replace

from crmmigrate.adapters.numbered.operations import Op
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.fields import Model
from crmmigrate.adapters.odoo.rows import Row

__all__ = ["Habits", "login_of"]

_ADDRESS = ("street", "street2", "zip", "city", "state_id", "country_id")
_PARENT = "parent_id/.id"


def login_of(key: str) -> str:
    """Return the login of a user who has no e-mail address."""
    return f"no-login:{key}"


class Habits:
    """The habits of one model."""

    def __init__(self, client: Client, model: Model) -> None:
        self._client = client
        self._model = model

    def completed(self, op: Op) -> Op:
        """Return a create with what the model cannot do without."""
        if self._model.name == "res.users" and not op.values.get("login"):
            return replace(op, values={**op.values, "login": login_of(op.key)})
        return op

    def complete_cells(self, cells: MutableMapping[str, str], *, create: bool) -> None:
        """Add cells that keep Odoo's habits away."""
        if self._model.name == "res.partner" and cells.get(_PARENT) and not cells.get("type"):
            cells["type"] = "other"
        if self._model.name == "res.users" and create and "email" in self._model.slots:
            login = cells.get("login", "")
            if "email" not in cells and "@" in login:
                cells["email"] = login
        if self._model.name == "mail.message" and create and "subtype_id/.id" not in cells:
            cells["subtype_id/id"] = "mail.mt_note"
        if self._model.name == "crm.lead" and create and not cells.get("name"):
            named = (cells.get(f) for f in ("partner_name", "contact_name", "email_from", "phone"))
            cells["name"] = next((n for n in named if n), "")
        if self._model.name == "calendar.event" and create:
            cells.setdefault("partner_ids/.id", "")

    def postponed(self, cells: MutableMapping[str, str]) -> dict[str, str]:
        """Take out cells that are to be written in a second step, and return them."""
        if self._model.name != "calendar.event" or not cells.get("res_id"):
            return {}
        return {name: cells.pop(name) for name in ("res_id", "res_model_id/.id")}

    def parents_to_spare(self, rows: Iterable[Row]) -> list[int]:
        """Return companies without an address that are about to get that of a contact."""
        if self._model.name != "res.partner":
            return []
        parents = {
            int(row.cells[_PARENT])
            for row in rows
            if row.cells.get(_PARENT) and any(_cell(row, f) for f in _ADDRESS)
        }
        domain: list[object] = [["id", "in", sorted(parents)]]
        domain += [[name, "=", False] for name in _ADDRESS]
        return self._search(domain) if parents else []

    def spare(self, parents: Sequence[int]) -> None:
        """Take from companies the address they were given."""
        if not parents:
            return
        domain: list[object] = [["id", "in", list(parents)], *["|"] * (len(_ADDRESS) - 1)]
        domain += [[name, "!=", False] for name in _ADDRESS]
        filled = self._search(domain)
        if filled:
            vals = dict.fromkeys(_ADDRESS, False)
            self._client.call("res.partner", "write", {"vals": vals}, ids=filled, repeatable=True)

    def _search(self, domain: list[object]) -> list[int]:
        arguments = {"domain": domain, "offset": 0, "limit": None}
        found: list[int] = self._client.call("res.partner", "search", arguments, repeatable=True)
        return found


def _cell(row: Row, name: str) -> str:
    return row.cells.get(name) or row.cells.get(f"{name}/.id") or ""
