"""A CRM that speaks its own words, as a target in canonical ones: driven by a mapping file."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol, runtime_checkable

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.base import Claimable, Connectable, KeyFields, Linked, Target
from crmmigrate.adapters.mapped_columns import Translation
from crmmigrate.config.targets import TargetMapping
from crmmigrate.errors import ConfigError, UsageError
from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.catalog import Capabilities, Catalog, Dataset
from crmmigrate.model.connections import Check, State
from crmmigrate.model.operations import Action, after_column

__all__ = ["FillsBlanks", "KeepsOtherwise", "MappedTarget"]

_FIXED = ("_id", "_external_id", "_modified_at")
_MAKE_KEY_FIELD = "`crmmigrate connect target --create-field` makes it, where the CRM lets us"


@runtime_checkable
class KeepsOtherwise(Protocol):
    """A target that may give back something else than what was written.

    A plan compares what is wanted with what is there. Where a system cannot hold a blank flag, or
    keeps seconds only, the two would differ for ever; so what is wanted is first asked how it
    would come back.
    """

    def as_stored(self, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return columns of desired records as they would be read back; doing it twice is the same."""
        ...


@runtime_checkable
class FillsBlanks(Protocol):
    """A target that fills some fields by itself where they are left blank: flags, dates, states.

    What it fills is no edit of a person, and a blank does not ask for it to be cleared.
    """

    def filled(self, object_: str) -> frozenset[str]:
        """Return the fields of an object that are never blank for long."""
        ...


class MappedTarget:
    """Canonical objects and columns over a CRM with words of its own.

    Args:
        native: The CRM: operations have `to.<its field>`, references are `<its object>:<id>`.
        mapping: Where canonical columns go.
        model: The canonical model.
    """

    def __init__(self, native: Target, mapping: TargetMapping, model: CanonicalModel) -> None:
        self.native = native
        self._mapping = mapping
        self._model = model

    @property
    def capabilities(self) -> Capabilities:
        """What the CRM can do."""
        return self.native.capabilities

    def describe(self) -> Catalog:
        """Return the canonical objects that have a place, with the columns that have one."""
        self._forget()
        found = []
        for name, translation in self._translations.items():
            dataset = self._catalog.dataset(translation.native)
            self._require_key_field(name, translation)
            rows = dataset.rows if dataset else None
            found.append(Dataset(name, translation.columns(), ("external_id",), rows))
        return Catalog(tuple(found))

    def connect(self) -> Iterator[Check]:
        """Try the connection, then tell where each canonical object goes."""
        if isinstance(self.native, Connectable):
            yield from self.native.connect()
        for name, translation in self._translations.items():
            if translation.lacks_key_field:
                says = f"no field {translation.key_field} in {translation.native} for our key"
                yield Check(name, State.FAILED, says, _MAKE_KEY_FIELD)
            lost = translation.left_out()
            says = f"goes to {translation.native}"
            if lost:
                says += f"; no place for {', '.join(lost)}"
            yield Check(name, State.NOTE if lost else State.OK, says)
        lost = self.homeless()
        if lost:
            yield Check("left out", State.NOTE, f"no place for {', '.join(lost)}")

    def make_key_fields(self, fields: Mapping[str, str]) -> Iterator[Check]:
        """Make the field for our key in the objects of the CRM that the mapping names.

        Args:
            fields: Nothing: the mapping says which.
        """
        if not isinstance(self.native, KeyFields):
            says = "none is needed: there is always a place for it"
            yield Check("field for our key", State.OK, says)
            return
        told = [self._mapping.objects[o] for o in self._model.objects if o in self._mapping.objects]
        shown = {t.name: t.key_field for t in told if t.key_field}
        yield from self.native.make_key_fields({t.name: "" for t in told} | shown | dict(fields))
        self._forget()

    def homeless(self) -> dict[str, str]:
        """Return canonical object → why the CRM has no place for it."""
        found = {}
        for name in self._model.objects:
            if name in self._translations:
                continue
            told = self._mapping.objects.get(name)
            why = (
                f"the CRM has no {told.name}" if told else "the mapping names no object of the CRM"
            )
            found[name] = self._mapping.left_out.get(name, why)
        return found

    def left_out(self, object_: str) -> dict[str, str]:
        """Return canonical field → why the CRM has no place for it."""
        return self._translation(object_).left_out()

    def wordless(self, object_: str) -> dict[str, str]:
        """Return canonical column → why some of its values are not kept."""
        return self._translation(object_).wordless()

    def made_of(self, object_: str) -> Mapping[str, frozenset[str]]:
        """Return canonical column → the columns its value is made of, where it has a place."""
        places = self._translation(object_).places
        return {place.column: frozenset(place.told.sources) for place in places}

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the records of a canonical object."""
        translation = self._translation(dataset)
        wanted = self._wanted(translation, fields)
        for batch in self.native.read(translation.native, wanted, since):
            frame = self._own(translation, pl.DataFrame(pl.from_arrow(batch)))
            rest = [c for c in frame.columns if c.startswith("_")]
            yield from self._canonical(translation, frame, fields, rest).to_arrow().to_batches()

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield records in canonical columns; those without a place are null."""
        translation = self._translation(object_)
        wanted = self._wanted(translation, fields, constants=keys is None)
        for batch in self.native.fetch(translation.native, keys, by, wanted):
            frame = pl.DataFrame(pl.from_arrow(batch))
            if keys is None:
                frame = self._own(translation, frame)
            told = self._canonical(translation, frame, fields, _FIXED)
            yield from told.to_arrow().to_batches()

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Carry out operations in the words of the CRM; fields are told in canonical ones."""
        translation = self._translation(object_)
        prefix = after_column("")
        present = [c.removeprefix(prefix) for c in operations.columns if c.startswith(prefix)]
        payload = translation.to_native(present, prefix)
        fixed = [c for c in ("op_id", "external_id", "target_id") if c in operations.columns]
        native = operations.select(*fixed, translation.changed(), *payload)
        if action == Action.CREATE:
            native = native.with_columns(
                pl.lit(value).alias(after_column(field))
                for field, value in translation.constants.items()
            )
            if translation.key_field:
                key = pl.col("external_id").alias(after_column(translation.key_field))
                native = native.with_columns(key)
        told = self.native.write(translation.native, action, native)
        names = {p.told.to: p.column for p in reversed(translation.places)}
        return told.with_columns(pl.col("error_field").replace(names))

    def can_claim(self, object_: str) -> bool:
        """Return whether the CRM lets us give records of an object our key."""
        if object_ not in self._translations or not isinstance(self.native, Claimable):
            return False
        return self.native.can_claim(self._translation(object_).native)

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Give records of the CRM our key, or take it away."""
        assert isinstance(self.native, Claimable)  # noqa: S101 - asked by `can_claim`
        return self.native.claim(self._translation(object_).native, claims)

    def as_stored(self, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Return canonical columns of desired records as they would be read back."""
        translation = self._translation(object_)
        stored = self._stored(translation, object_, frame)
        # What is made of other columns is made of them as they are stored, which a load knows.
        return self._stored(translation, object_, stored) if translation.borrows else stored

    def _stored(self, translation: Translation, object_: str, frame: pl.DataFrame) -> pl.DataFrame:
        native = frame.select(translation.to_native(frame.columns))
        if isinstance(self.native, KeepsOtherwise):
            native = self.native.as_stored(translation.native, native)
        kept = native.select(translation.from_native(native.columns))
        columns = [c for c in frame.columns if c in self._model.objects[object_].columns]
        blank = [pl.lit(None, frame.schema[c]).alias(c) for c in columns if c not in kept.columns]
        return frame.with_columns(blank).with_columns(
            kept.select(c for c in kept.columns if c in columns)
        )

    def filled(self, object_: str) -> frozenset[str]:
        """Return the canonical columns that the CRM fills by itself."""
        if not isinstance(self.native, FillsBlanks):
            return frozenset()
        translation = self._translation(object_)
        names = self.native.filled(translation.native)
        return frozenset(p.column for p in translation.places if p.told.to in names)

    def record_url(self, object_: str, target_id: str) -> str | None:
        """Return the address of a record's page in the CRM, if it has one."""
        if not isinstance(self.native, Linked):
            return None
        return self.native.record_url(self._translation(object_).native, target_id)

    def close(self) -> None:
        """Close the CRM."""
        close = getattr(self.native, "close", None)
        if callable(close):
            close()

    def _forget(self) -> None:
        """Forget what the CRM has told of itself."""
        for known in ("_catalog", "_translations", "_shared"):
            self.__dict__.pop(known, None)

    def _require_key_field(self, object_: str, translation: Translation) -> None:
        if translation.lacks_key_field:
            raise ConfigError(
                f"{object_}: {translation.native} has no field {translation.key_field} for our key",
                where=f"mappings/{self._mapping.adapter}/from_canonical.yaml",
                hint=_MAKE_KEY_FIELD,
            )

    @cached_property
    def _catalog(self) -> Catalog:
        return self.native.describe()

    @cached_property
    def _translations(self) -> dict[str, Translation]:
        told = {
            name: self._mapping.objects[name]
            for name in self._model.objects
            if name in self._mapping.objects
        }
        names = {o: t.name for o, t in told.items() if self._catalog.dataset(t.name) is not None}
        return {
            o: Translation(self._model.objects[o], told[o], dataset, names)
            for o, native in names.items()
            if (dataset := self._catalog.dataset(native)) is not None
        }

    def _translation(self, object_: str) -> Translation:
        known = self._translations.get(object_)
        if known is None:
            why = self.homeless().get(object_, "there is no such object")
            raise UsageError(f"the CRM has no place for '{object_}': {why}")
        return known

    def _wanted(
        self, translation: Translation, fields: Sequence[str] | None, *, constants: bool = True
    ) -> list[str]:
        """Return the CRM's fields to ask for."""
        columns = translation.object_type.columns if fields is None else fields
        more = list(translation.constants) if constants else []
        return list(dict.fromkeys([*translation.natives(columns), *more]))

    def _own(self, translation: Translation, frame: pl.DataFrame) -> pl.DataFrame:
        """Keep the records of this object, where others share its place."""
        conditions = [pl.col(f) == v for f, v in translation.constants.items()]
        return frame.filter(conditions) if conditions else frame

    def _canonical(
        self,
        translation: Translation,
        frame: pl.DataFrame,
        fields: Sequence[str] | None,
        fixed: Sequence[str],
    ) -> pl.DataFrame:
        object_type = translation.object_type
        columns = list(object_type.columns if fields is None else fields)
        read = frame.select(*fixed, *translation.from_native(frame.columns))
        links = [c for c, _ in translation.shared_links(self._shared) if c in columns]
        read = self._resolved(translation, read, [c for c in links if c in read.columns])
        blank = [pl.lit(None, pl.String).alias(c) for c in columns if c not in read.columns]
        return read.with_columns(blank).select(*fixed, *columns)

    @cached_property
    def _shared(self) -> set[str]:
        """Objects of the CRM that hold several canonical ones."""
        natives = [t.native for t in self._translations.values()]
        return {n for n in natives if natives.count(n) > 1}

    def _resolved(
        self, translation: Translation, frame: pl.DataFrame, links: Sequence[str]
    ) -> pl.DataFrame:
        """Name the canonical object of references that may mean several in one place."""
        for column, objects in translation.shared_links(self._shared):
            if column not in links:
                continue
            names = self._objects_of(frame[column].drop_nulls().unique(), objects)
            frame = frame.with_columns(pl.col(column).replace(names))
        return frame

    def _objects_of(self, links: pl.Series, objects: Sequence[str]) -> Mapping[str, str]:
        """Return `res.partner:5` → `account:5`, as the constants of the record tell."""
        found: dict[str, str] = {}
        for native in {t.native for o, t in self._translations.items() if o in objects}:
            own = [
                (o, t) for o in objects if (t := self._translations.get(o)) and t.native == native
            ]
            ids = links.filter(links.str.starts_with(f"{native}:")).str.slice(len(native) + 1)
            if ids.is_empty():
                continue
            fields = list(dict.fromkeys(f for _, t in own for f in t.constants))
            for batch in self.native.fetch(native, ids, "id", fields):
                frame = pl.DataFrame(pl.from_arrow(batch))
                for object_, translation in own:
                    for number in self._own(translation, frame)["_id"]:
                        found.setdefault(f"{native}:{number}", f"{object_}:{number}")
        return found
