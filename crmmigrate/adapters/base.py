"""The four verbs of an adapter, as protocols without behaviour."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import polars as pl
import pyarrow as pa

from crmmigrate.model.catalog import Capabilities, Catalog
from crmmigrate.model.connections import Check

__all__ = [
    "EXCLUDED",
    "RAW_TEXT",
    "REJECTED",
    "ROW",
    "Claimable",
    "Connectable",
    "KeyFields",
    "Linked",
    "Source",
    "Target",
]

ROW = "_row"
"""Int64 column: line number (text files, first line is 1), sheet row or running number."""
REJECTED = "_rejected"
"""String column: code of the reason why a row could not be read (e.g. EXT105), else null."""
EXCLUDED = "_excluded"
"""String column: name of the rule that sets a row aside (empty_row, title_row …), else null."""
RAW_TEXT = "_text"
"""String column: the text of a rejected or excluded row as it stood in the file, else null."""


@runtime_checkable
class Source(Protocol):
    """A system that can be read."""

    @property
    def capabilities(self) -> Capabilities:
        """What this adapter can do."""
        ...

    def describe(self) -> Catalog:
        """Return the datasets with columns, keys and what was detected."""
        ...

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a dataset in source order, a batch at a time.

        Every batch has `_row`, `_rejected`, `_excluded` and `_text` besides the source's own
        columns, so that every physical row is accounted for.
        """
        ...


@runtime_checkable
class Connectable(Protocol):
    """A system that can say whether a migration into it, or out of it, would get through.

    Optional: `crmmigrate connect` looks at the catalog of those that cannot.
    """

    def connect(self) -> Iterator[Check]:
        """Try address, credentials, clock, permissions and places; nothing is changed.

        Raises:
            CrmMigrateError: there is no getting in at all.
        """
        ...


@runtime_checkable
class Target(Source, Protocol):
    """A system that can be written, and always read back."""

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Apply OPERATION rows of one object and action; return one OUTCOME row for each."""
        ...

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield current records; `by` is 'external_id' or 'id'; keys None means all records.

        Batches have `_id` (target id), `_external_id` and the target's fields.
        """
        ...


@runtime_checkable
class Claimable(Protocol):
    """A target whose records can be given our key after they were made by somebody else.

    Optional: with others, records that are in the target already are held back, never doubled.
    """

    def can_claim(self, object_: str) -> bool:
        """Return whether records of an object have a place for our key that we may write."""
        ...

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give records their external id and change nothing else; doing it twice is no harm.

        Args:
            object_: The object.
            claims: `op_id`, `target_id` and `external_id`; null takes our key away again.

        Returns:
            One OUTCOME row for each: a record that is gone, or has another key, is refused.
        """
        ...


@runtime_checkable
class KeyFields(Protocol):
    """A system that can make the field for our key, or say why it cannot and what a person does.

    Optional: others keep our key where there is always a place for it.
    """

    def make_key_fields(self, fields: Mapping[str, str]) -> Iterator[Check]:
        """Make what is missing for our key, and nothing else; doing it twice is no harm.

        Args:
            fields: Object → a field of the mapping that shows our key besides; empty if none does.
        """
        ...


@runtime_checkable
class Linked(Protocol):
    """A system whose records have pages that a person can open.

    Optional: where it is missing, differences are told by their keys alone.
    """

    def record_url(self, object_: str, target_id: str) -> str | None:
        """Return the address of a record's page; None where it has none."""
        ...
