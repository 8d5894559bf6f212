"""References to secrets: `${env:NAME}`, `${file:path}`, `${keyring:service/name}`.

Configuration holds references only. They are resolved at the last moment, when a source or
target is opened, and never written anywhere.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import ConfigError

__all__ = ["literal_secrets", "mask_argv", "resolve", "resolve_options"]

_REFERENCE = re.compile(r"\$\{(?P<kind>[a-z]+):(?P<name>[^}]*)\}")
_SECRET_KEY = re.compile(
    r"(^|_)(password|passwd|pwd|passphrase|secret|token|api_?key|access_?key|private_?key|client_secret)$",
    re.IGNORECASE,
)
_URL_PASSWORD = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#@]*?:(?P<password>[^/?#]+)@", re.IGNORECASE)
_ANY_URL_PASSWORD = re.compile(
    r"[a-z][a-z0-9+.-]*://[^/?#@\s]*?:(?P<password>[^/?#\s]+)@", re.IGNORECASE
)
_QUERY_SECRET = re.compile(
    r"[?&](password|pwd|token|secret|api_?key|access_token)=(?P<value>[^&]+)", re.IGNORECASE
)
_KINDS = ("env", "file", "keyring")


def resolve(text: str, *, root: Path, where: str) -> str:
    """Return `text` with every reference replaced by what it points to.

    Args:
        text: As written in the configuration.
        root: Folder that paths of `${file:…}` are relative to.
        where: Place named in errors.

    Raises:
        ConfigError: a reference is unknown or points to nothing. The value is never shown.
    """

    def one(match: re.Match[str]) -> str:
        return _fetch(match["kind"], match["name"], root, where)

    return _REFERENCE.sub(one, text)


def resolve_options(options: Mapping[str, object], *, root: Path, where: str) -> dict[str, object]:
    """Return a copy of nested options with all references resolved."""
    return {
        key: _resolved(value, root=root, where=f"{where}.{key}") for key, value in options.items()
    }


def _resolved(value: object, *, root: Path, where: str) -> object:
    if isinstance(value, str):
        return resolve(value, root=root, where=where)
    if isinstance(value, Mapping):
        return resolve_options(value, root=root, where=where)
    if isinstance(value, list | tuple):
        return [_resolved(inner, root=root, where=where) for inner in value]
    return value


def _fetch(kind: str, name: str, root: Path, where: str) -> str:
    if kind == "env":
        return _from_environment(name, where)
    if kind == "file":
        return _from_file(root / name, name, where)
    if kind == "keyring":
        return _from_keyring(name, where)
    raise ConfigError(
        f"unknown kind of reference '${{{kind}:…}}'{did_you_mean(kind, _KINDS)}", where=where
    )


def _from_environment(name: str, where: str) -> str:
    variable, has_default, default = name.partition(":-")
    value = os.environ.get(variable)
    if value is None and has_default:
        return default
    if value is None:
        raise ConfigError(
            f"the environment variable {variable} is not set",
            where=where,
            hint=f"set it, for example: export {variable}=…",
        )
    return value


def _from_file(path: Path, name: str, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        reason = (getattr(exc, "strerror", None) or "not UTF-8 text").lower()
        raise ConfigError(f"the secret file {name} cannot be read: {reason}", where=where) from None


def _from_keyring(name: str, where: str) -> str:
    try:
        import keyring
    except ImportError:
        raise ConfigError(
            "the system's keyring needs an extra package",
            where=where,
            hint="pip install 'crmmigrate[keyring]'",
        ) from None
    service, _, user = name.partition("/")
    try:
        value: str | None = keyring.get_password(service, user)
    except keyring.errors.KeyringError as exc:
        raise ConfigError(f"the keyring cannot be read: {exc}", where=where) from None
    if value is None:
        raise ConfigError(
            f"the keyring has no entry '{user}' for '{service}'",
            where=where,
            hint=f"keyring set {service} {user}",
        )
    return value


def literal_secrets(document: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the path of every secret that is written out, with a message; never the secret."""
    yield from _walk(document, ())


def _walk(node: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _walk(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _walk(value, (*path, index))
    elif path and node is not None:
        message = _literal(str(path[-1]), str(node))
        if message:
            yield path, message


def _literal(key: str, text: str) -> str | None:
    if _SECRET_KEY.search(key) and not _is_reference(text):
        return f"a secret must not be written here; use ${{env:{_variable(key)}}}"
    for pattern in (_URL_PASSWORD, _QUERY_SECRET):
        found = pattern.search(text)
        if found and not _is_reference(found[found.lastindex or 0]):
            return "a password must not be written in a URL; use ${env:DB_PASSWORD} in its place"
    return None


def _is_reference(text: str) -> bool:
    """Tell whether the text is one whole reference without a written-out default."""
    return bool(_REFERENCE.fullmatch(text)) and ":-" not in text


def _variable(key: str) -> str:
    return re.sub(r"\W+", "_", key).upper()


def mask_argv(argv: Sequence[str]) -> list[str]:
    """Return a command line with passwords in URLs and after secret options hidden."""
    masked: list[str] = []
    for position, argument in enumerate(argv):
        before = argv[position - 1].lstrip("-").replace("-", "_") if position else ""
        option, equals, _ = argument.partition("=")
        if position and argv[position - 1].startswith("--") and _SECRET_KEY.search(before):
            masked.append("***")
        elif equals and _SECRET_KEY.search(option.lstrip("-").replace("-", "_")):
            masked.append(f"{option}=***")
        else:
            masked.append(_hide_in_url(argument))
    return masked


def _hide_in_url(text: str) -> str:
    for pattern in (_ANY_URL_PASSWORD, _QUERY_SECRET):
        text = pattern.sub(lambda m: m[0].replace(m[m.lastindex or 0], "***"), text)
    return text
