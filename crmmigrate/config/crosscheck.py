"""Check mappings against the sources, the canonical model and each other."""

from collections.abc import Mapping, Sequence

from crmmigrate.config.cycles import find_cycle
from crmmigrate.config.expressions import expression_columns, parse_expression
from crmmigrate.config.migration import Migration
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.mapping import (
    Constant,
    Expression,
    FieldMapping,
    Lookup,
    ObjectMapping,
    References,
)
from crmmigrate.model.semantic import INPUT_PARTS, SemanticType

__all__ = ["check_mappings"]


def check_mappings(
    mappings: Sequence[ObjectMapping],
    migration: Migration,
    model: CanonicalModel,
    problems: Problems,
) -> None:
    """Note every mistake that can be seen without reading the sources."""
    seen: dict[tuple[str, str, str], str] = {}
    for mapping in mappings:
        place = (mapping.source, mapping.dataset, mapping.object)
        if place in seen:
            problems.add(
                mapping.where("object"),
                f"object: {mapping.source}.{mapping.dataset} is mapped to {mapping.object} twice; "
                f"first at {seen[place]}",
            )
        seen.setdefault(place, mapping.where("object"))
        _check_source(mapping, migration, problems)
        _check_expressions(mapping, problems)
        object_type = model.objects.get(mapping.object)
        if object_type is None:
            message = (
                f"unknown object '{mapping.object}'{did_you_mean(mapping.object, model.objects)}"
            )
            problems.add(mapping.where("object"), f"object: {message}")
            continue
        _check_fields(mapping, object_type, problems)
        _check_lookups(mapping, object_type, mappings, problems)
    _check_cycles(mappings, model, problems)


def _check_source(mapping: ObjectMapping, migration: Migration, problems: Problems) -> None:
    source = migration.sources.get(mapping.source)
    if source is None:
        message = (
            f"unknown source '{mapping.source}'{did_you_mean(mapping.source, migration.sources)}"
        )
        problems.add(mapping.where("source"), f"source: {message}")
    elif mapping.dataset in source.ignore:
        message = f"'{mapping.dataset}' is ignored in migration.yaml, so it cannot be mapped"
        problems.add(mapping.where("dataset"), f"dataset: {message}")
    elif source.datasets and mapping.dataset not in source.datasets:
        near = did_you_mean(mapping.dataset, source.datasets)
        message = f"unknown dataset '{mapping.dataset}' of {mapping.source}{near}"
        problems.add(mapping.where("dataset"), f"dataset: {message}")


def _check_expressions(mapping: ObjectMapping, problems: Problems) -> None:
    texts = {f"exclude.{rule.rule}": rule.when for rule in mapping.exclude}
    texts |= {f"derive.{name}": sql for name, sql in mapping.derive.items()}
    for field in mapping.fields:
        if isinstance(field.origin, Expression):
            texts[f"fields.{field.target}"] = field.origin.sql
    for field, lookup in mapping.lookups:
        if lookup.when is not None:
            texts[f"fields.{field.target}"] = lookup.when
    broken = False
    for key, sql in texts.items():
        try:
            parse_expression(sql)
        except ValueError as exc:
            problems.add(mapping.where(key), f"{key}: {exc}")
            broken = True
    names = [rule.rule for rule in mapping.exclude]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(mapping.where(f"exclude.{name}"), f"exclude: the rule '{name}' stands twice")
    if not broken:
        _check_derived(mapping, problems)


def _check_derived(mapping: ObjectMapping, problems: Problems) -> None:
    edges = {
        name: [c for c in expression_columns(sql) if c in mapping.derive]
        for name, sql in mapping.derive.items()
    }
    cycle = find_cycle(edges)
    if cycle:
        where = mapping.where(f"derive.{cycle[0]}")
        problems.add(where, f"derive.{cycle[0]}: cyclic mapping: {' → '.join(cycle)}")


def _check_fields(mapping: ObjectMapping, object_type: ObjectType, problems: Problems) -> None:
    for mapped in mapping.fields:
        key = f"fields.{mapped.target}"
        field = object_type.fields.get(mapped.field)
        if field is None:
            near = did_you_mean(mapped.field, object_type.fields)
            message = f"unknown field '{mapped.field}' of {object_type.name}{near}"
        else:
            message = (
                _part_problem(mapped, field)
                or _origin_problem(mapped, field)
                or _date_problem(mapped, field)
                or ""
            )
        if message:
            problems.add(mapping.where(key), f"{key}: {message}")
    covered = {mapped.field for mapped in mapping.fields}
    for field in object_type.fields.values():
        if field.required and field.name not in covered:
            message = f"required field '{field.name}' of {object_type.name} is not mapped (MAP203)"
            problems.add(mapping.where("fields"), f"fields: {message}")


def _part_problem(mapped: FieldMapping, field: Field) -> str | None:
    if mapped.part is None:
        return None
    parts = INPUT_PARTS.get(field.type, ())
    if not parts:
        return f"a {field.type.value} has no parts"
    if mapped.part not in parts:
        near = did_you_mean(mapped.part, parts)
        return f"unknown part '{mapped.part}' of a {field.type.value}{near}"
    return None


def _date_problem(mapped: FieldMapping, field: Field) -> str | None:
    if mapped.dates.options() and field.type not in {SemanticType.DATE, SemanticType.DATETIME}:
        return f"'date_order' and 'excel_1904' are for dates; this is a {field.type.value}"
    return None


def _origin_problem(mapped: FieldMapping, field: Field) -> str | None:
    is_reference = field.type is SemanticType.REFERENCE
    if is_reference and not isinstance(mapped.origin, References | Constant):
        return "a reference is filled by 'lookup'"
    if not is_reference and isinstance(mapped.origin, References):
        return f"'lookup' is for references; this is a {field.type.value}"
    if field.type is SemanticType.CHOICE:
        return _choice_problem(mapped, field)
    return None


def _choice_problem(mapped: FieldMapping, field: Field) -> str | None:
    given: list[str | None] = []
    if isinstance(mapped.origin, Constant):
        given.append(mapped.origin.text)
    if mapped.values is not None:
        given += [*(value for _, value in mapped.values.pairs), mapped.values.default]
    for value in given:
        if value is not None and value not in field.choices:
            return f"'{value}' is no choice of {field.name}{did_you_mean(value, field.choices)}"
    return None


def _check_lookups(
    mapping: ObjectMapping,
    object_type: ObjectType,
    mappings: Sequence[ObjectMapping],
    problems: Problems,
) -> None:
    mapped = {(m.source, m.object, m.dataset) for m in mappings}
    for filled, lookup in mapping.lookups:
        field = object_type.fields.get(filled.field)
        if field is None or field.type is not SemanticType.REFERENCE:
            continue
        key = f"fields.{filled.target}.lookup"
        where = mapping.where(f"fields.{filled.target}")
        if lookup.object not in field.references:
            near = did_you_mean(lookup.object, field.references)
            problems.add(where, f"{key}.object: '{lookup.object}' cannot be the {field.name}{near}")
        elif (lookup.source, lookup.object, lookup.dataset) not in mapped:
            problems.add(where, f"{key}: {_unmapped(lookup, mapped)}")


def _unmapped(lookup: Lookup, mapped: set[tuple[str, str, str]]) -> str:
    same = {d for s, o, d in mapped if (s, o) == (lookup.source, lookup.object)}
    near = did_you_mean(lookup.dataset, same)
    return f"{lookup.source}.{lookup.dataset} is not mapped to {lookup.object}{near}"


def _check_cycles(
    mappings: Sequence[ObjectMapping], model: CanonicalModel, problems: Problems
) -> None:
    """Find records that could only be written after each other: cycles of required references."""
    edges: dict[str, list[str]] = {}
    places: dict[str, tuple[str, str]] = {}
    for mapping in mappings:
        edges.setdefault(mapping.prefix, [])
        for filled, lookup in mapping.lookups:
            if _is_required(filled, mapping, model.objects):
                edges[mapping.prefix].append(lookup.target)
                key = f"fields.{filled.target}"
                places.setdefault(mapping.prefix, (mapping.where(key), key))
    cycle = find_cycle(edges)
    if cycle:
        where, key = places[cycle[0]]
        path = " → ".join(cycle)
        problems.add(
            where, f"{key}: cyclic mapping: {path}; with each reference required, none can be first"
        )


def _is_required(
    filled: FieldMapping, mapping: ObjectMapping, objects: Mapping[str, ObjectType]
) -> bool:
    object_type = objects.get(mapping.object)
    field = object_type.fields.get(filled.field) if object_type else None
    return filled.required or (field is not None and field.required)
