"""What a server tells of the requests that are left, for `crmmigrate connect`."""

from collections.abc import Mapping
from datetime import datetime

from crmmigrate.adapters.transport import RateHeaders, Transport
from crmmigrate.model.connections import Check, State
from crmmigrate.model.counting import counted

__all__ = ["check_quota", "judge_quota"]

_USUAL = (
    RateHeaders("ratelimit-remaining", "ratelimit-reset"),
    RateHeaders("x-ratelimit-remaining", "x-ratelimit-reset"),
    RateHeaders("x-rate-limit-remaining", "x-rate-limit-reset"),
)
"""Names that servers and gateways use where nothing is agreed (draft-ietf-httpapi-ratelimit-headers)."""


def check_quota(transport: Transport) -> Check:
    """Tell what the last answer of a server says of its quota; most say nothing."""
    return judge_quota(transport.told, transport.pacer.names, transport.server_time)


def judge_quota(told: Mapping[str, str], own: RateHeaders, now: datetime) -> Check:
    """Judge the headers of an answer.

    Args:
        told: Headers, names in lower case.
        own: Names that the API is known to use.
        now: The time by the server's clock.
    """
    for names in (own, *_USUAL):
        left = told.get(names.remaining, "") if names.remaining else ""
        if not left.strip().isdigit():
            continue
        span = names.left(told, now)
        until = f" for the next {span[1]:,.0f} seconds" if span is not None else ""
        says = f"{counted(int(left), 'request')} left{until}"
        if int(left):
            return Check("quota", State.OK, says)
        return Check("quota", State.WARNING, says, "a load waits until there are more")
    says = (
        "not told: the server counts no requests for us; a load slows down when it is refused (429)"
    )
    return Check("quota", State.NOTE, says)
