"""What happens where a server is missing: a loud skip; in CI a failure, unless it could not be had.

`make servers` and `.ci/run` leave what the installers have said in `build/servers/<server>.log`.
"""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / "build" / "servers"
_UNREACHED = re.compile(
    r".*(?:connection broken by|Max retries exceeded|NewConnectionError|ProxyError|ReadTimeout"
    r"|Temporary failure (?:in name resolution|resolving)|Could not (?:resolve|connect)"
    r"|Unable to connect|Failed to fetch|too many 50\d error responses).*"
)
"""What pip and apt say of a registry that does not answer."""


def is_installed(name):
    """Return whether an environment of `make servers` is whole; a half one does not count."""
    return (PLACE / name / ".installed").is_file()


def why_unreached(name, place=PLACE):
    """Return the words of an installer that could not reach its registry, or nothing."""
    log = place / f"{name}.log"
    said = _UNREACHED.search(log.read_text(errors="replace")) if log.is_file() else None
    return said[0].strip()[:300] if said else ""


def give_up(name, lacking, why=None, environment=os.environ):
    """Skip the tests of a server that is missing, or fail.

    Args:
        name: The server.
        lacking: What this machine lacks.
        why: Why that can be no fault of ours; by default what the installer has said.
        environment: Where CI is looked for.
    """
    told = f"no {name} to test with; this machine lacks {lacking}"
    why = why_unreached(name) if why is None else why
    if environment.get("CI", "").lower() in {"", "0", "false"}:
        pytest.skip(f"SKIPPED LOUDLY: {told}")
    if why:
        pytest.skip(f"SKIPPED LOUDLY, IN CI: {told}, because {why}")
    pytest.fail(f"{told}; in CI a server that could be installed must be there", pytrace=False)
