"""Read match and survivorship rules from YAML."""

from pathlib import Path
from types import MappingProxyType

from pydantic import Field as Key

from crmmigrate.config.bundled import find_rules_file
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import ClosedModel, line_of, read_model, read_yaml
from crmmigrate.errors import ConfigError
from crmmigrate.model.matching import (
    Bands,
    BlockingKey,
    Counterpart,
    EvidenceGroup,
    Feature,
    MatchRules,
    Repeat,
    Strategy,
    SurvivorshipRules,
    Veto,
    Vocabulary,
)
from crmmigrate.model.semantic import SemanticType

__all__ = [
    "MatchSpec",
    "SurvivorshipSpec",
    "VocabularySpec",
    "load_match_rules",
    "load_survivorship_rules",
    "load_vocabulary",
]

Unit = Key(ge=0.0, le=1.0)


class FeatureSpec(ClosedModel):
    """One feature as written in YAML."""

    name: str
    type: SemanticType
    fields: tuple[str, ...]
    group: str = ""
    shares: dict[str, dict[str, float]] = Key(default={})


class GroupSpec(ClosedModel):
    """One evidence group."""

    name: str
    further: float = Key(default=0.5, ge=0.0, le=1.0)


class BlockingSpec(ClosedModel):
    """One blocking key."""

    name: str
    parts: tuple[str, ...] = Key(min_length=1)


class RepeatSpec(ClosedModel):
    """Evidence that repeats other evidence."""

    evidence: str
    levels: tuple[str, ...] = Key(min_length=1)
    when: dict[str, tuple[str, ...]] = Key(min_length=1)
    counts: float = Key(default=0.1, ge=0.0, le=1.0)


class VetoSpec(ClosedModel):
    """One veto."""

    code: str = Key(pattern=r"^DUP\d{3}$")
    when: dict[str, tuple[str, ...]] = Key(min_length=1)
    unless: tuple[dict[str, tuple[str, ...]], ...] = ()
    trusted: float = Key(default=1.0, ge=0.0, le=1.0)
    hard: bool = False


class BandsSpec(ClosedModel):
    """Probabilities at which judgements change."""

    match: float | None = Key(default=None, ge=0.0, le=1.0)
    review: float = Key(default=0.2, ge=0.0, le=1.0)
    false_merge_cost: float = Key(
        default=1.0,
        gt=0.0,
        le=1e6,
        description="How many duplicates left apart are as bad as one wrong merge.",
    )


class CounterpartSpec(ClosedModel):
    """Another object in which a record may be present already."""

    object: str
    field: str = Key(description="Reference that is filled, where it is blank.")
    values: dict[str, str] = Key(
        default={},
        description="Column here → reference.column there, e.g. company: account.name.",
    )


class MatchSpec(ClosedModel):
    """A file of match rules."""

    version: int = Key(ge=1, le=1)
    object: str
    vocabulary: str | None = None
    features: tuple[FeatureSpec, ...] = Key(min_length=1)
    groups: tuple[GroupSpec, ...] = ()
    blocking: tuple[BlockingSpec, ...] = Key(min_length=1)
    refine: tuple[str, ...] = ()
    block_size: int = Key(default=40, ge=2, le=1000)
    personal: dict[str, tuple[str, ...]] = Key(default={})
    repeats: tuple[RepeatSpec, ...] = ()
    vetoes: tuple[VetoSpec, ...] = ()
    bands: BandsSpec = BandsSpec()
    counterpart: CounterpartSpec | None = None


class VocabularySpec(ClosedModel):
    """A file of words."""

    nicknames: dict[str, tuple[tuple[str, ...], ...]] = Key(default={})
    role_mailboxes: tuple[str, ...] = ()
    free_domains: tuple[str, ...] = ()
    legal_words: tuple[str, ...] = ()
    legal_phrases: tuple[str, ...] = ()
    organization_words: dict[str, tuple[str, ...]] = Key(default={})
    titles: tuple[str, ...] = ()
    generations: dict[str, str] = Key(default={})
    street_words: dict[str, str] = Key(default={})


class SurvivorshipSpec(ClosedModel):
    """A file of survivorship rules."""

    version: int = Key(ge=1, le=1)
    object: str
    default: tuple[Strategy, ...] = (Strategy.SOURCE_PRIORITY, Strategy.MOST_RECENT)
    fields: dict[str, tuple[Strategy, ...]] = Key(default={})
    groups: tuple[tuple[str, ...], ...] = ()
    modified_at: tuple[str, ...] = ("_modified_at", "modified_on", "created_on")


def load_match_rules(path: Path, *, shown: str | None = None) -> MatchRules:
    """Read one file of match rules; the vocabulary it names stands beside it.

    Raises:
        ConfigError: with file:line for an unknown key, feature, group or evidence.
    """
    spec = read_model(path, MatchSpec, shown=shown)
    _check(spec, path, shown or str(path))
    words = _words(path, spec.vocabulary)
    return MatchRules(
        object=spec.object,
        features=tuple(
            Feature(f.name, f.type, f.fields, f.group, MappingProxyType(f.shares))
            for f in spec.features
        ),
        groups=tuple(EvidenceGroup(g.name, g.further) for g in spec.groups),
        blocking=tuple(BlockingKey(b.name, b.parts) for b in spec.blocking),
        refine=spec.refine,
        block_size=spec.block_size,
        personal=MappingProxyType(spec.personal),
        repeats=tuple(
            Repeat(r.evidence, r.levels, MappingProxyType(r.when), r.counts) for r in spec.repeats
        ),
        vetoes=tuple(
            Veto(
                v.code,
                MappingProxyType(v.when),
                tuple(MappingProxyType(levels) for levels in v.unless),
                v.trusted,
                v.hard,
            )
            for v in spec.vetoes
        ),
        bands=Bands(spec.bands.match, spec.bands.review, spec.bands.false_merge_cost),
        vocabulary=words,
        counterpart=_counterpart(spec.counterpart),
    )


def load_survivorship_rules(path: Path, *, shown: str | None = None) -> SurvivorshipRules:
    """Read one file of survivorship rules.

    Raises:
        ConfigError: with file:line.
    """
    spec = read_model(path, SurvivorshipSpec, shown=shown)
    return SurvivorshipRules(
        object=spec.object,
        default=spec.default,
        fields=MappingProxyType(spec.fields),
        groups=spec.groups,
        modified_at=spec.modified_at,
    )


def load_vocabulary(path: Path) -> Vocabulary:
    """Read and fold the words of a vocabulary file.

    Raises:
        ConfigError: with file:line.
    """
    from anyascii import anyascii

    spec = read_model(path, VocabularySpec)

    def folded(word: str) -> str:
        return anyascii(word).lower().strip()

    nicknames: dict[str, str] = {}
    for groups in spec.nicknames.values():
        for group in groups:
            for name in group:
                nicknames.setdefault(folded(name), folded(group[0]))
    return Vocabulary(
        nicknames=MappingProxyType(nicknames),
        role_mailboxes=frozenset(map(folded, spec.role_mailboxes)),
        free_domains=frozenset(map(folded, spec.free_domains)),
        legal_words=frozenset(map(folded, spec.legal_words)),
        legal_phrases=frozenset(map(folded, spec.legal_phrases)),
        organization_words=MappingProxyType(
            {folded(w): folded(one) for one, ways in spec.organization_words.items() for w in ways}
        ),
        titles=frozenset(map(folded, spec.titles)),
        generations=MappingProxyType({folded(k): v for k, v in spec.generations.items()}),
        street_words=MappingProxyType({folded(k): v for k, v in spec.street_words.items()}),
    )


def _counterpart(spec: CounterpartSpec | None) -> Counterpart | None:
    if spec is None:
        return None
    return Counterpart(spec.object, spec.field, MappingProxyType(spec.values))


def _words(path: Path, name: str | None) -> Vocabulary:
    """Read the vocabulary beside the rules, or the packaged one of that name."""
    if name is None:
        return Vocabulary()
    beside = path.parent / name
    return load_vocabulary(beside if beside.is_file() else find_rules_file(None, f"match/{name}"))


def _check(spec: MatchSpec, path: Path, where: str) -> None:
    """Refuse names that nothing in the file declares."""
    features = [f.name for f in spec.features]
    groups = [g.name for g in spec.groups]
    for index, feature in enumerate(spec.features):
        if (
            feature.group
            and feature.group not in groups
            and groups
            and feature.group != feature.name
        ):
            _refuse(
                path, where, ("features", index, "group"), "unknown group", feature.group, [*groups]
            )
    used: list[tuple[tuple[str | int, ...], str]] = [
        (("blocking", i, "parts"), part) for i, b in enumerate(spec.blocking) for part in b.parts
    ]
    used += [(("refine",), part) for part in spec.refine]
    used += [
        (("vetoes", i), name)
        for i, v in enumerate(spec.vetoes)
        for levels in (v.when, *v.unless)
        for name in levels
    ]
    used += [(("personal",), name) for name in spec.personal]
    used += [
        (("repeats", i), name) for i, r in enumerate(spec.repeats) for name in (r.evidence, *r.when)
    ]
    for loc, name in used:
        if name.partition(".")[0] not in features:
            _refuse(path, where, loc, "unknown feature", name.partition(".")[0], features)


def _refuse(
    path: Path, where: str, loc: tuple[str | int, ...], what: str, wrong: str, known: list[str]
) -> None:
    line = line_of(read_yaml(path), loc)
    dotted = ".".join(map(str, loc))
    raise ConfigError(
        f"{dotted}: {what} '{wrong}'{did_you_mean(wrong, known)}", where=f"{where}:{line}"
    )
