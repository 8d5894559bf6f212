"""The rate limit of a server is used up almost wholly, and almost never run into."""

import collections
import itertools

import httpx
import pytest
from support.wires import scripted

from crmmigrate.adapters.transport import Pacer, RateHeaders, Request
from crmmigrate.adapters.transport.pacing import ParallelLimit

NAMES = RateHeaders("x-remaining", "x-reset")


class FixedWindow:
    """So many requests in each window, which all begin anew at its end."""

    def __init__(self, clock, allowed, window, *, tells):
        self.clock, self.allowed, self.window, self.tells = clock, allowed, window, tells
        self.taken = collections.Counter()

    def __call__(self, _request):
        self.clock.seconds += 0.002
        place = int(self.clock.seconds // self.window)
        left = (place + 1) * self.window - self.clock.seconds
        good = self.taken[place] < self.allowed
        self.taken[place] += good
        headers = {}
        if self.tells == "headers":
            headers = {
                "X-Remaining": str(self.allowed - self.taken[place]),
                "X-Reset": f"{left:.3f}",
            }
        if self.tells == "retry-after" and not good:
            headers = {"Retry-After": str(int(left) + 1)}
        return httpx.Response(200 if good else 429, headers=headers, json={})


class SlidingWindow(FixedWindow):
    """So many requests in any stretch of time."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.times = collections.deque()

    def __call__(self, _request):
        self.clock.seconds += 0.002
        while self.times and self.times[0] <= self.clock.seconds - self.window:
            self.times.popleft()
        if len(self.times) < self.allowed:
            self.times.append(self.clock.seconds)
            return httpx.Response(200, json={})
        wait = self.times[0] + self.window - self.clock.seconds
        headers = {"Retry-After": str(int(wait) + 1)} if self.tells == "retry-after" else {}
        return httpx.Response(429, headers=headers, json={})


class Bucket(FixedWindow):
    """Saves up requests while nothing comes."""

    level = None

    def __call__(self, _request):
        self.clock.seconds += 0.002
        before, self.seen = getattr(self, "seen", self.clock.seconds), self.clock.seconds
        refill = (self.clock.seconds - before) * self.allowed / self.window
        self.level = min(
            self.allowed, (self.allowed if self.level is None else self.level) + refill
        )
        if self.level < 1:
            headers = {"Retry-After": "1"} if self.tells == "retry-after" else {}
            return httpx.Response(429, headers=headers, json={})
        self.level -= 1
        return httpx.Response(200, json={})


@pytest.mark.parametrize(
    ("kind", "tells"),
    [
        (FixedWindow, "headers"),
        *itertools.product([FixedWindow, SlidingWindow, Bucket], ["retry-after", "nothing"]),
    ],
)
@pytest.mark.parametrize(("allowed", "window"), [(100, 10.0), (80, 2.0)])
def test_limits_are_used_and_kept(kind, tells, allowed, window):
    transport, script, clock = scripted(200, pacer=Pacer(names=NAMES))
    server = kind(clock, allowed, window, tells=tells)
    statuses = []

    def answer(request):
        response = server(request)
        statuses.append(response.status_code)
        return response

    script.answers[:] = [answer]
    wanted = 4000
    for _ in range(wanted):
        assert transport.send(Request("POST", "/Contact")).ok
    possible = clock.seconds * allowed / window
    assert wanted / possible > 0.9, f"{wanted / possible:.2f} of the rate used"
    assert statuses.count(429) / len(statuses) < 0.01, f"{statuses.count(429)} refused"


def test_a_rule_of_the_server_is_kept_from_the_start():
    transport, _, clock = scripted(200, pacer=Pacer(rate=5.0, fixed=True))
    for _ in range(501):
        transport.send(Request("POST", "/Contact"))
    assert clock.seconds == pytest.approx(100)


def test_a_limit_that_is_lifted_is_noticed():
    transport, script, clock = scripted(200, pacer=Pacer())
    server = SlidingWindow(clock, 10, 1.0, tells="retry-after")
    script.answers[:] = [server]
    for _ in range(1500):
        transport.send(Request("POST", "/Contact"))
    script.answers[:] = [200]
    start = clock.seconds
    for _ in range(6000):
        transport.send(Request("POST", "/Contact"))
    assert 6000 / (clock.seconds - start) > 20


def test_the_number_at_a_time_grows_slowly_and_is_halved():
    limit = ParallelLimit(8)
    for _ in range(7):
        limit.grow()
    assert 3 < limit.now < 5
    limit.shrink()
    assert 1.5 < limit.now < 2.5
    for _ in range(200):
        limit.grow()
    assert limit.now == 8
    for _ in range(9):
        limit.shrink()
    assert limit.now == 1
