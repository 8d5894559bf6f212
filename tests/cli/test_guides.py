"""The guides do not lie: every command in them exists, with its options; every link leads somewhere."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from crmmigrate.cli.app import app
from crmmigrate.config.codes import load_rules

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = [DOCS / name for name in ("index.md", "tutorial.md", "report.md")]
COMMANDS = typer.main.get_command(app).commands


def commands() -> list[str]:
    """Return the command lines of all guides: indented ones, and those between backticks."""
    found = []
    for guide in GUIDES:
        text = guide.read_text(encoding="utf-8")
        found += re.findall(r"^    (crmmigrate .*)$", text, re.MULTILINE)
        found += re.findall(r"`(crmmigrate [a-z][^`]*)`", text)
    return found


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_commands_are_real(line):
    words = shlex.split(line.split("|")[0], comments=True)[1:]
    if words[0] == "COMMAND":
        words[0] = "run"
    command = COMMANDS[words[0]]
    known = {flag for parameter in command.params for flag in parameter.opts} | {"--help"}
    used = {word.split("=")[0] for word in words[1:] if word.startswith("-")}
    assert used <= known
    if not used & {"--help"} and "CODE" not in words and "KEY" not in words:
        command.make_context(words[0], words[1:], resilient_parsing=True)


def test_the_guides_have_commands():
    assert len(commands()) > 25


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_links_lead_somewhere(guide):
    for target in re.findall(r"\]\(([^)#]+)\)", guide.read_text(encoding="utf-8")):
        assert (DOCS / target).exists(), target


def test_codes_in_the_guides_exist():
    for guide in GUIDES:
        codes = re.findall(r"\b(?:EXT|MAP|STD|DUP|VAL|PLN|LOD|VER|RBK)\d{3}\b", guide.read_text())
        assert set(codes) <= set(load_rules())


def test_the_lines_are_not_too_long():
    for guide in GUIDES:
        lines = guide.read_text(encoding="utf-8").splitlines()
        assert all(len(line) <= 120 or line.startswith("|") for line in lines)
