"""What an engine does: run kernels on distinct values."""

from collections.abc import Mapping
from typing import Protocol

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType

__all__ = ["Engine"]


class Engine(Protocol):
    """How a kernel meets many values."""

    def run_kernel(
        self,
        kind: SemanticType,
        distinct: pl.DataFrame,
        book: RegionBook,
        options: Mapping[str, object],
    ) -> pl.DataFrame:
        """Return what the kernel of a type says about each distinct value, in order.

        Args:
            kind: Type whose kernel runs; kernels are closed under concatenation, without clock,
                chance or environment.
            distinct: Distinct values: `text`, parts and `_region`.
            book: Rules of all regions; the same ones in every call.
            options: Options of the kernel.
        """
        ...
