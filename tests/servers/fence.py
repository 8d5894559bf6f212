"""A target with nothing in sight but what bears our external ids, as if there were no more."""

import polars as pl

from crmmigrate.adapters.base import ROW
from crmmigrate.model.catalog import Catalog, Dataset


class Fenced:
    """Shows only the records that bear our external ids or were made here, as if there were no more."""

    def __init__(self, target):
        self._target = target
        self._made = set()

    def __getattr__(self, name):
        return getattr(self._target, name)

    @property
    def capabilities(self):
        return self._target.capabilities

    def write(self, object_, action, operations):
        told = self._target.write(object_, action, operations)
        if action == "create":
            self._made |= {(object_, number) for number in told["target_id"].drop_nulls()}
        return told

    def describe(self):
        datasets = self._target.describe().datasets
        return Catalog(tuple(Dataset(d.name, d.columns, d.key) for d in datasets))

    def read(self, dataset, fields=None, since=None):
        frames = [self._ours(dataset, b) for b in self._target.read(dataset, fields, since)]
        whole = pl.concat(frames)
        numbers = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW)
        yield from whole.with_columns(numbers).to_arrow().to_batches()

    def fetch(self, object_, keys, by, fields=None):
        for batch in self._target.fetch(object_, keys, by, fields):
            yield from self._ours(object_, batch).to_arrow().to_batches()

    def _ours(self, object_, batch):
        """Keep what bears a key of ours, and what was made here and has lost it."""
        made = [number for name, number in self._made if name == object_]
        mine = pl.col("_external_id").is_not_null() | pl.col("_id").is_in(made)
        return pl.DataFrame(pl.from_arrow(batch)).filter(mine)
