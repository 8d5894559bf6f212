"""Match and survivorship rules: what makes two records one, and what their golden record keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from crmmigrate.model.semantic import SemanticType

__all__ = [
    "Bands",
    "BlockingKey",
    "Counterpart",
    "EvidenceGroup",
    "Feature",
    "Judgement",
    "MatchRules",
    "Repeat",
    "Strategy",
    "SurvivorshipRules",
    "Veto",
    "Vocabulary",
]


class Judgement(StrEnum):
    """What is decided about a pair of records."""

    MATCH = "match"
    REVIEW = "review"
    NO_MATCH = "no_match"


class Strategy(StrEnum):
    """How one field of a golden record is chosen from the records of its cluster."""

    MOST_RECENT = "most_recent"
    MOST_FREQUENT = "most_frequent"
    MOST_COMPLETE = "most_complete"
    LONGEST = "longest"
    SOURCE_PRIORITY = "source_priority"
    VERIFIED = "verified"
    FIRST_NON_NULL = "first_non_null"
    MIN = "min"
    MAX = "max"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that is known of a record and compared as a whole.

    Attributes:
        name: Unique name, shown in contributions.
        type: Semantic type; it chooses the comparison.
        fields: Canonical fields that hold it. Phones and e-mails of all fields form one set; of
            other types the first filled field counts.
        group: Evidence group; see `EvidenceGroup`.
        shares: Evidence → level → share among true matches, where the default is not wanted.
    """

    name: str
    type: SemanticType
    fields: tuple[str, ...]
    group: str = ""
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class EvidenceGroup:
    """Evidence that tends to agree together, e.g. a telephone and an address.

    Of the weights in favour, the strongest counts in full and the others by `further`.
    """

    name: str
    further: float = 0.5


@dataclass(frozen=True, slots=True)
class BlockingKey:
    """Records that agree on all parts become candidate pairs.

    Attributes:
        name: Shown in explanations.
        parts: `feature.part`, e.g. `name.family_sound`; a record without one of them has no key.
    """

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Evidence that says again what other evidence has said.

    Attributes:
        evidence: e.g. email.
        levels: Levels that are a repetition, e.g. local: the mailbox is made of the name.
        when: Evidence → levels that have said it; all of them must hold.
        counts: Share of the weight in favour that is left.
    """

    evidence: str
    levels: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]
    counts: float = 0.1


@dataclass(frozen=True, slots=True)
class Veto:
    """A reason why two records must not be merged however much else agrees.

    Attributes:
        code: DUP code.
        when: Evidence → levels; all of them must hold. The level `unknown` is no evidence.
        unless: Alternatives that lift the veto; of each, evidence → levels, all must hold.
        trusted: The veto is believed only if at most this share of proven pairs (see
            `MatchRules.personal`) shows the `when` levels, so that dirty data overrule it.
        hard: Holds even against the evidence of a whole cluster.
    """

    code: str
    when: Mapping[str, tuple[str, ...]]
    unless: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    trusted: float = 1.0
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Bands:
    """Where judgements change, as probabilities; `match` None follows from the cost.

    `false_merge_cost` tells how many duplicates left apart are as bad as one wrong merge.
    """

    match: float | None = None
    review: float = 0.2
    false_merge_cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that comparisons know.

    Attributes:
        nicknames: Folded given name → folded representative of its group.
        role_mailboxes: Local parts of addresses that many people read, e.g. info.
        free_domains: Mail domains that say nothing about an employer.
        legal_words: Folded words that weigh as little in organization names as legal forms.
        legal_phrases: Folded legal forms of several words, which organization names may have anywhere.
        organization_words: Folded word or abbreviation in organization names → one spelling of it.
        titles: Folded words before or after a name that are no part of it.
        generations: Folded generation suffix → canonical one, e.g. jr.
        street_words: Folded word of an address → canonical one, e.g. st → street.
    """

    nicknames: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    role_mailboxes: frozenset[str] = frozenset()
    free_domains: frozenset[str] = frozenset()
    legal_words: frozenset[str] = frozenset()
    legal_phrases: frozenset[str] = frozenset()
    organization_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    titles: frozenset[str] = frozenset()
    generations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    street_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Another object in which a record may be present already, e.g. the contact a lead became.

    Attributes:
        object: The other object.
        reference: Field of the matched object that is filled, where it is blank.
        values: Column of the matched object → `reference.column` of the other, where the other
            says it by a record it points to, e.g. company → account.name.
    """

    object: str
    reference: str
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class MatchRules:
    """How duplicates of one object are found.

    Attributes:
        object: Canonical object.
        features: What is compared.
        groups: Correlated evidence.
        blocking: Keys that bring candidate pairs up.
        refine: Key parts that split a block of more than `block_size` records.
        block_size: Most records of a block that are compared all with all.
        personal: Evidence → levels that hardly two persons (or organizations) share. Pairs with two
            of them are proven: they tell how far vetoes can be trusted.
        repeats: Evidence that repeats other evidence.
        vetoes: Reasons against merging.
        bands: Probabilities of the judgements.
        vocabulary: Words that comparisons know.
        counterpart: Another object in which a record may be present already.
    """

    object: str
    features: tuple[Feature, ...]
    groups: tuple[EvidenceGroup, ...] = ()
    blocking: tuple[BlockingKey, ...] = ()
    refine: tuple[str, ...] = ()
    block_size: int = 40
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    repeats: tuple[Repeat, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    bands: Bands = Bands()
    vocabulary: Vocabulary = Vocabulary()
    counterpart: Counterpart | None = None


@dataclass(frozen=True)
class SurvivorshipRules:
    """How the golden record of a cluster is made.

    Attributes:
        object: Canonical object.
        default: Strategies of fields that are not named; later ones break ties of earlier ones.
        fields: Field → strategies.
        groups: Fields that survive together, from one record. The parts of a composite field
            always do.
        modified_at: Fields that tell when a record was last modified, first filled one first.
    """

    object: str
    default: tuple[Strategy, ...] = (Strategy.SOURCE_PRIORITY, Strategy.MOST_RECENT)
    fields: Mapping[str, tuple[Strategy, ...]] = field(default_factory=lambda: MappingProxyType({}))
    groups: tuple[tuple[str, ...], ...] = ()
    modified_at: tuple[str, ...] = ("_modified_at", "modified_on", "created_on")
