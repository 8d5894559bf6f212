"""A proxy on the loopback interface: the way to a real server, which misbehaves by seed.

It is a simulator whose rules are those of the server behind it: requests are handed on as they are,
answers handed back whole, and the schedule says which fault befalls the way.

    with Simulator(Upstream(odoo.url), schedule_of_faults) as proxy:
        ... use proxy.url in the place of odoo.url
"""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from crmmigrate.errors import UsageError
from crmmigrate.testing.simulators.server import Answer, Asked

__all__ = ["Upstream"]

_HOP_BY_HOP = frozenset(
    {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}
)
"""Headers of one connection, not of the message (RFC 9110 section 7.6.1)."""
_LONGEST = 300.0
"""Seconds to wait for the server behind."""


class Upstream:
    """Hands requests on to a server that speaks plain HTTP.

    Args:
        url: Address of the server; what is asked for keeps its whole path.
    """

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url).netloc

    def expire_tokens(self) -> None:
        """Refuse: sessions are those of the server, and nothing here makes it forget them.

        Raises:
            UsageError: always; leave `Fault.TOKEN_EXPIRED` out of the schedule of a proxy.
        """
        raise UsageError(
            "a proxy cannot end the sessions of the server behind it",
            where=self._place,
            hint="leave Fault.TOKEN_EXPIRED out of its schedule",
        )

    def answer(self, asked: Asked) -> Answer:
        """Return what the server answers; 502 where it does not, as gateways do."""
        connection = HTTPConnection(self._place, timeout=_LONGEST)
        try:
            headers = _of_the_message(asked.headers)
            connection.request(asked.method, asked.target, asked.body or None, headers)
            reply = connection.getresponse()
            told = _of_the_message({name.title(): value for name, value in reply.getheaders()})
            return Answer(reply.status, text=reply.read(), headers=told)
        except (OSError, HTTPException) as exc:
            return Answer(502, text=f"<html><title>{exc}</title></html>", headers=_PAGE)
        finally:
            connection.close()


_PAGE = {"Content-Type": "text/html"}


def _of_the_message(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
