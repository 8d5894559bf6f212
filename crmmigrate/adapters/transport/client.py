"""The transport: sends requests of an adapter to one server, again where that is safe."""

import logging
import ssl
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx
import stamina

from crmmigrate import __version__
from crmmigrate.adapters.transport.answers import check_reply, unknown_outcome
from crmmigrate.adapters.transport.breaker import CircuitBreaker
from crmmigrate.adapters.transport.credentials import Credentials, FixedHeaders
from crmmigrate.adapters.transport.faults import (
    Fault,
    ThrottledError,
    UnreachableError,
    clock_skew,
    explain_fault,
    fault_of,
)
from crmmigrate.adapters.transport.journal import Journal
from crmmigrate.adapters.transport.messages import Reply, Request
from crmmigrate.adapters.transport.pacing import Pacer, ParallelLimit
from crmmigrate.adapters.transport.redaction import redact
from crmmigrate.adapters.transport.retrying import (
    RetryPolicy,
    Verdict,
    http_date,
    judge_reply,
    retry_after,
)
from crmmigrate.adapters.transport.timing import Timekeeper, TimeOuts
from crmmigrate.errors import ConfigError, CrmMigrateError

__all__ = ["Server", "Transport"]

_AGENT = f"crmmigrate/{__version__}"
# stamina tells each retry to this logger; the journal tells the same, without values.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Server:
    """Where requests go and how.

    Attributes:
        url: Address that paths are below.
        credentials: Prove who asks.
        headers: Headers of every request.
        time_outs: How long is waited for an answer.
        max_parallel: Most requests at a time.
        retry: When to try again.
        ca_file: Certificates to trust beside the usual ones; empty for none.
        verify: Whether certificates are checked.
    """

    url: str
    credentials: Credentials = field(default_factory=FixedHeaders, repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    time_outs: TimeOuts = field(default_factory=TimeOuts)
    max_parallel: int = 1
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    ca_file: str = ""
    verify: bool = True

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class _Retry(Exception):  # noqa: N818 - never leaves this module
    """Another try is worth it; `error` is what is raised when it was the last one."""

    def __init__(self, pause: float, error: Exception, *, throttled: bool = False) -> None:
        super().__init__()
        self.pause = pause
        self.error = error
        self.throttled = throttled


class Transport:
    """Sends requests to one server; may be used by several threads.

    Args:
        server: Where and how.
        pacer: How fast.
        breaker: When to leave the server in peace.
        journal: Where requests are written down.
        timekeeper: Clock and sleep.
        wire: What httpx sends through, for tests; None for the network.
    """

    def __init__(
        self,
        server: Server,
        *,
        pacer: Pacer | None = None,
        breaker: CircuitBreaker | None = None,
        journal: Journal | None = None,
        timekeeper: Timekeeper | None = None,
        wire: httpx.BaseTransport | None = None,
    ) -> None:
        if urlsplit(server.url).scheme not in {"http", "https"} or not server.host:
            raise ConfigError(
                "this is no address of a server",
                where=redact(server.url, server.credentials.secrets),
                hint="give it as https://crm.example.com",
            )
        self.server = server
        self.pacer = pacer or Pacer()
        self.breaker = breaker or CircuitBreaker()
        self.parallel = ParallelLimit(server.max_parallel, float(min(2, server.max_parallel)))
        self._journal = journal or Journal()
        self._time = timekeeper or Timekeeper()
        self._client = _open_client(server, wire)
        self.told: Mapping[str, str] = {}
        """Headers of the last answer, names in lower case."""
        self._met = False
        self._skew: float | None = None

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which our clock is behind the server's; None before its first answer."""
        return self._skew

    def send(self, request: Request) -> Reply:
        """Return the answer of the server, whatever its status, once it is its last word.

        Connection errors and 408, 429, 502, 503, 504 are tried again where that is safe, as is
        500 for what may be repeated; 401 once, with renewed credentials. What is left, such as
        400 or 409, is for the adapter to understand.

        Raises:
            UnknownOutcomeError: a write was sent and its reply was lost.
            UnreachableError: the server does not answer.
            ThrottledError: the rate limit is used up for long.
            CredentialsError: the server or a proxy does not accept our credentials.
            ConfigError: there is no such server, no safe connection, or no API at this address.
        """
        return check_reply(self._send_with_credentials(request), self.server, self._skew)

    def send_all(self, requests: Iterable[Request]) -> Iterator[tuple[int, Reply | Exception]]:
        """Yield the answer or the error of each request with its place, in order.

        As many as the limit allows are under way at a time. An error does not stop the others.
        """
        listed = list(requests)
        if self.server.max_parallel == 1 or len(listed) < 2:
            yield from ((place, self._caught(request)) for place, request in enumerate(listed))
            return
        with ThreadPoolExecutor(self.server.max_parallel) as pool:
            yield from enumerate(pool.map(self._caught, listed))

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _caught(self, request: Request) -> Reply | Exception:
        try:
            return self.send(request)
        except CrmMigrateError as exc:
            return exc

    def _send_with_credentials(self, request: Request) -> Reply:
        """Send with credentials; renew them once where they are refused."""
        given = self._proof(request)
        reply = self._send_patiently(request, given)
        if reply.status == 401 and self.server.credentials.renew(given):
            reply = self._send_patiently(request, self._proof(request))
        return reply

    def _proof(self, request: Request) -> Mapping[str, str]:
        path = urlsplit(self._url(request)).path
        now = self._time.elapsed()
        return self.server.credentials.headers(request, path, self._send_bare, now)

    def _send_bare(self, request: Request) -> Reply:
        """Send without credentials: what gets a token."""
        return self._send_patiently(request, {})

    def _send_patiently(self, request: Request, given: Mapping[str, str]) -> Reply:
        """Try until the answer is final, or tries or patience are used up.

        stamina counts the tries; the waiting is ours, so that clocks can be handed in.
        """
        policy = self.server.retry
        spent = {"tries": 0, "throttled": 0}

        def worth_it(error: Exception) -> bool:
            if not isinstance(error, _Retry):
                return False
            spent["throttled" if error.throttled else "tries"] += 1
            if spent["tries"] >= policy.tries or spent["throttled"] >= policy.throttled_tries:
                return False
            self._time.sleep(error.pause)
            return True

        tries = stamina.retry_context(
            on=worth_it, attempts=None, timeout=None, wait_initial=0, wait_max=0, wait_jitter=0
        )
        try:
            for attempt in tries:
                with attempt:
                    return self._try(request, given, attempt.num)
        except _Retry as last:
            raise last.error from None
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _try(self, request: Request, given: Mapping[str, str], number: int) -> Reply:
        """Send once; raise _Retry where another try is worth it."""
        self._await_breaker()
        self.parallel.enter()
        try:
            wait = self.pacer.book(self._time.elapsed())
            if wait > 0:
                self._time.sleep(wait)
            reply = self._exchange(request, given, number)
        finally:
            self.parallel.leave()
        return self._judged(request, reply, number)

    def _exchange(self, request: Request, given: Mapping[str, str], number: int) -> Reply:
        """Put a request on the wire and take the answer; write it down."""
        at, start = self._time.now(), self._time.elapsed()
        outcome: int | str = "interrupted"
        sent = received = 0
        built: httpx.Request | None = None
        try:
            built = self._built(request, given)
            sent = len(built.content)
            answer = self._client.send(built)
            outcome, received = answer.status_code, len(answer.content)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            fault = fault_of(exc)
            outcome = fault.value
            raise self._failed(request, fault, str(exc) or type(exc).__name__, number) from None
        finally:
            url = str(built.url) if built is not None else request.path
            seconds = self._time.elapsed() - start
            self._journal.record(at, request.method, url, outcome, seconds, sent, received, number)
            if outcome == "interrupted":
                self.breaker.failure(self._time.elapsed())
        self._met = True
        headers = self.told = {name.lower(): value for name, value in answer.headers.items()}
        self._note_clock(headers, at)
        return Reply(request, answer.status_code, headers, answer.content, number)

    def _built(self, request: Request, given: Mapping[str, str]) -> httpx.Request:
        return self._client.build_request(
            request.method,
            self._url(request),
            params=list(request.params) or None,
            headers={**request.headers, **given},
            json=request.json,
            data=dict(request.form) if request.form is not None else None,
            content=request.content,
        )

    def _url(self, request: Request) -> str:
        if request.path.startswith(("http://", "https://")):
            return request.path
        return f"{self.server.url.rstrip('/')}/{request.path.lstrip('/')}"

    def _failed(self, request: Request, fault: Fault, said: str, number: int) -> Exception:
        """Return what to raise for a request that got no answer."""
        now = self._time.elapsed()
        self.breaker.failure(now)
        self.parallel.shrink()
        told = redact(said, self.server.credentials.secrets)
        error = explain_fault(fault, told, self.server.host, met_before=self._met, tries=number)
        if fault.was_sent and not request.may_repeat:
            return unknown_outcome(request, error.message, self.server.host)
        if fault.may_pass or (self._met and fault in {Fault.WRONG_HOST, Fault.TLS}):
            return _Retry(self.server.retry.pause(number), error)
        return error

    def _judged(self, request: Request, reply: Reply, number: int) -> Reply:
        """Return an answer that is final; raise _Retry for others."""
        now, verdict = self._time.elapsed(), judge_reply(request, reply)
        if verdict == Verdict.THROTTLED:
            self.breaker.succeeded()
            self.parallel.shrink()
            raise self._throttled(reply, now, number)
        if verdict == Verdict.DONE:
            if reply.status == 500:
                self.breaker.failure(now)
            else:
                self.breaker.succeeded()
                self.parallel.grow()
            self.pacer.answered(now, reply.headers, self.server_time)
            return reply
        self.breaker.failure(now)
        self.parallel.shrink()
        asked = self._asked_pause(reply)
        if asked is not None:
            self.pacer.hold(now, min(asked, self.server.retry.patience))
        if verdict == Verdict.UNKNOWN:
            raise unknown_outcome(request, f"HTTP {reply.status}", self.server.host)
        raise _Retry(
            max(asked or 0.0, self.server.retry.pause(number)),
            UnreachableError(
                f"the server fails: HTTP {reply.status} ({number} tries)",
                where=self.server.host,
                causes=[redact(reply.title or reply.text[:200], self.server.credentials.secrets)],
            ),
        )

    def _throttled(self, reply: Reply, now: float, number: int) -> Exception:
        """Return what to raise for 429: wait as asked, or say when to run again."""
        policy = self.server.retry
        asked = self._asked_pause(reply)
        self.pacer.refused(now, asked)
        pause = policy.pause(number) if asked is None else asked
        error = ThrottledError(
            f"the rate limit is used up; the server asks to wait {pause:,.0f} seconds",
            where=self.server.host,
        )
        if pause > policy.patience:
            return error
        self.pacer.hold(now, pause)
        return _Retry(0.0, error, throttled=True)

    def _asked_pause(self, reply: Reply) -> float | None:
        """Return for how long the server asks to be left alone, by header or window."""
        asked = retry_after(reply.headers, self.server_time)
        if asked is not None:
            return asked
        told = self.pacer.names.left(reply.headers, self.server_time)
        return told[1] if told is not None and told[0] < 1 and told[1] > 0 else None

    def _await_breaker(self) -> None:
        while (pause := self.breaker.ask(self._time.elapsed())) > 0:
            if self.breaker.gave_up(self._time.elapsed()):
                raise UnreachableError(
                    f"the server has failed {self.breaker.failed:,} times in a row",
                    where=self.server.host,
                    hint="check the server, then run the same command again; it goes on where it stopped",
                )
            self._time.sleep(pause)

    @property
    def server_time(self) -> datetime:
        """The time by the server's clock, as far as it is known."""
        return self._time.now() + timedelta(seconds=self._skew or 0.0)

    def _note_clock(self, headers: Mapping[str, str], at: datetime) -> None:
        moment = http_date(headers.get("date", ""))
        if moment is not None:
            self._skew = clock_skew(moment, at)


def _open_client(server: Server, wire: httpx.BaseTransport | None) -> httpx.Client:
    context: ssl.SSLContext | bool = server.verify
    if server.ca_file:
        try:
            context = ssl.create_default_context()
            context.load_verify_locations(cafile=server.ca_file)
        except (OSError, ssl.SSLError):
            raise ConfigError(
                "the file of certificates cannot be read", where=server.ca_file
            ) from None
    pool = httpx.Limits(
        max_connections=server.max_parallel, max_keepalive_connections=server.max_parallel
    )
    return httpx.Client(
        headers={"User-Agent": _AGENT, "Accept": "application/json", **server.headers},
        timeout=server.time_outs.as_httpx(),
        limits=pool,
        verify=context,
        transport=wire,
        follow_redirects=False,
    )
