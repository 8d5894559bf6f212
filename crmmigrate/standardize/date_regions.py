"""What a column of dates proves where its rows are of several regions: each region's own values."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.date_evidence import DateEvidence, infer_date_order

__all__ = ["BY_REGION", "RegionalEvidence", "infer_by_region"]

BY_REGION = "date_regions"
"""Option of the kernel: region → options that its rows are read with."""
_MOST_TOLD = 3
_LATE_DAY = r"^\d{4}-\d{2}-(?:1[3-9]|2\d|3[01])"
_NO_ACCIDENT = 4
"""So many days of a month are none over 12 in one of forty cases (0.4 to the fourth)."""


@dataclass(frozen=True, slots=True)
class RegionalEvidence:
    """What the values of one column say, region by region.

    Attributes:
        regions: Region → what its values say; None is the key of rows without a region.
        unusual: Region → options of the kernel, where its values are not read as it usually writes.
    """

    regions: Mapping[str | None, DateEvidence]
    unusual: Mapping[str | None, Mapping[str, object]] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, object]:
        """Return the options of the kernel that this evidence settles."""
        if len(self.regions) == 1:
            return next(iter(self.regions.values())).options
        return {BY_REGION: dict(self.unusual)} if self.unusual else {}

    @property
    def summary(self) -> str | None:
        """Say what decides the order; None where there is nothing to decide."""
        if len(self.regions) == 1:
            return next(iter(self.regions.values())).summary
        return _told({r: e.summary for r, e in self.regions.items() if r in self.unusual})

    @property
    def question(self) -> str | None:
        """Ask for the order where neither values nor region tell; None where nothing is asked."""
        if len(self.regions) == 1:
            return next(iter(self.regions.values())).question
        return _told({region: e.question for region, e in self.regions.items()})


def _told(sentences: Mapping[str | None, str | None]) -> str | None:
    """Return the sentences of a few regions behind each other."""
    found = [(region, text) for region, text in sentences.items() if text]
    shown = [f"{region or 'no region'}: {text}" for region, text in found[:_MOST_TOLD]]
    more = len(found) - len(shown)
    return "; ".join([*shown, *([f"and {more} more regions"] if more else [])]) or None


def infer_by_region(values: pl.DataFrame, book: RegionBook) -> RegionalEvidence:
    """Weigh one column region by region.

    A region whose own values prove nothing keeps its order, unless what the other regions prove is
    the opposite, or all but the doubtful dates of the column are standardized already: then its
    dates may be written either way.

    Args:
        values: Distinct `text` and `region` of one column.
        book: Rules of all regions.
    """
    parts = values.filter(pl.col("text").is_not_null()).partition_by(
        "region", as_dict=True, maintain_order=True
    )
    texts: dict[str | None, pl.Series] = {region: t["text"] for (region,), t in parts.items()}
    found = {region: infer_date_order(t, book.get(region)) for region, t in texts.items()}
    proven = {e.order for e in found.values() if e.order and (e.dmy or e.mdy)}
    standard = bool(values["text"].str.contains(_LATE_DAY).any())
    unusual: dict[str | None, Mapping[str, object]] = {}
    for region, evidence in found.items():
        rules = book.get(region)
        usual = [o for o in rules.date_orders if o in {"dmy", "mdy"}]
        if against := _against(evidence, proven, standard=standard):
            open_ = infer_date_order(texts[region], replace(rules, date_orders=()))
            found[region] = replace(open_, doubted=True, against=against)
        read = found[region]
        if read.options and (read.doubted or read.era or [read.order] != usual):
            unusual[region] = read.options
    return RegionalEvidence(dict(sorted(found.items(), key=lambda e: e[0] or "")), unusual)


def _against(evidence: DateEvidence, proven: AbstractSet[str], *, standard: bool) -> str:
    """Say what makes an order doubtful that only the region tells; "" for nothing."""
    if evidence.order is None or evidence.dmy or evidence.mdy or not evidence.either:
        return ""
    if others := proven - {evidence.order}:
        return f"other regions of the column prove {min(others)}"
    if standard and evidence.either >= _NO_ACCIDENT:
        return "none has a day over 12, as those of the column that are in standard form"
    return ""
