"""Records of persons and firms that tests match."""

import polars as pl

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.matching import load_match_rules
from crmmigrate.model.matching import MatchRules

FIELDS = ("name_given", "name_family", "birth_date", "email", "phone", "mobile", "mobile_type", "address_street", "address_house_number", "address_locality", "address_postal_code", "account")  # fmt: skip


def rules(object_: str = "contact") -> MatchRules:
    """Packaged rules."""
    return load_match_rules(bundled_path(f"rules/match/{object_}.yaml"))


def person(
    key: str, given: str | None, family: str | None, **more: str | None
) -> dict[str, str | None]:
    """One contact in canonical spelling."""
    kind = "mobile" if more.get("mobile") else None
    return {
        **dict.fromkeys(FIELDS),
        "_key": key,
        "name_given": given,
        "name_family": family,
        "mobile_type": kind,
        **more,
    }


def crowd(count: int = 300) -> list[dict[str, str | None]]:
    """People that have nothing to do with each other, so that chances can be learnt."""
    given = (
        "Ana",
        "Bogdan",
        "Carmen",
        "Dieter",
        "Erik",
        "Fatima",
        "George",
        "Hanna",
        "Ingrid",
        "Jean",
        "Kenji",
        "Lars",
    )
    family = (
        "Albescu",
        "Brandt",
        "Costa",
        "Dubois",
        "Eriksen",
        "Fujita",
        "Gupta",
        "Hansen",
        "Ivanov",
        "Jones",
        "Klein",
        "Lopez",
        "Moreau",
    )
    return [
        person(
            f"x{i:03}", given[i % len(given)], family[i * 7 % len(family)],
            birth_date=f"{1940 + i % 61}-{1 + i % 12:02}-{1 + i % 28:02}", email=f"someone{i}@host{i % 9}.example",
            phone=f"+4021{3000000 + i * 7919}", address_street=f"Strada {family[i % 13]}", address_house_number=str(1 + i * 3 % 97),
            address_locality=("Oslo", "Cluj", "Lyon", "Kyoto")[i % 4], address_postal_code=str(1000 + i * 37 % 9000),
        )
        for i in range(count)
    ]  # fmt: skip


def frame(*people: dict[str, str | None]) -> pl.DataFrame:
    """The people among a crowd."""
    schema = dict.fromkeys(("_key", *FIELDS), pl.String)
    return pl.DataFrame([*people, *crowd()], schema=schema)


def clusters_of(clusters: pl.DataFrame) -> set[frozenset[str]]:
    """Clusters of more than one record, as sets of keys."""
    groups = clusters.group_by("cluster_id").agg("_key").filter(pl.col("_key").list.len() > 1)
    return {frozenset(keys) for keys in groups["_key"]}
