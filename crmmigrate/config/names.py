"""Check the names that migration.yaml and the rules use: objects, sources, rules, regions."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crmmigrate.config.migration import Migration
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import line_of
from crmmigrate.model.canonical import CanonicalModel, ObjectType
from crmmigrate.model.findings import Rule
from crmmigrate.model.mapping import ObjectMapping
from crmmigrate.model.matching import MatchRules
from crmmigrate.model.policies import ALL_FIELDS
from crmmigrate.model.regions import RegionBook

__all__ = [
    "MIGRATION_FILE",
    "check_counterpart",
    "check_match_fields",
    "check_names",
    "check_regions",
]

MIGRATION_FILE = "migration.yaml"


def check_names(
    document: Any,  # noqa: ANN401 - a YAML document
    migration: Migration,
    model: CanonicalModel,
    rules: Mapping[str, Rule],
    problems: Problems,
) -> None:
    """Note names in migration.yaml that stand for nothing."""
    objects = {*model.objects, *migration.objects}
    named: list[tuple[tuple[str | int, ...], str, str, Collection[str]]] = [
        *((("match", name), name, "object", objects) for name in migration.match),
        *((("survivorship", name), name, "object", objects) for name in migration.survivorship),
        *((("validate", name), name, "object", objects) for name in migration.validation),
        *((("policies", name), name, "object", objects) for name in migration.policies),
        *(
            (("policies", o, name), name, "field", {ALL_FIELDS, *model.objects[o].fields})
            for o, fields in migration.policies.items()
            if o in model.objects
            for name in fields
        ),
        *((("gates", "objects", n), n, "object", objects) for n in migration.gates.objects),
        *((("gates", "findings", c), c, "rule", rules) for c in migration.gates.findings),
        *(
            (("standardize", "undo_rules", i), code, "rule", rules)
            for i, code in enumerate(migration.standardize.undo_rules)
        ),
        *(
            (("source_priority", i), name, "source", migration.sources)
            for i, name in enumerate(migration.source_priority)
        ),
    ]
    for loc, name, kind, known in named:
        if name not in known:
            where = f"{MIGRATION_FILE}:{line_of(document, loc)}"
            dotted = ".".join(str(part) for part in loc)
            near = did_you_mean(name, known)
            problems.add(where, f"{dotted}: unknown {kind} '{name}'{near}")


def check_regions(
    document: Any,  # noqa: ANN401 - a YAML document
    migration: Migration,
    mappings: Sequence[ObjectMapping],
    book: RegionBook,
    problems: Problems,
) -> None:
    """Note every region that is no country's code."""
    places = {f"{MIGRATION_FILE}:{line_of(document, ('region',))}: region": migration.region}
    for name, source in migration.sources.items():
        line = line_of(document, ("sources", name, "region"))
        places[f"{MIGRATION_FILE}:{line}: sources.{name}.region"] = source.region
    for mapping in mappings:
        places[f"{mapping.where('region')}: region"] = mapping.region.constant
    wrong: set[str] = set()
    for place, code in places.items():
        if code and code not in book.regions and code not in wrong:
            where, _, key = place.rpartition(": ")
            problems.add(where, f"{key}: unknown region '{code}'{did_you_mean(code, book.regions)}")
            wrong.add(code)


def check_counterpart(
    rules: MatchRules, model: CanonicalModel, where: str, problems: Problems
) -> None:
    """Note names in `counterpart` of match rules that the canonical model does not have."""
    told, own = rules.counterpart, model.objects.get(rules.object)
    if told is None or own is None:
        return
    other = model.objects.get(told.object)
    if other is None:
        near = did_you_mean(told.object, model.objects)
        problems.add(where, f"counterpart.object: unknown object '{told.object}'{near}")
        return
    able = [f.name for f in own.references if told.object in f.references]
    if told.reference not in able:
        near = did_you_mean(told.reference, able)
        problems.add(
            where, f"counterpart.field: '{told.reference}' is no reference to {told.object}{near}"
        )
    for column, source in told.values.items():
        reference, _, name = source.partition(".")
        parents = [f.references for f in other.references if f.name == reference]
        known = {c for o in (parents[0] if parents else ()) for c in model.objects[o].columns}
        if column not in own.columns:
            near = did_you_mean(column, own.columns)
            problems.add(where, f"counterpart.values: unknown field '{column}'{near}")
        if name not in known:
            problems.add(where, f"counterpart.values.{column}: {told.object} has no '{source}'")


def check_match_fields(
    rules: MatchRules, object_type: ObjectType | None, where: str, problems: Problems
) -> None:
    """Note features of match rules that name fields the object does not have."""
    if object_type is None:
        return
    for feature in rules.features:
        for name in feature.fields:
            if name not in object_type.fields:
                near = did_you_mean(name, object_type.fields)
                message = f"{feature.name}: unknown field '{name}' of {object_type.name}{near}"
                problems.add(where, f"features.{message}")
