"""Made-up golden records of the small model, as many as wanted, the same for the same seed."""

from dataclasses import dataclass
from random import Random

from crmmigrate.testing.worlds import Record

__all__ = ["made_up_records", "record_key"]

_NAMES = ("Ana", "Bjørn", "Chloé", "ณัฐ", "Łukasz", "ʻOkina", "李", "Zoë 😀")
_BLANK = 0.2
"""Share of optional references that are left blank."""


def record_key(object_: str, number: int) -> str:
    """Return the record key of a made-up record."""
    return f"legacy:{object_}:{object_}s/{number}"


def made_up_records(size: int, seed: int = 0) -> dict[str, list[Record]]:
    """Return records of all objects with references of every kind between them.

    Args:
        size: Number of contacts; the other objects follow from it.
        seed: Of the random numbers.
    """
    counts = {
        "user": max(1, size // 50),
        "account": max(1, size // 5),
        "contact": size,
        "invoice": size // 2,
        "invoice_line": size if size > 1 else 0,
        "note": size // 3,
        "attachment": size // 20,
    }
    maker = _Maker(Random(seed), counts)  # noqa: S311 - no secrets here
    return {o: [maker.record(o, i) for i in range(count)] for o, count in counts.items()}


@dataclass(frozen=True)
class _Maker:
    random: Random
    counts: dict[str, int]

    def record(self, object_: str, number: int) -> Record:
        """Return one record of an object."""
        return {"_key": record_key(object_, number), **getattr(self, f"_{object_}")()}

    def _surely(self, object_: str) -> str:
        return record_key(object_, self.random.randrange(self.counts[object_]))

    def _perhaps(self, *objects: str) -> str | None:
        object_ = self.random.choice(objects)
        return (
            None
            if not self.counts[object_] or self.random.random() < _BLANK
            else self._surely(object_)
        )

    def _name(self) -> str:
        return f"{self.random.choice(_NAMES)} {self.random.randrange(10**6)}"

    def _amount(self) -> str:
        return f"{self.random.randrange(10**9) / 100:.2f}"

    def _user(self) -> Record:
        return {"name": self._name(), "manager": self._perhaps("user")}

    def _account(self) -> Record:
        return {
            "name": self._name(),
            "kind": self.random.choice(["customer", "supplier", None]),
            "revenue": f"{self._amount()} EUR",
            "revenue_amount": self._amount(),
            "parent": self._perhaps("account"),
            "owner": self._perhaps("user"),
            "main_contact": self._perhaps("contact"),
        }

    def _contact(self) -> Record:
        return {
            "name": self._name(),
            "active": self.random.choice(["true", "false", None]),
            "born": f"19{self.random.randrange(10, 99)}-02-2{self.random.randrange(9)}",
            "seen": f"2024-0{self.random.randrange(1, 10)}-01T00:00:00Z",
            "account": self._perhaps("account"),
        }

    def _invoice(self) -> Record:
        return {"number": str(self.random.randrange(10**6)), "account": self._surely("account")}

    def _invoice_line(self) -> Record:
        quantity = f"{self.random.randrange(1000) / 10:.1f}"
        return {"quantity": quantity, "invoice": self._surely("invoice")}

    def _note(self) -> Record:
        return {"body": self._name() * 3, "about": self._perhaps("account", "contact")}

    def _attachment(self) -> Record:
        return {"content": self.random.randbytes(64), "parent": self._perhaps("note", "contact")}
