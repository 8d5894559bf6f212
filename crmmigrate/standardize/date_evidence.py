"""What the values of one date column prove together: which number is the day, which era counts."""

from dataclasses import dataclass

import polars as pl

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.date_plans import EITHER
from crmmigrate.values.dates import CLEARLY_PAST, plain_date, read_date

__all__ = ["DateEvidence", "infer_date_order"]

_NUMERIC = r"^(\d{1,2})[./\- ]{1,2}(\d{1,2})[./\- ]{1,2}(\d{4}|\d{2})(?:\D|$)"
_PLAIN = r"^(?:[\x21-\x7e]+ ?)+$"
_STRAY = 0.05
"""Share of proofs against the order of a region below which they are slips of single cells."""
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
        example: One of the values that both can explain.
        readings: The days that this may be.
        doubted: Whether the usual order of the region is in doubt: values speak against it.
        against: What speaks against it where it is not the values themselves.
    """

    order: str | None
    dmy: int
    mdy: int
    either: int
    era: str | None = None
    example: str = ""
    readings: tuple[str, ...] = ()
    doubted: bool = False
    against: str = ""

    @property
    def options(self) -> dict[str, object]:
        """Return the options of the kernel that this evidence settles."""
        order = EITHER if self.doubted else self.order
        found = {"date_order": order, "date_era": self.era}
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
            + (self.against and f"; {self.against}")
        )

    @property
    def summary(self) -> str | None:
        """Say what decides the order of the column; None where there is nothing to decide."""
        proofs = self.dmy if self.order == "dmy" else self.mdy
        if self.order is None or not proofs + self.either:
            return None
        if proofs:
            return f"{self.order}: {_values(proofs)} with a day over 12, none contradicts"
        return f"{self.order}: the region writes so; {_values(self.either)} would fit both orders"

    @property
    def question(self) -> str | None:
        """Ask for the order where neither values nor region tell; None where nothing is asked."""
        if self.order is not None or not self.either:
            return None
        meant = " or ".join(self.readings)
        proofs = f"{self.dmy:,} prove dmy and {self.mdy:,} mdy" if self.dmy else "none decides"
        return f"is {self.example} {meant}? {_values(self.either)} fit both orders, {proofs}"


def _values(count: int) -> str:
    return f"{count:,} distinct value{'' if count == 1 else 's'}"


def infer_date_order(values: pl.Series, rules: RegionRules) -> DateEvidence:
    """Weigh one column: which order do values with a day above 12 prove?

    A region with one order for such dates keeps it unless proofs of the column speak against it:
    all of them turn it, more than a stray one leave both readings.

    Args:
        values: Distinct texts of one column.
        rules: The region of the column; its orders break a tie that evidence leaves.
    """
    numbers = _numbers(values.drop_nulls())
    first, second = pl.col("first"), pl.col("second")
    years = pl.col("year").str.len_bytes() == 2
    short = pl.when(years).then(pl.col("year").cast(pl.Int32))
    either = first.is_between(1, 12) & second.is_between(1, 12) & (first != second)
    dmy, mdy, both, common, local = numbers.select(
        dmy=(first.is_between(13, 31) & second.is_between(1, 12)).sum(),
        mdy=(second.is_between(13, 31) & first.is_between(1, 12)).sum(),
        either=either.sum(),
        common=(short > CLEARLY_PAST).sum(),
        local=short.is_between(_SURELY_BUDDHIST.start, _SURELY_BUDDHIST.stop - 1).sum(),
    ).row(0)
    order, doubted = None, False
    usual = [o for o in rules.date_orders if o in {"dmy", "mdy"}]
    if bool(dmy) != bool(mdy):
        order = "dmy" if dmy else "mdy"
    elif not dmy:
        order = usual[0] if len(usual) == 1 else None
    elif len(usual) == 1:
        doubted = (mdy if usual[0] == "dmy" else dmy) > _STRAY * (dmy + mdy)
    era = None
    if rules.calendar == "buddhist" and bool(common) != bool(local):
        era = "gregorian" if common else "buddhist"
    example, readings = "", tuple[str, ...]()
    if both and order is None:
        example = numbers.filter(either)["text"].head(1).item()
        days = (read_date(example, rules, order=o, era=era).value for o in ("dmy", "mdy"))
        readings = tuple(str(day) for day in days)
    return DateEvidence(order, dmy, mdy, both, era, example, readings, doubted)


def _numbers(values: pl.Series) -> pl.DataFrame:
    """Return `text`, and the `first` and `second` number and `year` of dates written in numbers."""
    usual = values.str.contains(_PLAIN)
    others = [plain_date(text) for text in values.filter(~usual)]
    texts = pl.concat([values.filter(usual), pl.Series(others, dtype=pl.String)]).alias("text")
    groups = pl.col("text").str.extract_groups(_NUMERIC).struct
    return (
        texts.to_frame()
        .with_columns(groups.field("1"), groups.field("2"), groups.field("3"))
        .filter(pl.col("1").is_not_null())
        .select(
            "text", first=pl.col("1").cast(pl.Int32), second=pl.col("2").cast(pl.Int32), year="3"
        )
    )
