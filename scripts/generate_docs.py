"""Write the reference pages and JSON Schemas from the product itself.

scripts/generate_docs.py            write docs/reference/
scripts/generate_docs.py --check    exit 1 if a page is not as it would be written
"""

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from crmmigrate.cli.app import app
from crmmigrate.config.canonical import load_model
from crmmigrate.config.codes import load_rules
from crmmigrate.config.schemas import KINDS, json_schema
from crmmigrate.errors import ExitCode
from crmmigrate.model.canonical import Field, ObjectType
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.report.contract import report_schema

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Written by scripts/generate_docs.py; change the source, not this page. -->"
STAGES = {
    "EXT": "Extract",
    "MAP": "Map",
    "STD": "Standardize",
    "DUP": "Dedupe",
    "VAL": "Validate",
    "PLN": "Plan",
    "LOD": "Load",
    "VER": "Verify",
    "RBK": "Rollback",
}
EXITS = {
    ExitCode.OK: "done, gates passed, or nothing to do",
    ExitCode.GATE: "ran, but the data failed a gate: validation, verify mismatch, dead letters left",
    ExitCode.USAGE: "usage or configuration",
    ExitCode.REMOTE: "the CRM, the network or the disk failed; safe to run again",
    ExitCode.REFUSED: "refused: stale plan, drift, lock held, unconfirmed destructive action",
    ExitCode.CHANGES: "`--detailed-exitcode` only: changes are pending",
    ExitCode.BUG: "a bug in crmmigrate, or books that do not balance",
    ExitCode.INTERRUPTED: "interrupted; says what was finished and how to resume",
}


def main() -> int:
    """Write or check all pages; return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = [path for path, text in pages() if not _same(path, text)]
    if check:
        for path in stale:
            print(f"not fresh: {path.relative_to(ROOT)}")
        if stale:
            print("hint: scripts/generate_docs.py")
        return 1 if stale else 0
    for path, text in pages():
        if path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 0


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every page with the text it must have."""
    yield REFERENCE / "model.md", model_page()
    yield REFERENCE / "rules.md", rules_page()
    yield REFERENCE / "commands.md", commands_page()
    yield REFERENCE / "configuration.md", configuration_page()
    for kind in KINDS:
        text = json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"
        yield REFERENCE / "schemas" / f"{kind}.schema.json", text
    text = json.dumps(report_schema(), indent=1, ensure_ascii=False) + "\n"
    yield REFERENCE / "schemas" / "report.json", text


def model_page() -> str:
    """Return the page of the canonical model."""
    model = load_model()
    lines = [
        "# The canonical model",
        NOTE,
        "",
        f"Version {model.version}. Every source is mapped to these objects, and every CRM is filled",
        "from them. A project adds objects and fields of its own under `objects` in migration.yaml.",
        "",
        "Objects in the order in which they are loaded: " + ", ".join(model.load_order) + ".",
        "",
        "## Types with parts",
        "",
        "| type | columns beside the value | parts a mapping may fill |",
        "|---|---|---|",
    ]
    for kind in SemanticType:
        if PARTS.get(kind):
            filled = ", ".join(f"`.{part}`" for part in INPUT_PARTS.get(kind, ())) or "none"
            shown = ", ".join(f"`_{part}`" for part in PARTS[kind])
            lines.append(f"| {kind.value} | {shown} | {filled} |")
    for object_type in model.objects.values():
        lines += _object(object_type)
    return "\n".join(lines) + "\n"


def _object(object_type: ObjectType) -> list[str]:
    return [
        "",
        f"## {object_type.label} (`{object_type.name}`)",
        "",
        object_type.description,
        "",
        "| field | type | meaning | limits |",
        "|---|---|---|---|",
        *(_field(field) for field in object_type.fields.values()),
    ]


def _field(field: Field) -> str:
    limits = ["required"] if field.required else []
    if field.references:
        limits.append("→ " + ", ".join(field.references))
    if field.choices:
        limits.append(" \\| ".join(field.choices))
    if field.max_length:
        limits.append(f"at most {field.max_length} characters")
    return f"| `{field.name}` | {field.type.value} | {field.description} | {'; '.join(limits)} |"


def rules_page() -> str:
    """Return the page of all rules."""
    lines = [
        "# Rules",
        NOTE,
        "",
        "Every finding bears the code of one of these rules; `crmmigrate explain CODE` prints it.",
    ]
    for prefix, rules in groupby(load_rules().values(), key=lambda rule: rule.code[:3]):
        lines += ["", f"## {STAGES.get(prefix, prefix)}"]
        for rule in rules:
            lines += ["", f"### {rule.code} {rule.name}", "", f"*{rule.severity}.* {rule.doc}"]
            if rule.hint:
                lines += ["", f"What to do: {rule.hint}"]
            if rule.cases:
                lines += ["", "| given | outcome |", "|---|---|"]
                lines += [f"| {_cell(before)} | {_cell(after)} |" for before, after in rule.cases]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    shown = text.replace("|", "\\|").replace("\n", " ")
    return f"`` {shown} ``" if shown.strip() else "(blank)"


def commands_page() -> str:
    """Return the page of all commands."""
    root = typer.main.get_command(app)
    lines = ["# Commands", NOTE, "", _help(root)]
    lines += ["", "## Exit codes", "", "| code | meaning |", "|--:|---|"]
    lines += [f"| {int(code)} | {meaning} |" for code, meaning in EXITS.items()]
    for name, command in sorted(getattr(root, "commands", {}).items()):
        lines += ["", f"## crmmigrate {name}", "", _help(command), ""]
        lines += _parameters(command)
    return "\n".join(lines).rstrip() + "\n"


def _help(command: Any) -> str:  # noqa: ANN401 - typer's click may be vendored
    paragraphs = (command.help or "").replace("\b", "").strip().split("\n\n")
    shown = []
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        if text.startswith("Example: "):
            text = f"    {text.removeprefix('Example: ')}"
        shown.append(text)
    return "\n\n".join(shown)


def _parameters(command: Any) -> list[str]:  # noqa: ANN401 - typer's click may be vendored
    rows = [_parameter(one) for one in command.params if not getattr(one, "hidden", False)]
    head = ["| argument or option | meaning | default |", "|---|---|---|"]
    return [*head, *rows] if rows else []


def _parameter(parameter: Any) -> str:  # noqa: ANN401
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        names = f"`{(parameter.metavar or parameter.name).upper()}`"
    meaning = " ".join((getattr(parameter, "help", "") or "").split()).replace("|", "\\|")
    return f"| {names} | {meaning} | {_default(parameter)} |"


def _default(parameter: Any) -> str:  # noqa: ANN401
    if parameter.required:
        return "required"
    shown = getattr(parameter, "show_default", None)
    if isinstance(shown, str):
        return shown
    value = parameter.default
    told = isinstance(value, str | int | float | Path) and value is not False
    return f"`{value}`" if told and str(value) else ""


def configuration_page() -> str:
    """Return the page of all configuration files."""
    lines = [
        "# Configuration files",
        NOTE,
        "",
        "Each file has a JSON Schema, printed by `crmmigrate schema KIND` and kept in `schemas/`.",
        "Unknown keys are errors. `${env:NAME}`, `${env:NAME:-default}`, `${file:path}` and",
        "`${keyring:service/name}` stand for values that are not written down; a password, token or",
        "secret must be one of them.",
    ]
    for kind in KINDS:
        schema = json_schema(kind)
        lines += ["", f"## {schema['title']} (`{kind}`)"]
        tops = [schema] if "properties" in schema else []
        named = list(schema.get("$defs", {}).items())
        for name, part in [*(("", top) for top in tops), *named]:
            if part.get("properties"):
                lines += _section(name, part)
    return "\n".join(lines) + "\n"


def _section(name: str, part: dict[str, Any]) -> list[str]:
    lines = ["", f"### {name}"] if name else []
    described = " ".join(str(part.get("description", "")).split())
    lines += ["", described] if described else []
    lines += ["", "| key | value | meaning |", "|---|---|---|"]
    required = part.get("required", [])
    for key, value in part["properties"].items():
        must = " (required)" if key in required else ""
        meaning = " ".join(str(value.get("description", "")).split()).replace("|", "\\|")
        lines.append(f"| `{key}`{must} | {_kind(value)} | {meaning} |")
    return lines


def _kind(value: dict[str, Any]) -> str:
    """Return what a value may be, in words."""
    if "$ref" in value:
        shown = str(value["$ref"]).rpartition("/")[2]
    elif "enum" in value or "const" in value:
        shown = " \\| ".join(f"`{one}`" for one in value.get("enum", [value.get("const")]))
    elif "anyOf" in value:
        kinds = [_kind(one) for one in value["anyOf"] if one.get("type") != "null"]
        shown = " or ".join(dict.fromkeys(kinds))
    elif value.get("type") == "array":
        shown = f"list of {_kind(value['items'])}" if "items" in value else "list"
    elif value.get("type") == "object":
        inner = value.get("additionalProperties")
        shown = f"map to {_kind(inner)}" if isinstance(inner, dict) else "map"
    else:
        kind = str(value.get("type", "anything"))
        words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
        shown = words.get(kind, kind)
    return shown


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
