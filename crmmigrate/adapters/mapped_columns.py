"""One canonical object in the words of a CRM, and back: frames are renamed and translated."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.config.targets import TargetField, TargetObject
from crmmigrate.model.canonical import Field, ObjectType
from crmmigrate.model.catalog import Column, Dataset
from crmmigrate.model.semantic import SemanticType
from crmmigrate.values.logins import login_of

__all__ = ["Place", "Translation"]

_NO_PLACE = "the mapping names no field of the CRM for it"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one canonical column is kept.

    Attributes:
        column: The canonical column.
        field: Its field in the canonical model; None for a part of one.
        told: What the mapping says.
        native: The column of the CRM.
    """

    column: str
    field: Field | None
    told: TargetField
    native: Column

    @property
    def links(self) -> tuple[str, ...]:
        """Canonical objects a reference may point to; empty for other columns."""
        is_link = self.field is not None and self.field.type is SemanticType.REFERENCE
        return self.field.references if is_link and self.field is not None else ()


class Translation:
    """Translates frames of one canonical object.

    Args:
        object_type: The canonical object.
        told: What the mapping says of it.
        dataset: The CRM's object, from its live catalog.
        names: Canonical object → object of the CRM, of all that have a place.
    """

    def __init__(
        self,
        object_type: ObjectType,
        told: TargetObject,
        dataset: Dataset,
        names: Mapping[str, str],
    ) -> None:
        self.object_type = object_type
        self.native = told.name
        self.constants = told.constants
        self.key_field = told.key_field
        self._told = told
        self._names = names
        known = {c.name: c for c in dataset.columns}
        self.lacks_key_field = bool(told.key_field) and told.key_field not in known
        self.places = tuple(
            Place(column, object_type.fields.get(column), place, known[place.to])
            for column in object_type.columns
            if (place := told.fields.get(column)) is not None and place.to in known
        )

    @property
    def borrows(self) -> bool:
        """Whether a column is written of others only, as a name to sign in with is of the address."""
        return any(place.column not in place.told.sources for place in self.places)

    def left_out(self) -> dict[str, str]:
        """Return canonical field → why the CRM has no place for anything of it."""
        kept = {source for place in self.places for source in place.told.sources}
        kept |= {place.column for place in self.places}
        found = {}
        for name, field in self.object_type.fields.items():
            if kept.isdisjoint(field.columns):
                found[name] = self._why(name)
        return found

    def wordless(self) -> dict[str, str]:
        """Return canonical column → why some of its values are not kept, of picklists without them."""
        found = {}
        for place in self.places:
            words = [ours for ours, theirs in place.told.values.items() if not theirs]
            if words:
                found[place.column] = f"{self.native}.{place.told.to} has no {' or '.join(words)}"
        return found

    def columns(self) -> tuple[Column, ...]:
        """Return the canonical columns that have a place, with what the CRM demands of them."""
        return tuple(self._column(place) for place in self.places)

    def natives(self, columns: Collection[str]) -> list[str]:
        """Return the CRM's fields that hold some canonical columns."""
        return list(dict.fromkeys(p.told.to for p in self.places if p.column in columns))

    def changed(self) -> pl.Expr:
        """Return the CRM's fields that are written when the columns in `changed` are."""
        names = [
            pl.when(
                pl.col("changed")
                .list.eval(pl.element().is_in([*{*p.told.sources, p.column}]))
                .list.any()
            ).then(pl.lit(p.told.to))
            for p in self.places
        ]
        if not names:
            return pl.lit([], pl.List(pl.String)).alias("changed")
        return (
            pl.concat_list(names)
            .list.drop_nulls()
            .list.unique(maintain_order=True)
            .alias("changed")
        )

    def to_native(self, present: Collection[str], prefix: str = "") -> list[pl.Expr]:
        """Return the CRM's columns, made of the canonical ones that a frame has.

        Args:
            present: Columns of the frame without the prefix.
            prefix: Stands before the columns of the frame and of the result.
        """
        found: dict[str, pl.Expr] = {}
        for place in self.places:
            sources = {s: pl.col(prefix + s) for s in place.told.sources if s in present}
            if sources and place.told.to not in found:
                value = self._written(place, sources)
                found[place.told.to] = value.alias(prefix + place.told.to)
        return list(found.values())

    def from_native(self, present: Collection[str]) -> list[pl.Expr]:
        """Return the canonical columns that are held in the columns of a frame.

        References to objects that share a place with others are left as the CRM has them.
        """
        return [
            self._read(place).alias(place.column)
            for place in self.places
            if place.told.to in present
        ]

    def shared_links(self, shared: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield reference columns that may point to several objects in one place."""
        for place in self.places:
            natives = [self._names[o] for o in place.links if o in self._names]
            if len(natives) > len(set(natives)) and set(natives) & set(shared):
                yield place.column, place.links

    def _why(self, field: str) -> str:
        if field in self._told.left_out:
            return self._told.left_out[field]
        place = self._told.fields.get(field)
        return _NO_PLACE if place is None else f"the CRM has no field {self.native}.{place.to}"

    def _column(self, place: Place) -> Column:
        native, back = place.native, _inverse(place.told.values)
        return Column(
            place.column,
            native.type,
            nullable=native.nullable,
            read_only=native.read_only,
            max_length=native.max_length,
            choices=tuple(back.get(c, c) for c in native.choices),
            references=place.links,
            unique=native.unique,
        )

    def _written(self, place: Place, sources: Mapping[str, pl.Expr]) -> pl.Expr:
        told = place.told
        if place.native.type == "binary" or len(sources) == 1:
            value = next(iter(sources.values()))
        else:
            filled = {name: pl.when(s != "").then(s) for name, s in sources.items()}
            choice = [filled[name] for name in told.first_of if name in filled]
            joined = [filled[name] for name in told.join if name in filled]
            if joined:
                whole = pl.concat_str(joined, separator=told.separator, ignore_nulls=True)
                choice.append(pl.when(whole != "").then(whole))
            value = pl.coalesce(choice)
        if told.form == "login":
            value = value.map_batches(_logins, return_dtype=pl.String)
        if told.values:
            value = value.replace(dict(told.values))
        for object_ in place.links:
            if object_ in self._names:
                value = value.str.replace(rf"^{object_}:([^:]+)$", f"{self._names[object_]}:${{1}}")
        return value

    def _read(self, place: Place) -> pl.Expr:
        value = pl.col(place.told.to)
        if place.told.values:
            value = value.replace(_inverse(place.told.values))
        natives = [self._names.get(o) for o in place.links]
        for object_, native in zip(place.links, natives, strict=True):
            if native is not None and natives.count(native) == 1:
                pattern = rf"^{native.replace('.', '[.]')}:([^:]+)$"
                value = value.str.replace(pattern, f"{object_}:${{1}}")
        return value


def _logins(texts: pl.Series) -> pl.Series:
    """Return names to sign in with."""
    distinct = texts.drop_nulls().unique()
    return texts.replace_strict(distinct, [login_of(t) for t in distinct], return_dtype=pl.String)


def _inverse(values: Mapping[str, str]) -> dict[str, str]:
    """Return value of the CRM → canonical value, the first that is written so."""
    return {theirs: ours for ours, theirs in reversed(list(values.items()))}
