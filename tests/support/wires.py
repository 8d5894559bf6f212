"""A clock that only moves when it is told to, and a scripted wire, for tests of HTTP."""

from datetime import UTC, datetime, timedelta
from random import Random

import httpx

from crmmigrate.adapters.transport import RetryPolicy, Server, Timekeeper, Transport

START = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)


class FakeClock:
    """Sleeping moves it; nothing else does."""

    def __init__(self):
        self.seconds = 0.0
        self.slept = []

    def elapsed(self):
        return self.seconds

    def now(self):
        return START + timedelta(seconds=self.seconds)

    def sleep(self, seconds):
        assert seconds >= 0
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def timekeeper(self):
        return Timekeeper(self.now, self.elapsed, self.sleep)


class Script:
    """Answers by turns: a response, a status, an exception to raise, or a function of the request."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, json={}) if isinstance(answer, int) else answer


def scripted(*answers, clock=None, **server):
    """Return a transport that is answered by a script, the script and the clock."""
    clock, script = clock or FakeClock(), Script(*answers)
    server.setdefault("retry", RetryPolicy(random=Random(1)))
    parts = {k: server.pop(k) for k in ("pacer", "breaker", "journal") if k in server}
    transport = Transport(
        Server("https://crm.example.com/api", **server),
        timekeeper=clock.timekeeper,
        wire=httpx.MockTransport(script),
        **parts,
    )
    return transport, script, clock
