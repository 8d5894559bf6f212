"""Time each kind of value on distinct values, beside the library that people would call otherwise.

Usage: python benchmarks/speed [KIND ...] [--values N]      (default: every kind, 100,000 values)

Each module beside this file is one kind: `KERNEL`, `PEER`, `TARGET` (ratio to reach),
`make(count, rng)` → frame with `text` and `_region`, all distinct, `peer(text, region)`, and
`MOST_MICROSECONDS` where the target is a time and no ratio.
Prints CPU microseconds a value for both and their ratio. Both are warm: the kernel has read 20,000 of
the values before (so that machine code is compiled or loaded), the peer 500. The peer is called value by value, on at
most 20,000 of the same values, as well tuned as its documentation allows.
"""

import argparse
import importlib
import random
import sys
from pathlib import Path
from time import process_time
from types import ModuleType

import polars as pl

from crmmigrate.config.regions import load_region_book
from crmmigrate.standardize.kinds import KINDS

PEER_VALUES = 20_000
WARM_VALUES = 20_000


def main() -> int:
    """Print one line a kind; exit 1 if one is slower than its target."""
    every = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kinds", nargs="*", default=every, metavar="KIND", help=", ".join(every))
    parser.add_argument("--values", type=int, default=100_000, help="distinct values of each kind")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the values for later runs"
    )
    given = parser.parse_args()
    print(f"{'kind':16}{'ours µs':>10}{'peer µs':>10}{'ratio':>8}{'target':>8}  peer")
    slow = [kind for kind in given.kinds if not _one(kind, given.values, given.keep)]
    return 1 if slow else 0


def _made(module: ModuleType, count: int, keep: Path | None) -> pl.DataFrame:
    """Return distinct values, those of an earlier run if they were kept."""
    file = keep and keep / f"{module.__name__}-{count}.parquet"
    if file and file.exists():
        return pl.read_parquet(file)
    frame: pl.DataFrame = module.make(count, random.Random(1)).unique(maintain_order=True)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(file)
    return frame


def _one(kind: str, count: int, keep: Path | None) -> bool:
    module = importlib.import_module(kind)
    frame = _made(module, count, keep)
    ours, theirs = _ours(module, frame), _theirs(module, frame)
    ratio = theirs / ours
    print(
        f"{kind:16}{ours:10.2f}{theirs:10.2f}{ratio:8.1f}{module.TARGET:8.0f}  {module.PEER}",
        flush=True,
    )
    most = getattr(module, "MOST_MICROSECONDS", None)
    return bool(ratio >= module.TARGET and (most is None or ours <= most))


def _ours(module: ModuleType, frame: pl.DataFrame) -> float:
    """Return CPU µs a value of the kernel, threads included."""
    book = load_region_book(None)
    kernel = KINDS[module.KERNEL].standardize
    kernel(frame.sample(min(WARM_VALUES, frame.height), seed=1), book, {})
    started = process_time()
    kernel(frame, book, {})
    return (process_time() - started) / frame.height * 1e6


def _theirs(module: ModuleType, frame: pl.DataFrame) -> float:
    rows = frame.sample(min(PEER_VALUES, frame.height), seed=1).select("text", "_region").rows()
    for text, region in rows[:500]:
        module.peer(text, region)
    started = process_time()
    for text, region in rows:
        module.peer(text, region)
    return (process_time() - started) / len(rows) * 1e6


if __name__ == "__main__":
    sys.exit(main())
