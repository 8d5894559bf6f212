"""Whether this machine and a server agree about the time, for `crmmigrate connect`."""

from crmmigrate.model.connections import Check, State

__all__ = ["check_clock"]

_ALLOWED_SKEW = 60.0
"""Seconds by which clocks may differ before changes are read twice or not at all."""


def check_clock(skew: float | None) -> Check:
    """Judge the seconds that the server is ahead of us; None if it does not tell its time."""
    if skew is None:
        return Check("clock", State.NOTE, "the server does not tell its time")
    if abs(skew) <= _ALLOWED_SKEW:
        return Check("clock", State.OK, f"{abs(skew):,.0f} seconds apart")
    side = "behind" if skew > 0 else "ahead of"
    says = f"this machine's clock is {abs(skew):,.0f} seconds {side} the server's"
    return Check("clock", State.WARNING, says, "set it right: changes are found by the time")
