"""What differs between versions of Odoo, in one place.

Sources: the JSON-RPC answers of Odoo 11.0 and 16.0, and for 19 the page "External JSON-2 API" of
Odoo's developer documentation. The fields of a server are never guessed from its version: they
come from its own `fields_get`; here stands only which names mean the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ALIASES", "Version"]

_FIRST_JSON2 = 19
_FIRST_BATCH_CREATE = 12
"""Since Odoo 12 `create` takes a list of records (`@api.model_create_multi`)."""
_OLDEST = 11

ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "crm.lead": {"expected_revenue": ("planned_revenue",)},
        "calendar.event": {"start": ("start_datetime",), "stop": ("stop_datetime",)},
        "product.template": {"detailed_type": ("type",)},
        "ir.attachment": {"name": ("datas_fname",)},
        "res.partner": {"company_registry": ("registry",)},
    }
)
"""Model → name of today → older names; used where a server has only the older one."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The version of a server: 11 and later are spoken to.

    Attributes:
        major: E.g. 16; that of Odoo Online's intermediate releases, too (saas~16.3 is 16).
    """

    major: int

    @classmethod
    def of(cls, told: object) -> "Version":
        """Return the version from `server_version_info` or `server_version`.

        Args:
            told: E.g. [16, 0, 0, "final", 0, ""], ["saas~16", 3, …] or "11.0-20180101".

        Raises:
            ValueError: there is no number in it.
        """
        first = told[0] if isinstance(told, list) and told else told
        digits = str(first).rpartition("~")[2].partition(".")[0].partition("-")[0]
        return cls(int(digits))

    @property
    def supported(self) -> bool:
        """Whether the adapter was made for it."""
        return self.major >= _OLDEST

    @property
    def speaks_json2(self) -> bool:
        """Whether it has the JSON-2 API; the older one ends with Odoo 22."""
        return self.major >= _FIRST_JSON2

    @property
    def creates_batches(self) -> bool:
        """Whether `create` takes several records in one call."""
        return self.major >= _FIRST_BATCH_CREATE
