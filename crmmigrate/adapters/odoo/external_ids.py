"""Our record keys as external ids of Odoo: `__crmmigrate__.<key>` in `ir.model.data`."""

import re
from collections.abc import Iterator, Sequence

from crmmigrate.adapters.numbered.operations import pieces
from crmmigrate.adapters.odoo.client import Client

__all__ = ["MODULE", "WORD_PREFIX", "ExternalIds", "key_of", "name_of"]


MODULE = "__crmmigrate__"
"""The module our names are in; with underscores, since no real module is called so."""
_PLAIN = re.compile(rb"[A-Za-z0-9:/-]")
WORD_PREFIX = "word~"
"""Names of records of code tables that we have added; no key has a name with a tilde."""
_CODED = re.compile(r"=([0-9A-F]{2})")
_LOOKUP = 1000
"""Names in one search."""


def name_of(key: str) -> str:
    """Return the name for a key: no dot, blank or comma, which external ids cannot hold.

    Other characters become `=XX` for each byte of UTF-8, so that no two keys share a name. So do
    underscores: Odoo names the partner of a user after the user, with `_res_partner` at the end.
    """
    coded = (
        chr(byte) if _PLAIN.fullmatch(bytes((byte,))) else f"={byte:02X}"
        for byte in key.encode("utf-8", "surrogatepass")
    )
    return "".join(coded)


def key_of(name: str) -> str:
    """Return the key that a name stands for."""
    if "=" not in name:
        return name
    pieces = re.split(_CODED, name)
    coded = (
        bytes.fromhex(piece) if place % 2 else piece.encode("utf-8")
        for place, piece in enumerate(pieces)
    )
    return b"".join(coded).decode("utf-8", "surrogatepass")


class ExternalIds:
    """The external ids of one database that are ours."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ids(self, model: str, keys: Sequence[str]) -> dict[str, int]:
        """Return key → id of those records of a model that we have named so."""
        found: dict[str, int] = {}
        for names in pieces([name_of(key) for key in dict.fromkeys(keys)], _LOOKUP):
            for row in self._search(model, ["name", "in", names]):
                found[key_of(str(row["name"]))] = int(str(row["res_id"]))
        return found

    def keys(self, model: str, ids: Sequence[int]) -> dict[int, str]:
        """Return id → key; of several keys of one record the first."""
        found: dict[int, str] = {}
        for some in pieces(list(dict.fromkeys(ids)), _LOOKUP):
            for row in self._search(model, ["res_id", "in", some]):
                name = str(row["name"])
                if "_" not in name and "~" not in name:
                    found.setdefault(int(str(row["res_id"])), key_of(name))
        return found

    def _search(self, model: str, condition: list[object]) -> Iterator[dict[str, object]]:
        domain = [["module", "=", MODULE], ["model", "=", model], condition]
        yield from self._client.call(
            "ir.model.data",
            "search_read",
            {
                "domain": domain,
                "fields": ["name", "res_id"],
                "offset": 0,
                "limit": None,
                "order": "id",
            },
            repeatable=True,
        )
