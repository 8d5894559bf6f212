"""What a system holds: datasets, their columns and keys."""

from dataclasses import dataclass

__all__ = ["Capabilities", "Catalog", "Column", "Dataset"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset or field of a target object."""

    name: str
    type: str = "text"
    nullable: bool = True
    read_only: bool = False
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table, file, sheet or object.

    Attributes:
        name: As the user writes it in migration.yaml.
        columns: In source order.
        key: Columns that identify a row; empty if unknown.
        rows: Number of data rows where it is cheap to know, else None.
        detected: Facts the reader found by itself, e.g. {"encoding": "cp1250", "delimiter": ";"}.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rows: int | None = None
    detected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything a source or target describes of itself."""

    datasets: tuple[Dataset, ...]

    def dataset(self, name: str) -> Dataset | None:
        """Return the dataset of that name, or None."""
        return next((d for d in self.datasets if d.name == name), None)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do; the defaults are conservative.

    Attributes:
        can_write: Is a target.
        external_id: Records carry our key in a field of their own, so writing is idempotent.
        can_delete: Records can be deleted.
        restores_deleted: A deleted record can be brought back under its old id.
        incremental: `read(since=…)` gives only what changed.
        batch_size: Most operations in one write.
        atomic_batches: A batch is written whole or not at all.
        records_per_call: Records that one call writes.
        records_per_second: Writes a second where that was measured, the slowest case.
    """

    can_write: bool = False
    external_id: bool = False
    can_delete: bool = False
    restores_deleted: bool = False
    incremental: bool = False
    batch_size: int = 200
    atomic_batches: bool = False
    records_per_call: int = 1
    records_per_second: float | None = None
