"""Refuse modules over 400 lines, functions over 40 and rooms without a noun."""

import ast
import sys
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 40
BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def problems(path: Path) -> list[str]:
    """Return what is too big or badly named in one module."""
    text = path.read_text(encoding="utf-8")
    found = []
    lines = text.count("\n")
    if lines > MODULE_LINES:
        found.append(f"{path}: {lines} lines, more than {MODULE_LINES}")
    if path.stem in BANNED:
        found.append(f"{path}: the name is no noun of the field")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
    return found


def main() -> int:
    """Check every module of the package."""
    found = [p for path in sorted(Path("crmmigrate").rglob("*.py")) for p in problems(path)]
    print("\n".join(found) or "module and function sizes are fine")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
