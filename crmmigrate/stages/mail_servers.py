"""Ask the name servers whether domains take mail: only for `clean --dns`, never by itself.

The kernels know nothing of it; what is found is added to the findings of e-mail columns. A domain
that no server answers for in time is not called wrong.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.fields import run_here

__all__ = ["Ask", "MailServers", "ask_name_servers"]

Ask = Callable[[str], str | None]
"""Domain → why it takes no mail; None where it does, or where nobody knows."""

_CODE = "STD161"
_AT_ONCE = 16
"""Questions under way at the same time; name servers answer in tens of milliseconds."""


def ask_name_servers(timeout: int = 5) -> Ask:
    """Return what asks the machine's own name servers, as email-validator does.

    Args:
        timeout: Seconds to wait for the answers about one domain.
    """
    from email_validator import EmailUndeliverableError, caching_resolver, validate_email

    resolver = caching_resolver(timeout=timeout)

    def ask(domain: str) -> str | None:
        try:
            validate_email(f"a@{domain}", check_deliverability=True, dns_resolver=resolver)
        except EmailUndeliverableError as exc:
            reason = str(exc).rstrip(".")
            return reason[:1].lower() + reason[1:]
        return None

    return ask


class MailServers:
    """Answers about domains, each asked for once.

    Args:
        ask: What asks about one domain.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._answers: dict[str, str | None] = {}

    def refusals(self, domains: Iterable[str]) -> dict[str, str]:
        """Return the domains that take no mail, with the reason."""
        wanted = list(dict.fromkeys(domains))
        new = [domain for domain in wanted if domain not in self._answers]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            self._answers |= dict(zip(new, pool.map(self._ask, new), strict=True))
        found = {domain: self._answers[domain] for domain in wanted}
        return {domain: reason for domain, reason in found.items() if reason}

    def run_kernel(
        self,
        kind: SemanticType,
        distinct: pl.DataFrame,
        book: RegionBook,
        options: Mapping[str, object],
    ) -> pl.DataFrame:
        """Run the kernel of a type here, and add what is known of domains to what it says."""
        outcome = run_here(kind, distinct, book, options)
        return self.tell(outcome) if kind is SemanticType.EMAIL else outcome

    def tell(self, outcome: pl.DataFrame) -> pl.DataFrame:
        """Add the rule to each e-mail address whose domain takes no mail.

        Args:
            outcome: What the kernel says of e-mail addresses.
        """
        refused = self.refusals(outcome["domain"].drop_nulls().unique().to_list())
        if not refused:
            return outcome
        reason = pl.col("domain").replace_strict(refused, default=None, return_dtype=pl.String)
        codes = pl.concat_list("codes", pl.lit([_CODE]))
        return outcome.with_columns(
            pl.when(reason.is_not_null()).then(codes).otherwise("codes").alias("codes"),
            pl.coalesce(reason, "message").alias("message"),
        )
