"""What the command compile does; loaded only when it runs."""

import json
import sys

from crmmigrate.config.regions import load_region_book
from crmmigrate.stages.compiling import compile_loops

__all__ = ["print_compiled"]


def print_compiled(*, as_json: bool) -> None:
    """Compile everything, and tell how long it took."""
    spent: dict[str, float] = {}

    def tell(kind: str, seconds: float) -> None:
        spent[kind] = round(seconds, 1)
        if sys.stderr.isatty():
            print(f"\rcompile  {kind:<20}", end="", file=sys.stderr, flush=True)

    compile_loops(load_region_book(None), tell)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    total = round(sum(spent.values()), 1)
    if as_json:
        print(json.dumps({"version": 1, "seconds": total, "kinds": spent}, indent=1))
        return
    print(f"compile  all loops are ready ({total:.0f} s)")
