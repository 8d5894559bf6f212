"""What `try` prints: the value, its parts, and every rule with its first sentence."""

import json
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from crmmigrate.cli.region_rules import regions_of
from crmmigrate.cli.render import print_wrapped
from crmmigrate.config.codes import load_rules
from crmmigrate.errors import UsageError
from crmmigrate.stages.attempt import Attempt, try_value
from crmmigrate.stages.row_regions import known_region

__all__ = ["print_attempt"]

_WIDTH = 14


def print_attempt(
    kind: str,
    value: str | None,
    region: str | None,
    parts: list[str],
    choices: list[str],
    project: Path,
    *,
    as_json: bool,
) -> None:
    """Standardize one value and print what came of it."""
    book = regions_of(project)
    given = dict(_part(text) for text in parts)
    code = known_region(region, book)
    found = try_value(kind, value, code, given, choices, book, load_rules())
    if as_json:
        print(json.dumps(_document(found), ensure_ascii=False, indent=1))
        return
    print_wrapped(_lines(found))


def _part(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"--part is written as PART=VALUE, not '{text}'")
    return name.strip(), value


def _document(found: Attempt) -> dict[str, object]:
    return {
        "version": 1,
        "kind": found.kind,
        "region": found.region,
        "before": found.before,
        "value": found.value,
        "parts": dict(found.parts),
        "status": found.status,
        "confidence": found.confidence,
        "alternatives": list(found.alternatives),
        "message": found.message,
        "tokens": [{"token": t.token, "part": t.part, "rule": t.rule} for t in found.tokens],
        "rules": [{"code": r.code, "name": r.name, "doc": r.doc} for r in found.rules],
    }


def _lines(found: Attempt) -> Iterator[Text | str]:
    where = f"  region {found.region}" if found.region else "  no region"
    yield Text.assemble((found.kind, "bold cyan"), (where, "dim"))
    yield _line("before", found.before)
    yield _line("value", found.value, style="bold")
    for name, text in found.parts.items():
        yield _line(name, text)
    yield _line("status", found.status)
    yield _line("confidence", f"{found.confidence:.2f}")
    for text in found.alternatives:
        yield _line("alternative", text)
    if found.message:
        yield _line("message", found.message)
    for token in found.tokens:
        yield Text.assemble(
            f"  {token.token} ",
            ("→ ", "dim"),
            token.part.replace("_", " ") or "–",
            (f"  {token.rule}", "dim"),
        )
    if not found.rules:
        yield Text("  no rule fired", style="dim")
    for rule in found.rules:
        yield Text.assemble(
            f"  {rule.code} ", (rule.name.replace("_", " "), "bold"), f": {rule.doc}"
        )


def _line(name: str, text: str | None, style: str = "") -> Text:
    shown = "–" if text is None else "".join(s if s.isprintable() else _code(s) for s in text)
    return Text.assemble(f"  {name.replace('_', ' '):<{_WIDTH}} ", (shown, style))


def _code(sign: str) -> str:
    """Write a sign that cannot be shown as its code point."""
    return (
        sign.encode("ascii", "backslashreplace").decode()
        if ord(sign) > 127
        else f"\\x{ord(sign):02x}"
    )
