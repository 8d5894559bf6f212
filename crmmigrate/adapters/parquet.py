"""Parquet files as a source; columns keep their types.

Decimals become text (no digit is lost), nested values JSON text; `_row` is the running number.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import Field

from crmmigrate.adapters.batches import BATCH_ROWS, assemble, choose_columns
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.header import name_columns
from crmmigrate.adapters.input_files import check_file, resolve_file
from crmmigrate.adapters.reader_options import (
    DatasetOptions,
    SourceOptions,
    check_dataset,
    check_options,
)
from crmmigrate.errors import UsageError
from crmmigrate.model.catalog import Capabilities, Catalog, Column, Dataset

__all__ = ["ParquetSource", "open_source"]


class ParquetDataset(DatasetOptions):
    """Options of one file."""

    file: str | None = None


class ParquetOptions(SourceOptions):
    """Options of the source."""

    path: str = "."
    datasets: dict[str, ParquetDataset] = Field(default={})


@tells("Parquet files")
def open_source(options: Mapping[str, object], root: Path) -> "ParquetSource":
    """Open a folder of Parquet files, or one file.

    Raises:
        ConfigError: an option is unknown.
    """
    return ParquetSource(check_options(options, ParquetOptions), root)


class ParquetSource:
    """A folder of Parquet files."""

    def __init__(self, options: ParquetOptions, root: Path) -> None:
        self._options = options
        self._root = root
        self._datasets = options.datasets or _discover(root / options.path)

    @property
    def capabilities(self) -> Capabilities:
        """Files can be read."""
        return Capabilities()

    def describe(self) -> Catalog:
        """Return columns, types and the number of rows of every file.

        Raises:
            UsageError: a file is missing, unreadable or no Parquet file.
        """
        return Catalog(tuple(self._describe(name) for name in self._datasets))

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file; `since` is not known to files and gives all rows.

        Raises:
            UsageError: the dataset is unknown or its file cannot be read.
        """
        del since
        with self._open(dataset) as file:
            names = dict(zip(_unique_names(file), file.schema_arrow.names, strict=True))
            wanted = choose_columns(list(names), fields, dataset)
            first = 1
            try:
                for batch in file.iter_batches(BATCH_ROWS, columns=[names[n] for n in wanted]):
                    rows = pa.array(range(first, first + batch.num_rows), pa.int64())
                    yield from assemble(rows, _table(batch, wanted)).combine_chunks().to_batches()
                    first += batch.num_rows
            except (pa.ArrowException, OSError) as exc:
                raise _damaged(self._path(dataset), exc) from None

    def _describe(self, name: str) -> Dataset:
        with self._open(name) as file:
            columns = tuple(
                Column(unique, type=str(_type(field.type)), nullable=field.nullable)
                for unique, field in zip(_unique_names(file), file.schema_arrow, strict=True)
            )
            return Dataset(name, columns, self._datasets[name].key, file.metadata.num_rows)

    def _path(self, name: str) -> Path:
        check_dataset(name, self._datasets)
        return resolve_file(self._root, self._options.path, self._datasets[name].file)

    def _open(self, name: str) -> pq.ParquetFile:
        path = check_file(self._path(name))
        try:
            return pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as exc:
            raise _damaged(path, exc) from None


def _discover(folder: Path) -> dict[str, ParquetDataset]:
    if not folder.is_dir():
        return {folder.stem: ParquetDataset()}
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".parquet", ".pq"})
    return {path.stem: ParquetDataset(file=path.name) for path in files}


def _damaged(path: Path, exc: Exception) -> UsageError:
    return UsageError(
        "this is no Parquet file, or it is damaged",
        where=str(path),
        causes=[str(exc).split("\n", 1)[0]],
        hint="export it again",
    )


def _unique_names(file: pq.ParquetFile) -> tuple[str, ...]:
    return name_columns(file.schema_arrow.names).names


def _table(batch: pa.RecordBatch, names: Sequence[str]) -> pa.Table:
    arrays = [_column(array) for array in batch.columns]
    return pa.Table.from_arrays(arrays, names=list(names))


def _type(kind: pa.DataType) -> pa.DataType:
    """Return the type a column is given on with."""
    if pa.types.is_dictionary(kind):
        return _type(kind.value_type)
    if pa.types.is_nested(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    ):
        return pa.binary()
    return kind


def _column(array: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_nested(array.type):
        texts = [
            None if v is None else json.dumps(v, ensure_ascii=False, default=str)
            for v in array.to_pylist()
        ]
        return pa.array(texts, pa.string())
    target = _type(array.type)
    return array if array.type == target else pc.cast(array, target)
