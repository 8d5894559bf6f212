"""What is known about domains of mail: big providers and their typing errors, throw-away services."""

import string
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from crmmigrate.values.knowledge import load_knowledge, word_table

__all__ = [
    "DomainRemark",
    "domain_remarks",
    "is_role",
    "mail_words",
    "meant_domain",
    "provider_of",
    "wrong_endings",
]

DomainRemark = tuple[str, str | None]
"""Kind of the provider (free, disposable, other), and the domain that may be meant."""

_SHORTEST = 5
"""Letters a provider's name must have for any single typing error to count: `aon` is not `aol`."""
_KEYS = string.ascii_lowercase + string.digits + "-."


@cache
def mail_words(section: str) -> frozenset[str]:
    """Return one list of `mail_domains.yaml`."""
    return frozenset(load_knowledge("mail_domains")[section])


def is_role(local: str) -> bool:
    """Tell whether a mailbox belongs to a role, not to a person."""
    return local.lower() in mail_words("roles")


@cache
def wrong_endings() -> Mapping[str, str]:
    """Return endings that no top-level domain has, with the one meant."""
    return word_table(load_knowledge("mail_domains")["endings"])


def meant_domain(domain: str) -> str | None:
    """Return the domain that may be meant instead of a mistyped one."""
    remark = domain_remarks().get(domain)
    if remark is not None:
        return remark[1]
    head, _, ending = domain.rpartition(".")
    right = wrong_endings().get(ending)
    return f"{head}.{right}" if right and head else None


def provider_of(domain: str) -> str:
    """Return `free`, `disposable` or `other` (a domain of somebody's own)."""
    return domain_remarks().get(domain, ("other", None))[0]


@cache
def domain_remarks() -> Mapping[str, DomainRemark]:
    """Return every domain that there is something to say about.

    Real domains override the typing errors of big providers.
    """
    free = {*_listed("free_mail_domains"), *mail_words("big"), *mail_words("free")}
    remarks: dict[str, DomainRemark] = {}
    for big in load_knowledge("mail_domains")["big"]:
        remarks |= {slip: ("other", big) for slip in _slips(big) if slip not in remarks}
    for only in load_knowledge("mail_domains")["only"]:
        remarks |= dict.fromkeys(_elsewhere(only), ("other", only))
    remarks |= dict.fromkeys(mail_words("real"), ("other", None))
    slips = mail_words("typos")
    remarks |= dict.fromkeys(free - slips, ("free", None))
    remarks |= dict.fromkeys(set(_listed("disposable_domains")) - slips, ("disposable", None))
    return MappingProxyType(remarks)


def _listed(name: str) -> list[str]:
    text = files("crmmigrate.values").joinpath("data", f"{name}.txt").read_text("utf-8")
    return text.split()


def _slips(domain: str) -> Iterator[str]:
    """Yield what one typing error makes of a domain.

    Of a short name only turned and doubled letters count, the rest are names of others. A name
    that is right, with the ending of a country, is most likely a branch of the provider.
    """
    name, _, ending = domain.partition(".")
    long = len(name) >= _SHORTEST
    for at in range(len(domain)):
        left, here, right = domain[:at], domain[at], domain[at + 1 :]
        yield f"{left}{here}{here}{right}"
        if right:
            yield f"{left}{right[0]}{here}{right[1:]}"
        if not long or at > len(name):
            continue
        yield f"{left}{right}"
        for key in _KEYS:
            yield f"{left}{key}{right}"
            yield f"{left}{key}{here}{right}"
    for slip in load_knowledge("mail_domains")["endings"]:
        wrong, _, meant = slip.partition("=")
        if ending.endswith(meant):
            yield f"{name}.{ending.removesuffix(meant)}{wrong}"
    if ending == "com":
        yield from (f"{name}.{wrong}" for wrong in load_knowledge("mail_domains")["short_com"])


def _elsewhere(domain: str) -> Iterator[str]:
    """Yield a provider's name under the ending of a country where it has no branch."""
    name = domain.partition(".")[0]
    for ending in load_knowledge("mail_domains")["countries"]:
        yield f"{name}.{ending}"
