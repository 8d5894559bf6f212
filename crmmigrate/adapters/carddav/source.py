"""An address book as a source of a project: one dataset, with ids for links."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.carddav.fields import DATASET, LINKS
from crmmigrate.adapters.carddav.target import AddressBook
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset
from crmmigrate.model.connections import Check

__all__ = ["AddressBookSource", "dataset_names"]

_OWN = frozenset({"_id", "_external_id", "_modified_at"})


class AddressBookSource:
    """The cards of one book, under the name of a dataset.

    A reference is the id of the card it points to, so that lookups find the key.

    Args:
        native: The book.
        datasets: Names of the dataset; `card` if there are none.
    """

    def __init__(self, native: AddressBook, datasets: Sequence[str]) -> None:
        self._native = native
        self._datasets = tuple(datasets) or (DATASET,)

    @property
    def capabilities(self) -> Capabilities:
        """It can be read, and what changed alone, too."""
        return Capabilities(incremental=True)

    def connect(self) -> Iterator[Check]:
        """Try the connection; nothing is changed."""
        return self._native.connect()

    def describe(self) -> Catalog:
        """Return the dataset with its columns."""
        told = self._native.describe().datasets[0]
        columns = (
            Column("id", unique=True, nullable=False),
            *told.columns,
            Column("modified", "datetime"),
        )
        found = [Dataset(n, columns, ("id",), told.rows, told.detected) for n in self._datasets]
        return Catalog(tuple(found))

    def read(
        self,
        dataset: str,  # noqa: ARG002 - there is but one
        fields: Sequence[str] | None = None,
        since: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield all cards, or those that changed since a moment or a token."""
        known = self._native.fields
        names = [n for n in known if fields is None or n in fields]
        for batch in self._native.read(DATASET, names, since):
            frame = pl.DataFrame(pl.from_arrow(batch))
            marks = [c for c in frame.columns if c.startswith("_") and c not in _OWN]
            columns = [
                pl.col(n).str.strip_prefix(f"{DATASET}:") if n in LINKS else n for n in names
            ]
            own = [pl.col("_id").alias("id"), pl.col("_modified_at").alias("modified")]
            yield from frame.select(*marks, own[0], *columns, own[1]).to_arrow().to_batches()

    def close(self) -> None:
        """Close all connections."""
        self._native.close()


def dataset_names(options: Mapping[str, object]) -> list[str]:
    """Return the names of the datasets of a source."""
    told = options.get("datasets")
    return [str(name) for name in told] if isinstance(told, Mapping) else []
