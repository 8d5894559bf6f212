"""What servers tell of requests that are left, and what is said where they do not."""

from datetime import UTC, datetime

import pytest

from crmmigrate.adapters.quota_check import judge_quota
from crmmigrate.adapters.transport import RateHeaders

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWN = RateHeaders("x-crm-left", "x-crm-reset")


@pytest.mark.parametrize(
    ("told", "state", "says"),
    [
        ({}, "note", "not told"),
        ({"x-crm-left": "soon"}, "note", "not told"),
        (
            {"x-crm-left": "412", "x-crm-reset": "37"},
            "ok",
            "412 requests left for the next 37 seconds",
        ),
        ({"ratelimit-remaining": "5000"}, "ok", "5,000 requests left"),
        (
            {"x-ratelimit-remaining": "9", "x-ratelimit-reset": str(int(NOW.timestamp()) + 60)},
            "ok",
            "9 requests left for the next 60 seconds",
        ),
        ({"x-rate-limit-remaining": "0"}, "warning", "0 requests left"),
        ({"x-crm-left": "3", "ratelimit-remaining": "9"}, "ok", "3 requests left"),
    ],
)
def test_headers_are_judged(told, state, says):
    check = judge_quota(told, OWN, NOW)
    assert check.state.value == state
    assert check.says.startswith(says)
