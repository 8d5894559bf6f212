"""What the values of one date column prove together: which number is the day, which era counts."""

import re
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.dates import CLEARLY_PAST, plain_date

__all__ = ["DateEvidence", "infer_date_order"]

_NUMERIC = re.compile(r"^(\d{1,2})[./\- ]{1,2}(\d{1,2})[./\- ]{1,2}(\d{4}|\d{2})(?!\d)")
_SURELY_BUDDHIST = range(32, 50)
"""Short Thai years that lie ahead if they are common ones (2032 to 2049)."""


@dataclass(frozen=True, slots=True)
class DateEvidence:
    """What the distinct values of one column say about the order of day and month.

    Attributes:
        order: The order that is proven; None where nothing or contradictory things are.
        dmy: Values that only day before month can explain.
        mdy: Values that only month before day can explain.
        either: Values that both can explain.
        era: buddhist or gregorian where years of two digits prove it in a Thai column.
    """

    order: str | None
    dmy: int
    mdy: int
    either: int
    era: str | None = None

    @property
    def options(self) -> dict[str, object]:
        """Return the options of the kernel that this evidence settles."""
        found = {"date_order": self.order, "date_era": self.era}
        told: dict[str, object] = {name: value for name, value in found.items() if value}
        if self.dmy or self.mdy or self.either:
            told["date_evidence"] = self.told
        return told

    @property
    def told(self) -> str:
        """Return the evidence in one clause."""
        return (
            f"{self.dmy} distinct values of the column prove day before month, "
            f"{self.mdy} month before day, {self.either} fit both"
        )


def infer_date_order(values: pl.Series, rules: RegionRules) -> DateEvidence:
    """Weigh one column: which order do values with a day above 12 prove?

    A region with one order for such dates keeps it unless every proof of the column speaks
    against it.

    Args:
        values: Distinct texts of one column.
        rules: The region of the column; its orders break a tie that evidence leaves.
    """
    dmy = mdy = either = common = local = 0
    for text in values.drop_nulls():
        match = _NUMERIC.match(plain_date(text))
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        dmy += 12 < first <= 31 and 1 <= second <= 12
        mdy += 12 < second <= 31 and 1 <= first <= 12
        either += first <= 12 and second <= 12 and first != second
        if len(match[3]) == 2:
            common += int(match[3]) > CLEARLY_PAST
            local += int(match[3]) in _SURELY_BUDDHIST
    order = None
    if bool(dmy) != bool(mdy):
        order = "dmy" if dmy else "mdy"
    elif not dmy:
        usual = [o for o in rules.date_orders if o in {"dmy", "mdy"}]
        order = usual[0] if len(usual) == 1 else None
    era = None
    if rules.calendar == "buddhist" and bool(common) != bool(local):
        era = "gregorian" if common else "buddhist"
    return DateEvidence(order, dmy, mdy, either, era)
