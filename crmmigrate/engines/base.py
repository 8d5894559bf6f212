"""What an engine does: apply a row kernel to many frames, in order."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import polars as pl

__all__ = ["Engine", "RowKernel"]

RowKernel = Callable[[pl.DataFrame], pl.DataFrame]
"""Frame → frame, closed under concatenation, picklable, without clock, chance or environment."""


class Engine(Protocol):
    """How a kernel meets many rows."""

    def run_rows(
        self, kernel: RowKernel, frames: Iterable[pl.DataFrame], rows: int
    ) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Yield each frame with what the kernel made of it, in order.

        Args:
            kernel: The row kernel.
            frames: Parts of the input; no more than a few are held at a time.
            rows: How many rows there are in all, to judge what is worth starting.
        """
        ...
