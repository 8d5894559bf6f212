"""One way to speak HTTP for all adapters: retries, pacing, credentials, journal, clear errors."""

from crmmigrate.adapters.transport.breaker import CircuitBreaker
from crmmigrate.adapters.transport.client import Server, Transport
from crmmigrate.adapters.transport.credentials import (
    Credentials,
    FixedHeaders,
    OAuthTokens,
    Session,
    SessionHeaders,
    SignedRequests,
    basic_credentials,
)
from crmmigrate.adapters.transport.faults import (
    CredentialsError,
    PermissionMissingError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from crmmigrate.adapters.transport.journal import Journal
from crmmigrate.adapters.transport.messages import Reply, Request
from crmmigrate.adapters.transport.pacing import Pacer, RateHeaders
from crmmigrate.adapters.transport.retrying import RetryPolicy
from crmmigrate.adapters.transport.timing import Timekeeper, TimeOuts

__all__ = [
    "CircuitBreaker",
    "Credentials",
    "CredentialsError",
    "FixedHeaders",
    "Journal",
    "OAuthTokens",
    "Pacer",
    "PermissionMissingError",
    "RateHeaders",
    "Reply",
    "Request",
    "RetryPolicy",
    "Server",
    "Session",
    "SessionHeaders",
    "SignedRequests",
    "ThrottledError",
    "TimeOuts",
    "Timekeeper",
    "Transport",
    "UnknownOutcomeError",
    "UnreachableError",
    "basic_credentials",
]
