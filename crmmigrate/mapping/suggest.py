"""Propose a mapping for a dataset, by the names of its columns and by what they hold.

A proposal is a beginning: it is written with every column either mapped or listed under `ignore`
with the why "not decided yet", so that nobody overlooks one.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from rapidfuzz import fuzz

from crmmigrate.mapping.words import FIELD_WORDS, OBJECT_WORDS
from crmmigrate.model.canonical import RESERVED_COLUMNS, CanonicalModel, ObjectType
from crmmigrate.model.catalog import Dataset
from crmmigrate.model.columns import any_text, is_blank
from crmmigrate.model.semantic import INPUT_PARTS, SemanticType
from crmmigrate.values.countries import country_code

__all__ = ["Proposal", "propose_key", "propose_mapping", "propose_object"]

_ALIKE = 86.0
_UNDECIDED = "not decided yet"
_KEYS = frozenset({"id", "uid", "uuid", "guid", "key", "recordid", "externalid"})
_KEY_ENDS = ("id", "no", "number", "nr", "key")
_EMAIL = r"(?i)^[^\s@]+@[^\s@]+\.[^\s@]+$"


@dataclass(frozen=True)
class Proposal:
    """A target for a column, and how alike the names are (0 to 100)."""

    column: str
    target: str
    score: float


def propose_mapping(
    dataset: Dataset,
    sample: pl.DataFrame,
    model: CanonicalModel,
    *,
    source: str,
    object_: str | None = None,
) -> str:
    """Return the YAML text of a mapping file.

    Args:
        dataset: Description of the dataset.
        sample: Some of its rows.
        model: The canonical model.
        source: Name of the source in migration.yaml.
        object_: Canonical object; proposed from the names if None.
    """
    columns = [c.name for c in dataset.columns if c.name not in RESERVED_COLUMNS]
    chosen = model.objects[object_ or propose_object(dataset.name, columns, model)]
    proposals = _best(columns, chosen, sample)
    fields: dict[str, dict[str, object]] = {p.target: {"from": p.column} for p in proposals}
    mapped = {p.column for p in proposals} | set(dataset.key)
    document: dict[str, object] = {
        "source": source,
        "dataset": dataset.name,
        "object": chosen.name,
        **({"region": {"from": land}} if (land := _country_column(columns, sample)) else {}),
        "fields": fields,
    }
    ignored = {c: _UNDECIDED for c in columns if c not in mapped}
    if ignored:
        document["ignore"] = ignored
    return _yaml(document, chosen)


def propose_key(name: str, columns: list[str], sample: pl.DataFrame) -> str | None:
    """Return the column that most likely identifies the rows of a dataset; None if none does.

    It is called like an id, and no value of the sample is missing or comes twice.
    """
    own = {f"{_joined(name).removesuffix('s')}{end}" for end in _KEY_ENDS}
    for column in columns:
        if _joined(column) not in _KEYS | own or column not in sample.columns:
            continue
        cells = sample.select(v=any_text(column))
        filled = cells.filter(~is_blank(pl.col("v")))
        if cells.height and filled.height == cells.height == filled["v"].n_unique():
            return column
    return None


def _country_column(columns: list[str], sample: pl.DataFrame) -> str | None:
    """Return the column whose name and values say that it holds countries."""
    for column in columns:
        if _joined(column) in FIELD_WORDS["postal_address.country"] and column in sample.columns:
            cells = sample.select(v=any_text(column)).filter(~is_blank(pl.col("v")))["v"]
            names = cells.unique().to_list()
            if 2 * sum(country_code(name) is not None for name in names) > len(names):
                return column
    return None


def propose_object(name: str, columns: list[str], model: CanonicalModel) -> str:
    """Return the object that a dataset most likely holds: by its name, then by its columns."""
    words = {*_words(name), _joined(name)}
    for object_, known in OBJECT_WORDS.items():
        if object_ in model.objects and words & known:
            return object_
    scores = {
        o: sum(p.score for p in _best(columns, t, pl.DataFrame())) / 100
        for o, t in model.objects.items()
        if o in {"account", "contact", "lead", "product", "order", "invoice"}
    }
    return max(scores, key=lambda o: scores[o])


def _best(columns: list[str], object_type: ObjectType, sample: pl.DataFrame) -> list[Proposal]:
    """Give every column its best target, each target once; order of the object's fields."""
    targets = _targets(object_type)
    found = [
        Proposal(column, target, score)
        for column in columns
        for target, names in targets.items()
        if (score := _score(column, names)) >= _ALIKE and _fits(column, target, object_type, sample)
    ]
    found.sort(key=lambda p: (-p.score, list(targets).index(p.target)))
    order = {target: position for position, target in enumerate(targets)}
    taken: dict[str, Proposal] = {}
    for proposal in found:
        if proposal.target not in taken and all(
            p.column != proposal.column for p in taken.values()
        ):
            taken[proposal.target] = proposal
    return sorted(_settled(taken), key=lambda p: order.get(p.target, 0))


def _settled(taken: Mapping[str, Proposal]) -> list[Proposal]:
    """Let a field be filled by its parts or as a whole: with parts, the whole is the street."""
    parted = {t.split(".")[0] for t in taken if "." in t}
    settled: list[Proposal] = []
    for target, proposal in taken.items():
        street = f"{target}.street"
        if target not in parted:
            settled.append(proposal)
        elif street not in taken and f"{target}.locality" in taken:
            settled.append(Proposal(proposal.column, street, proposal.score))
    return settled


def _targets(object_type: ObjectType) -> Mapping[str, set[str]]:
    """Return every target of an object with the names that stand for it."""
    found: dict[str, set[str]] = {}
    for field in object_type.fields.values():
        if field.type in {SemanticType.REFERENCE, SemanticType.BINARY}:
            continue
        typed = FIELD_WORDS.get(f"{field.name}:{field.type.value}", frozenset())
        found[field.name] = {_joined(field.name)} | FIELD_WORDS.get(field.name, frozenset()) | typed
        first = next(f for f in object_type.fields.values() if f.type is field.type)
        if field is not first:
            continue
        for part in INPUT_PARTS.get(field.type, ()):
            spelt = set(FIELD_WORDS.get(f"{field.type.value}.{part}", ()))
            if spelt:
                found[f"{field.name}.{part}"] = spelt
    return found


def _score(column: str, names: set[str]) -> float:
    spelt = _joined(column)
    return max((100.0 if spelt == name else fuzz.ratio(spelt, name) for name in names), default=0.0)


def _fits(column: str, target: str, object_type: ObjectType, sample: pl.DataFrame) -> bool:
    """Refuse what the values contradict: an e-mail field wants mostly e-mail addresses."""
    field = object_type.fields[target.split(".", maxsplit=1)[0]]
    if column not in sample.columns or sample.schema[column] == pl.Binary:
        return column not in sample.columns
    filled = sample.select(v=any_text(column)).filter(~is_blank(pl.col("v"))).get_column("v")
    if field.type is SemanticType.EMAIL and filled.len():
        return filled.str.contains(_EMAIL).sum() * 2 >= filled.len()
    if field.type is SemanticType.PHONE and filled.len():
        return filled.str.contains(r"\d").sum() * 2 >= filled.len()
    return True


def _words(name: str) -> list[str]:
    split = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [w for w in re.split(r"[\W_]+", split.lower()) if w]


def _joined(name: str) -> str:
    return "".join(_words(name))


def _yaml(document: dict[str, object], object_type: ObjectType) -> str:
    from ruamel.yaml import YAML

    out = io.StringIO()
    writer = YAML()
    writer.default_flow_style = False
    writer.width = 4096
    writer.dump(document, out)
    head = (
        f"# Proposed mapping to {object_type.label.lower()}: read it, correct it, decide what stands\n"
        f"# under `ignore`. References are filled with: lookup: {{object: …, dataset: …, from: …}}.\n"
    )
    return head + out.getvalue()
