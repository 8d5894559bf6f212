"""Write a table part by part under a temporary name; the real one appears when it is complete."""

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from crmmigrate.errors import UsageError
from crmmigrate.model.columns import text_of
from crmmigrate.stages.sheet import SheetWriter
from crmmigrate.store.files import PRIVATE_FILE, fsync_dir, remove_at_exit, storage_errors

__all__ = ["TableWriter", "check_output", "check_outputs", "check_place", "rejected_path"]

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_WORKBOOK = ".xlsx"


def check_output(output: Path, source: Path, *, workbook: bool = False) -> None:
    """Make sure that the output can be written, before any work is done.

    Args:
        output: The file to write.
        source: The input, which may not be it.
        workbook: Whether it may be an Excel workbook.

    Raises:
        UsageError: its suffix is unknown, it is the input, a directory, or in no folder.
    """
    where = str(output)
    known = [*_SEPARATORS, ".parquet", *([_WORKBOOK] if workbook else [])]
    if output.suffix.lower() not in known:
        named = f"{', '.join(known[:-1])} or {known[-1]}"
        raise UsageError(f"the output is written as {named}", where=where, hint="e.g. -o clean.csv")
    check_place(output)
    if output is not source and output.exists() and source.exists() and output.samefile(source):
        raise UsageError(
            "the output is the input",
            where=where,
            hint="name another file: raw data is never changed",
        )


def check_place(output: Path) -> None:
    """Make sure that a file can be written here.

    Raises:
        UsageError: it is a directory, in no folder, or in one that is not ours to write.
    """
    if output.is_dir():
        raise UsageError(
            "this is a directory, not a file", where=str(output), hint="name a file in it"
        )
    if not output.parent.is_dir():
        raise UsageError("no such folder", where=str(output.parent), hint="make the folder first")
    if not os.access(output.parent, os.W_OK):
        raise UsageError("no permission to write in the folder", where=str(output.parent))


def check_outputs(source: Path, output: Path, log: Path | None) -> None:
    """Make sure that the cleaned file and its change log can be written, each in a file of its own.

    Raises:
        UsageError: one of them cannot, or they are one file.
    """
    check_output(output, source)
    if log is None:
        return
    check_output(log, source, workbook=True)
    for other, what in ((output, "the output"), (rejected_path(output), "the rejected rows")):
        if _same_file(log, other):
            raise UsageError(
                f"the change log goes to the same file as {what}",
                where=str(log),
                hint="name another file, e.g. --changes changes.csv",
            )


def _same_file(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def rejected_path(output: Path) -> Path:
    """Return where rows go that cannot be in the output: OUT.rejected.csv."""
    return output.with_suffix(".rejected.csv")


class TableWriter:
    """Write parts of one table; leaving the `with` block by an exception removes them.

    Args:
        path: The file; its suffix decides the format.
        optional: Write nothing at all if there is no row; an older file of the name is removed.
        private: Only its owner may read the file.
    """

    def __init__(self, path: Path, *, optional: bool = False, private: bool = False) -> None:
        self.path = path
        self.rows = 0
        self._optional = optional
        self._private = private
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        remove_at_exit(self._temporary)
        self._stream: BinaryIO | None = None
        self._parquet: pq.ParquetWriter | None = None
        self._workbook: SheetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._complete()
        finally:
            if self._stream is not None and not self._stream.closed:
                self._stream.close()
            self._temporary.unlink(missing_ok=True)

    def write(self, frame: pl.DataFrame) -> None:
        """Append one part; every part has the same columns."""
        if self._optional and not frame.height:
            return
        with storage_errors(self.path):
            first = self._stream is None
            if self._stream is None:
                self._temporary.unlink(missing_ok=True)
                if self._private:
                    self._temporary.touch(PRIVATE_FILE)
                self._stream = self._temporary.open("wb")
            if self.path.suffix.lower() == ".parquet":
                self._write_parquet(frame, self._stream)
            elif self.path.suffix.lower() == _WORKBOOK:
                self._workbook = self._workbook or SheetWriter(self._stream)
                self._workbook.write(frame)
            else:
                separator = _SEPARATORS[self.path.suffix.lower()]
                _plain(frame).write_csv(self._stream, include_header=first, separator=separator)
        self.rows += frame.height

    def _write_parquet(self, frame: pl.DataFrame, stream: BinaryIO) -> None:
        table = frame.to_arrow()
        table = table.cast(pa.schema([(f.name, _small(f.type)) for f in table.schema]))
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(stream, table.schema, compression="zstd")
        self._parquet.write_table(table)

    def _complete(self) -> None:
        with storage_errors(self.path):
            if self._stream is None:
                if self._optional:
                    self.path.unlink(missing_ok=True)
                return
            if self._parquet is not None:
                self._parquet.close()
            if self._workbook is not None:
                self._workbook.close()
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._temporary.replace(self.path)
            fsync_dir(self.path.parent)


def _small(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) else kind


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame that CSV can hold: binary content as base64, moments in ISO 8601."""
    cells = [
        pl.col(name).bin.encode("base64") if kind == pl.Binary else text_of(name, kind)
        for name, kind in frame.schema.items()
        if kind == pl.Binary or kind.is_temporal()
    ]
    return frame.with_columns(cells)
