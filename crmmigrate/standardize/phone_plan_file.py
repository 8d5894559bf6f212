"""The numbering plans as a file, because building them anew takes more than a second.

The file belongs to one release of `phonenumbers`; beside any other release the plans are built from
its metadata when they are first needed.
"""

from dataclasses import asdict
from importlib.resources import as_file, files
from pathlib import Path

import phonenumbers
import polars as pl

from crmmigrate.values.phone_plans import Plans, Verdict, build_plans

__all__ = ["load_plans", "write_plans"]

_NAME = "phone_plans.parquet"


def write_plans(path: Path) -> None:
    """Write the plans of the installed release."""
    plans = build_plans()
    kinds = {"steps": pl.List(pl.UInt32), "verdict_of": pl.List(pl.UInt32)}
    columns = {
        "release": phonenumbers.__version__,
        "root": plans.root,
        "steps": plans.steps,
        "verdict_of": plans.verdict_of,
        "codes": list(plans.starts),
        "starts": list(plans.starts.values()),
        "verdicts": [asdict(verdict) for verdict in plans.verdicts],
    }
    row = pl.DataFrame({name: [value] for name, value in columns.items()}, schema_overrides=kinds)
    row.write_parquet(path, compression="zstd", compression_level=15)


def load_plans() -> Plans:
    """Read the plans, or build them if another release of `phonenumbers` is installed."""
    with as_file(files("crmmigrate.values") / "data" / _NAME) as path:
        found = pl.scan_parquet(path)
        if found.select("release").collect().item() != phonenumbers.__version__:
            return build_plans()
        row = found.collect().row(0, named=True)
    starts = dict(zip(row["codes"], row["starts"], strict=True))
    verdicts = [Verdict(**verdict) for verdict in row["verdicts"]]
    return Plans(row["steps"], row["verdict_of"], verdicts, starts, row["root"])
