"""The region of each row of a single file: from a column with countries, else that of the file."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.errors import UsageError
from crmmigrate.model.changelog import CHANGE_FRAME, RegionOrigin
from crmmigrate.model.columns import text_of
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.fields import FieldInput, read_field
from crmmigrate.values.countries import country_code

__all__ = ["RowRegions", "known_region"]

_UNDERSTOOD = ("unchanged", "normalised", "repaired")
_DOUBTED = "STD50[2-9]"
"""Codes that say that a country was read by resemblance, or not at all."""
_MOST_SHOWN = 3


def known_region(region: str | None, book: RegionBook) -> str | None:
    """Return the region as it is written in rules; a blank one is none.

    Raises:
        UsageError: there is no such region.
    """
    code = (region or "").strip().upper()
    if code and code not in book.regions:
        meant = country_code(region)
        likely = f"; did you mean '{meant}'?" if meant and meant in book.regions else ""
        raise UsageError(
            f"unknown region '{region}'{likely}",
            hint="a region is a country code of two letters (ISO 3166-1), e.g. RO, NO, US",
        )
    return code or None


@dataclass
class RowRegions:
    """Gives rows their regions, and tells which countries it did not understand.

    A blank cell takes the region of the file. A cell that names no country takes none, since that
    of the file would be a guess.

    Attributes:
        column: Column with countries in any spelling; None if there is none.
        default: Region of rows that tell none.
        book: Rules of all regions.
        guessed: Countries read by resemblance, and how many cells hold them.
        unknown: Texts that name no country, or several, and how many cells hold them.
    """

    column: str | None
    default: str | None
    book: RegionBook
    guessed: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def of(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return `_region` and `_region_from` of each row, and what is told of its country.

        Args:
            rows: The column with countries, if there is one.

        Returns:
            The two columns, and the change log (CHANGE_FRAME, with row numbers as `_key`) of the
            cells that were read by resemblance or not at all.
        """
        default = pl.lit(self.default, pl.String)
        by_file = pl.lit(RegionOrigin.FILE if self.default else None, pl.String)
        if self.column is None:
            same = pl.DataFrame({"_region": [self.default]}).with_columns(_region_from=by_file)
            return same[[0] * rows.height], CHANGE_FRAME.to_frame()
        text = text_of(self.column, rows.schema[self.column]).alias("country")
        country = rows.select(text)
        reading = read_field(country, FieldInput("country", SemanticType.COUNTRY), self.book)
        cell = pl.col("country").str.strip_chars()
        read = country.with_columns(reading.column("value"), reading.column("status"))
        told = read.select(
            self._code(cell).alias("told"), (cell == "").fill_null(value=True).alias("empty")
        )
        known = pl.when(pl.col("told").is_not_null()).then(pl.lit(RegionOrigin.RECORD))
        regions = told.select(
            pl.when("empty").then(default).otherwise("told").alias("_region"),
            pl.when("empty").then(by_file).otherwise(known).alias("_region_from"),
        )
        keys = pl.int_range(rows.height, eager=True).cast(pl.String)
        changes = reading.changes(keys, regions["_region_from"], self.column)
        return regions, changes.filter(pl.col("codes").str.contains(_DOUBTED))

    def _code(self, cell: pl.Expr) -> pl.Expr:
        """Return the region that a cell tells, of rows with `value` and `status` of its country."""
        code = cell.str.to_uppercase()
        understood = pl.col("status").is_in(_UNDERSTOOD) & (pl.col("value").str.len_bytes() == 2)
        return (
            pl.when(code.is_in(list(self.book.regions))).then(code).when(understood).then("value")
        )

    def tell(self, doubted: pl.DataFrame) -> pl.DataFrame:
        """Count countries in doubt and return their log: the column itself stays as it is."""
        for before, status, count in doubted.group_by("before", "status").len().iter_rows():
            (self.guessed if status in _UNDERSTOOD else self.unknown)[before] += count
        stays = pl.col("before").alias("after"), pl.lit("flagged").alias("action")
        return doubted.with_columns(stays)

    def notes(self) -> list[str]:
        """Say how many countries were guessed or not understood."""
        found = []
        for counts, what in (
            (self.unknown, "no single country, so the rows have no region"),
            (self.guessed, "a country only by resemblance"),
        ):
            if counts:
                shown = ", ".join(text[:20] for text, _ in counts.most_common(_MOST_SHOWN))
                found.append(f"{self.column}: {counts.total():,} cells name {what} ({shown})")
        return found
