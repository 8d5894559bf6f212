"""Read a YAML file into a closed pydantic model; every mistake is told with file and line."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import ConfigError

__all__ = ["ClosedModel", "line_of", "read_model", "read_yaml", "validate_model"]

_DUPLICATE = re.compile(r"duplicate key \"(.*?)\"", re.DOTALL)
_UNION_TAG = re.compile(
    r"^(str|int|float|bool|none|list|dict|tuple|function-.*|.*\[.*\]|[A-Z]\w*(Entry|Config|Spec|Section|File))$"
)
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a map of keys to values",
    "model_type": "a map of keys to values",
    "model_attributes_type": "a map of keys to values",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "string_too_short": "not empty",
    "too_short": "not empty",
}
_ONE_OF = re.compile(r"\^\((\w+(?:\|\w+)*)\)\$")
"""A pattern that lists the words that may stand."""
M = TypeVar("M", bound=BaseModel)


class ClosedModel(BaseModel):
    """Base of every configuration model: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def read_yaml(path: Path, *, shown: str | None = None) -> Any:  # noqa: ANN401 - YAML is untyped until validated
    """Parse a YAML file, keeping line numbers on its maps and lists.

    Args:
        path: The file.
        shown: How the path is shown in errors; the path itself by default.

    Raises:
        ConfigError: the file is missing, unreadable, not UTF-8 or not YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    place = shown or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("no such file", where=place, hint="check the path") from None
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"cannot be read: {_reason(exc)}", where=place) from None
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        where = f"{place}:{mark.line + 1}" if mark else place
        raise ConfigError(_yaml_problem(exc.problem or exc.context), where=where) from None
    except YAMLError as exc:
        first = str(exc).strip().splitlines()[0]
        raise ConfigError(_yaml_problem(first), where=place) from None


def _yaml_problem(problem: str | None) -> str:
    found = _DUPLICATE.search(problem or "")
    if found:
        return f"the key '{found[1]}' stands twice"
    return f"not valid YAML: {problem}"


def read_model(path: Path, schema: type[M], *, shown: str | None = None) -> M:
    """Read a YAML file into `schema`.

    Args:
        path: The file.
        schema: A pydantic model with `extra="forbid"`.
        shown: How the path is shown in errors; the path itself by default.

    Raises:
        ConfigError: with `file:line: key.path: what is wrong; did you mean …?`
    """
    quick = _read_quickly(path, schema)
    if quick is not None:
        return quick
    document = read_yaml(path, shown=shown)
    where = shown or str(path)
    if not isinstance(document, dict):
        raise ConfigError("must be a map of keys to values", where=f"{where}:1")
    return validate_model(document, schema, where)


def _read_quickly(path: Path, schema: type[M]) -> M | None:
    """Read a file without line numbers; None if anything at all is wrong with it.

    Six times as fast as keeping them, which only a message about a mistake needs.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8-sig"))
        return schema.model_validate(document) if isinstance(document, dict) else None
    except (OSError, ValueError, YAMLError):
        return None


def validate_model(document: Any, schema: type[M], where: str) -> M:  # noqa: ANN401
    """Validate an already parsed (part of a) document; errors as in `read_model`."""
    try:
        return schema.model_validate(_plain(document))
    except ValidationError as exc:
        errors = list(
            dict.fromkeys(_describe(error, document, schema, where) for error in _merged(exc))
        )
    (place, message), *rest = errors
    raise ConfigError(message, where=place, causes=[f"{p}: {text}" for p, text in rest])


def _merged(exc: ValidationError) -> list[Any]:
    """Return the errors of a union's branches as one: the branch that got deepest tells most."""
    errors: list[tuple[list[Any], Any]] = [
        ([part for part in error["loc"] if not _is_tag(part)], error) for error in exc.errors()
    ]
    kept = [
        error
        for place, error in errors
        if not (
            error["type"].endswith("_type")
            and any(len(p) > len(place) and p[: len(place)] == place for p, _ in errors)
        )
    ]
    return kept or [error for _, error in errors]


def _is_tag(part: Any) -> bool:  # noqa: ANN401 - a piece of a pydantic location
    """Tell whether pydantic added this piece of a location to name a branch of a union."""
    return isinstance(part, str) and bool(_UNION_TAG.search(part))


def _describe(
    error: Any,  # noqa: ANN401 - pydantic's ErrorDetails
    document: Any,  # noqa: ANN401
    schema: type[BaseModel],
    where: str,
) -> tuple[str, str]:
    loc = _visible(error["loc"], document)
    line = line_of(document, loc)
    dotted = ".".join(str(part) for part in loc)
    message = _message(error, loc, schema)
    return f"{where}:{line}", f"{dotted}: {message}" if dotted else message


def _message(error: Any, loc: Sequence[Any], schema: type[BaseModel]) -> str:  # noqa: ANN401
    if error["type"] == "extra_forbidden":
        return f"unknown key{did_you_mean(str(loc[-1]), _known_keys(schema, loc[:-1]))}"
    if error["type"] == "missing":
        return "is required"
    if error["type"] in _WANTED:
        return f"must be {_WANTED[error['type']]}"
    if error["type"] in {"literal_error", "enum"}:
        given, expected = str(error["input"]), re.findall(r"'([^']*)'", error["ctx"]["expected"])
        near = did_you_mean(given, expected) if expected else f"; {error['msg'].lower()}"
        return f"'{given}' is not allowed here{near}"
    listed = _ONE_OF.fullmatch(str((error.get("ctx") or {}).get("pattern", "")))
    if error["type"] == "string_pattern_mismatch" and listed:
        given = str(error["input"])
        return f"'{given}' is not allowed here{did_you_mean(given, listed[1].split('|'))}"
    return str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _visible(loc: Sequence[Any], document: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Drop what pydantic adds for unions and function validators: keep real keys only."""
    kept: list[Any] = []
    node = document
    for index, part in enumerate(loc):
        if (isinstance(node, dict) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        ):
            kept.append(part)
            node = node[part]
        elif index == len(loc) - 1 and isinstance(node, dict):
            kept.append(part)
    return tuple(kept)


def line_of(document: Any, loc: Sequence[Any]) -> int:  # noqa: ANN401
    """Return the line (from 1) of a key in a document that `read_yaml` gave."""
    node, line = document, getattr(getattr(document, "lc", None), "line", 0) or 0
    for part in loc:
        position: Any = getattr(node, "lc", None)
        try:
            line = position.key(part)[0] if isinstance(node, dict) else position.item(part)[0]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return int(line) + 1


def _known_keys(schema: type[BaseModel], loc: Sequence[Any]) -> list[str]:
    """Return the keys allowed at a place, following models through maps and lists."""
    models = [schema]
    for part in loc:
        models = [inner for model in models for inner in _inner_models(model, part)]
    return [f.alias or name for m in models for name, f in m.model_fields.items()]


def _inner_models(model: type[BaseModel], part: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    for name, info in model.model_fields.items():
        if part in {name, info.alias}:
            return _models_in(info.annotation)
    return [model]


def _models_in(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for argument in getattr(annotation, "__args__", ()):
        found += _models_in(argument)
    return found


def _plain(node: Any) -> Any:  # noqa: ANN401
    """Turn ruamel's containers and scalars into plain Python, which pydantic checks strictly."""
    if isinstance(node, dict):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _reason(exc: Exception) -> str:
    if isinstance(exc, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return (getattr(exc, "strerror", None) or str(exc)).lower()
