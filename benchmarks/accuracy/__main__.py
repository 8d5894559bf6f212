"""Count how many cases with a known outcome are read right, beside the best peer library.

Usage: python benchmarks/accuracy FOLDER [KIND ...] [--wrong N]

FOLDER holds the cases in one folder a kind (phone/, email/, …). Each module beside this file
measures one kind: `measure(folder, book)` yields `Line`s. --wrong prints N cases of each line that
were read wrong. Exits 1 if a line is below its target.
"""

import argparse
import importlib
import sys
from pathlib import Path

from crmmigrate.config.regions import load_region_book


def main() -> int:
    """Print one table; return the exit code."""
    every = sorted(
        p.stem
        for p in Path(__file__).parent.glob("[a-z]*.py")
        if "def measure(" in p.read_text("utf-8")
    )
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("kinds", nargs="*", default=every, metavar="KIND", help=", ".join(every))
    parser.add_argument("--wrong", type=int, default=0, help="print so many wrong cases a line")
    given = parser.parse_args()
    book = load_region_book(None)
    print(f"{'kind':14}{'cases':34}{'n':>8}{'right %':>9}{'target':>8}{'peer %':>8}")
    missed = 0
    for kind in given.kinds:
        for line in importlib.import_module(kind).measure(given.folder, book):
            share = 100 * line.right / line.total if line.total else 100.0
            target = "" if line.target is None else f"{line.target:.1f}"
            peer = "" if line.peer is None else f"{100 * line.peer / line.total:.1f}"
            print(f"{kind:14}{line.name:34}{line.total:8}{share:9.2f}{target:>8}{peer:>8}")
            for case in line.wrong[: given.wrong]:
                print(f"    {case}")
            missed += line.target is not None and share < line.target
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
