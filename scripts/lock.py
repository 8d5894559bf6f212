"""Write requirements/{run,dev,bench}.lock: names, versions and hashes, and no registry's address."""

import re
import subprocess
import sys
from pathlib import Path

TARGETS = {
    "requirements/run.lock": [],
    "requirements/dev.lock": ["--extra", "dev"],
    "requirements/bench.lock": ["--extra", "dev", "--extra", "bench"],
}
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host")


def lock(target: str, extras: list[str]) -> None:
    """Resolve one set of dependencies with hashes."""
    command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes"]
    command += ["--strip-extras", "--allow-unsafe", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--no-emit-trusted-host", "--no-header", "--no-annotate", "--resolver=backtracking"]
    subprocess.run([*command, *extras, "-o", target, "pyproject.toml"], check=True)
    text = Path(target).read_text(encoding="utf-8")
    if ADDRESS.search(text):
        sys.exit(f"{target} names an address")


def main() -> None:
    """Lock everything."""
    for target, extras in TARGETS.items():
        lock(target, extras)


if __name__ == "__main__":
    main()
