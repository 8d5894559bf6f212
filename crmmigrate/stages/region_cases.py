"""Run the cases that stand in region files, as `crmmigrate check` does for those of a project."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from crmmigrate.config.region_cases import RegionCase, read_cases
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.fields import FieldInput, standardize_values

__all__ = ["check_region_files", "failed_cases"]


def check_region_files(root: Path, book: RegionBook) -> Iterator[tuple[str, str]]:
    """Yield place and reason of each case in the project's region files that does not hold.

    Args:
        root: Folder of the project.
        book: Rules of all regions, the project's included.
    """
    for path in sorted((root / "rules" / "regions").glob("[!_]*.yaml")):
        shown = path.relative_to(root).as_posix()
        yield from failed_cases(path.stem.upper(), read_cases(path, shown=shown), book)


def failed_cases(
    region: str, cases: Iterable[RegionCase], book: RegionBook
) -> Iterator[tuple[str, str]]:
    """Yield place and reason of each case that does not hold in a region."""
    for case in cases:
        frame = pl.DataFrame({"value": [case.given], "_region": [region]})
        outcome = standardize_values(frame, FieldInput("value", case.kind), book)
        found = outcome[case.part or "value"][0] or ""
        if found != case.expected:
            name = f"{case.kind}.{case.part}" if case.part else str(case.kind)
            yield case.where, f"cases.{name}: '{case.given}' gives '{found}', not '{case.expected}'"
