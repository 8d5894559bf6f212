"""Load a whole project: migration.yaml, its mappings and all rules, checked together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.canonical import extend_model, load_model, model_problems
from crmmigrate.config.choices import read_choices
from crmmigrate.config.codes import load_rules
from crmmigrate.config.corrections import read_corrections
from crmmigrate.config.crosscheck import check_mappings
from crmmigrate.config.decisions import read_decisions
from crmmigrate.config.freezing import fingerprint_of
from crmmigrate.config.mapping import read_mappings
from crmmigrate.config.matching import load_match_rules, load_survivorship_rules
from crmmigrate.config.migration import Migration
from crmmigrate.config.names import (
    MIGRATION_FILE,
    check_counterpart,
    check_match_fields,
    check_names,
    check_regions,
)
from crmmigrate.config.problems import Problems
from crmmigrate.config.regions import load_region_book
from crmmigrate.config.rule_files import RuleFiles, shown_path
from crmmigrate.config.secrets import literal_secrets
from crmmigrate.config.validation import check_validation, read_validation
from crmmigrate.config.yaml import line_of, read_yaml, validate_model
from crmmigrate.errors import ConfigError, InternalError
from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.choices import Choice
from crmmigrate.model.corrections import Correction
from crmmigrate.model.decisions import Decision
from crmmigrate.model.findings import Rule
from crmmigrate.model.mapping import ObjectMapping, RegionChoice
from crmmigrate.model.matching import MatchRules, SurvivorshipRules
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.validation import ValidationRules

__all__ = ["MIGRATION_FILE", "Project", "load_project"]


_STAGE_INPUTS: Mapping[str, tuple[str, ...]] = {
    "extract": ("sources",),
    "map": ("mappings", "objects", "sources"),
    "standardize": ("objects", "book", "standardize"),
    "dedupe": ("match", "match_rules", "survivorship_rules", "source_priority", "decisions"),
    "validate": ("objects", "validation_rules", "gates", "corrections"),
    "plan": ("target", "objects", "policies", "choices"),
    "load": ("target", "on_error", "gates"),
    "verify": ("target", "gates", "policies"),
}
"""Parts of the configuration a stage's result depends on, beside the stages before it."""


@dataclass(frozen=True)
class Project:
    """Everything that is configured, checked and frozen.

    Attributes:
        root: Folder of migration.yaml.
        migration: The file itself.
        model: Canonical model with the project's own objects and fields.
        mappings: All mappings, in the order of files.
        match_rules: Object → match rules, for objects that are deduplicated.
        survivorship: Object → survivorship rules, for the same objects.
        validation: Object → own validation rules.
        book: Rules of all regions.
        rules: Documented rules by code.
        decisions: Object → what people decided about pairs of its records.
        corrections: Object → what people put right in single records of it.
        choices: Object → whose value people have chosen where both sides had changed it.
    """

    root: Path
    migration: Migration
    model: CanonicalModel
    mappings: tuple[ObjectMapping, ...]
    match_rules: Mapping[str, MatchRules]
    survivorship: Mapping[str, SurvivorshipRules]
    validation: Mapping[str, ValidationRules]
    book: RegionBook
    rules: Mapping[str, Rule]
    decisions: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    corrections: Mapping[str, tuple[Correction, ...]] = field(default_factory=dict)
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)

    @property
    def objects(self) -> tuple[str, ...]:
        """Objects that are mapped, in load order."""
        mapped = {mapping.object for mapping in self.mappings}
        return tuple(name for name in self.model.load_order if name in mapped)

    def mappings_of(self, source: str, dataset: str) -> tuple[ObjectMapping, ...]:
        """Return the mappings that read one dataset."""
        return tuple(m for m in self.mappings if (m.source, m.dataset) == (source, dataset))

    def fingerprint(self, stage: str) -> str:
        """Return a hash of the configuration that a stage's own work depends on."""
        own: dict[str, object] = {
            "mappings": self.mappings,
            "match_rules": self.match_rules,
            "survivorship_rules": self.survivorship,
            "validation_rules": self.validation,
            "book": self.book.version,
            "decisions": self.decisions,
            "corrections": self.corrections,
            "choices": self.choices,
        }
        dumped = self.migration.model_dump(mode="json")
        names = _STAGE_INPUTS.get(stage, (*own, *dumped))
        parts = {name: own[name] if name in own else dumped[name] for name in names}
        return fingerprint_of({"model": self.model.version, **parts})


def load_project(directory: Path) -> Project:
    """Read and check the project in a folder; no source or secret is touched.

    Raises:
        ConfigError: there is no migration.yaml, or anything in the project is wrong. All
            mistakes are told at once, each with file and line.
    """
    root, problems = directory.resolve(), Problems()
    document, migration = _read_migration(directory, root, problems)
    model = _model(document, migration, problems)
    book, rules = _regions(root, problems), load_rules()
    check_names(document, migration, model, rules, problems)
    mappings = _read_mappings(root, document, migration, problems)
    check_mappings(mappings, migration, model, problems)
    check_regions(document, migration, mappings, book, problems)
    wanted = RuleFiles(root, document, problems)
    match_rules = wanted.read("match", migration.match, migration.match, load_match_rules)
    survivorship = wanted.read(
        "survivorship", migration.match, migration.survivorship, load_survivorship_rules
    )
    validation = wanted.read("validate", model.objects, migration.validation, read_validation)
    _check_rules(match_rules, validation, model, wanted)
    decisions = read_decisions(root, match_rules, problems)
    corrections = read_corrections(root, model, problems)
    choices = read_choices(root, model.objects, problems)
    problems.raise_if_any(hint="correct the configuration, then run crmmigrate check")
    return Project(
        root=root,
        migration=migration,
        model=model,
        mappings=mappings,
        match_rules=match_rules,
        survivorship={o: survivorship.get(o, SurvivorshipRules(o)) for o in match_rules},
        validation=validation,
        book=book,
        rules=rules,
        decisions=decisions,
        corrections=corrections,
        choices=choices,
    )


def _check_rules(
    match_rules: Mapping[str, MatchRules],
    validation: Mapping[str, ValidationRules],
    model: CanonicalModel,
    wanted: RuleFiles,
) -> None:
    problems = wanted.problems
    for name, found in match_rules.items():
        place = wanted.place("match", name)
        check_match_fields(found, model.objects.get(name), place, problems)
        check_counterpart(found, model, place, problems)
    for name, checks in validation.items():
        check_validation(checks, model.objects[name], problems)


def _regions(root: Path, problems: Problems) -> RegionBook:
    try:
        return load_region_book(root)
    except ConfigError as exc:
        problems.absorb(exc)
        return load_region_book(None)


def _read_migration(directory: Path, root: Path, problems: Problems) -> tuple[Any, Migration]:
    path = root / MIGRATION_FILE
    if not path.exists():
        raise ConfigError(
            f"there is no {MIGRATION_FILE} here",
            where=str(directory),
            hint="start a project with: crmmigrate init; or name its folder with --project",
        )
    document = read_yaml(path, shown=MIGRATION_FILE)
    if not isinstance(document, dict):
        raise ConfigError("must be a map of keys to values", where=f"{MIGRATION_FILE}:1")
    for loc, message in literal_secrets(document):
        dotted = ".".join(str(part) for part in loc)
        problems.add(f"{MIGRATION_FILE}:{line_of(document, loc)}", f"{dotted}: {message}")
    try:
        return document, validate_model(document, Migration, MIGRATION_FILE)
    except ConfigError as exc:
        problems.absorb(exc)
    problems.raise_if_any(hint="see the reference of migration.yaml")
    raise AssertionError  # pragma: no cover - raise_if_any has raised


def _model(document: Any, migration: Migration, problems: Problems) -> CanonicalModel:  # noqa: ANN401
    model = load_model()
    wrong = model_problems(model, migration.objects)
    for loc, message in wrong:
        where = f"{MIGRATION_FILE}:{line_of(document, ('objects', *loc))}"
        problems.add(where, f"objects.{'.'.join(loc)}: {message}")
    return model if wrong else extend_model(model, migration.objects)


def _read_mappings(
    root: Path,
    document: Any,  # noqa: ANN401 - a YAML document
    migration: Migration,
    problems: Problems,
) -> tuple[ObjectMapping, ...]:
    found: list[ObjectMapping] = []
    for index, pattern in enumerate(migration.mappings):
        paths = _mapping_files(root, pattern)
        if not paths and "mappings" in migration.model_fields_set:
            where = f"{MIGRATION_FILE}:{line_of(document, ('mappings', index))}"
            problems.add(where, f"mappings.{index}: no file matches '{pattern}'")
        for path in paths:
            try:
                found += read_mappings(path, shown=shown_path(path, root))
            except ConfigError as exc:
                problems.absorb(exc)
    return tuple(_with_region(mapping, migration) for mapping in found)


def _mapping_files(root: Path, pattern: str) -> list[Path]:
    """Return the files of a pattern: those of the project, else a packaged one of that name."""
    found = sorted(path for path in root.glob(pattern) if path.is_file())
    if found or any(sign in pattern for sign in "*?["):
        return found
    try:
        return [bundled_path(pattern)]
    except InternalError:
        return []


def _with_region(mapping: ObjectMapping, migration: Migration) -> ObjectMapping:
    source = migration.sources.get(mapping.source)
    inherited = (source.region if source else None) or migration.region
    choice = RegionChoice(mapping.region.column, mapping.region.constant or inherited)
    return replace(mapping, region=choice)
