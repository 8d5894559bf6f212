"""Types of validation rules and gates."""

from dataclasses import dataclass
from decimal import Decimal

from crmmigrate.model.findings import Severity

__all__ = ["CheckRule", "Gate", "Limit", "ValidationRules"]


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A condition that every record should meet.

    Attributes:
        name: snake_case, unique within the object.
        check: Polars SQL boolean expression over canonical columns; null counts as met.
        message: What is wrong where it is not met.
        severity: An error rejects the record; a warning or info flags it.
        field: Canonical field the finding is about, or ''.
        where: file:line of the rule.
    """

    name: str
    check: str
    message: str
    severity: Severity = Severity.WARNING
    field: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class ValidationRules:
    """Rules of one object beside what the canonical model already demands.

    Attributes:
        object: Canonical object.
        rules: Own conditions.
        lenient: Codes of canonical checks that repair the record instead of rejecting it.
        strict: Codes of canonical checks that reject the record instead of repairing it.
    """

    object: str
    rules: tuple[CheckRule, ...] = ()
    lenient: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()

    def rejects(self, code: str, *, usually: bool) -> bool:
        """Return whether a canonical check rejects records here."""
        return code in self.strict or (usually and code not in self.lenient)


@dataclass(frozen=True, slots=True)
class Limit:
    """A share in percent, or a number of rows."""

    amount: Decimal
    percent: bool

    def __str__(self) -> str:
        return f"{self.amount.normalize():f}{'%' if self.percent else ''}"

    def allows(self, count: int, total: int) -> bool:
        """Return whether `count` of `total` rows is within the limit."""
        if not self.percent:
            return count <= self.amount
        return Decimal(count) * 100 <= self.amount * total


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit on a kind of outcome (`measure`), or on the findings of a rule (`code`)."""

    name: str
    measure: str
    limit: Limit
    object: str | None = None
