"""CRMs behind a REST API, each configured by a description in `mappings/<system>/rest.yaml`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.connection_options import timekeeper_option
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.adapters.rest.description import (
    AuthWay,
    Description,
    find_description,
    placeholders,
)
from crmmigrate.adapters.rest.target import RestTarget, capabilities_of
from crmmigrate.adapters.transport import (
    Credentials,
    FixedHeaders,
    Journal,
    OAuthTokens,
    Pacer,
    RateHeaders,
    Server,
    SignedRequests,
    TimeOuts,
    Transport,
    basic_credentials,
)
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.catalog import Capabilities

__all__ = ["RestTarget", "open_espocrm", "open_native", "open_suitecrm", "open_target"]

_COMMON = {
    "adapter",
    "url",
    "description",
    "max_parallel",
    "batch_size",
    "requests_per_second",
    "read_timeout",
    "connect_timeout",
    "ca_file",
    "verify",
}
_GIVEN = {"model", "clock", "journal", "timekeeper", "path", "datasets", "region"}
"""What the stages hand to every adapter; no options that a person writes."""


def _described(system: str) -> Callable[[], Capabilities]:
    """Return what gives the capabilities of a packaged description."""
    return lambda: capabilities_of(find_description(system, Path()))


_ANY = Capabilities(can_write=True, external_id=True, can_delete=True)
"""What every description must allow; each may allow more."""


@tells("EspoCRM, by its REST API", _described("espocrm"))
def open_espocrm(options: Mapping[str, object], root: Path) -> Target:
    """Open an EspoCRM; see `open_target`."""
    return open_target({"description": "espocrm", **options}, root)


@tells("SuiteCRM 7.14 and 8, by the JSON:API of its version 8", _described("suitecrm"))
def open_suitecrm(options: Mapping[str, object], root: Path) -> Target:
    """Open a SuiteCRM; see `open_target`."""
    return open_target({"description": "suitecrm", **options}, root)


@tells("any CRM with a REST API, by a description in mappings/<system>/rest.yaml", lambda: _ANY)
def open_target(options: Mapping[str, object], root: Path) -> Target:
    """Open a CRM by its description: in canonical words as the target of a project.

    As a source, or where `mappings/<system>/from_canonical.yaml` names nothing, it speaks its own
    words.

    Args:
        options: See `open_native`; `model`, the canonical model, for a target.
        root: Folder of the project.

    Raises:
        ConfigError: an option, the description or the mapping is wrong.
    """
    native, model = open_native(options, root), options.get("model")
    if not isinstance(model, CanonicalModel):
        return native
    mapping = load_target_mapping(_text(options, "description"), model, root)
    return MappedTarget(native, mapping, model) if mapping.objects else native


def open_native(options: Mapping[str, object], root: Path) -> RestTarget:
    """Open a CRM by its description, in its own words.

    Args:
        options: `url`; `description`, the name of the system; what its ways of proving who asks
            need, e.g. `api_key`; perhaps `max_parallel`, `batch_size`, `requests_per_second`,
            `read_timeout`, `connect_timeout` (seconds), `ca_file` and `verify`.
        root: Folder of the project; it may hold a description of its own.

    Raises:
        ConfigError: an option is missing, wrong or unknown.
    """
    api = find_description(_text(options, "description"), root)
    _refuse_unknown(api, options)
    credentials = _credentials(api, options)
    rate = _number(options, "requests_per_second", 0.0)
    times = TimeOuts()
    server = Server(
        _text(options, "url"),
        credentials,
        headers=api.headers,
        time_outs=TimeOuts(
            connect=_number(options, "connect_timeout", times.connect),
            read=_number(options, "read_timeout", times.read),
        ),
        max_parallel=int(_number(options, "max_parallel", float(api.max_parallel))),
        ca_file=str(root / str(options["ca_file"])) if options.get("ca_file") else "",
        verify=options.get("verify", True) is not False,
    )
    names = RateHeaders(api.remaining_header.lower(), api.reset_header.lower())
    transport = Transport(
        server,
        pacer=Pacer(rate=rate or None, names=names, fixed=rate > 0),
        journal=Journal(cast("Path | None", options.get("journal"))),
        timekeeper=timekeeper_option(options),
    )
    size = int(_number(options, "batch_size", 0.0))
    headers = _create_headers(api, options)
    return RestTarget(transport, api, size, headers, _text(options, "url"))


def _create_headers(api: Description, options: Mapping[str, object]) -> dict[str, str]:
    """Return the headers of a create of which every option is given and not false."""
    found = {}
    for name, text in api.create_headers.items():
        needed = placeholders(text)
        if all(options.get(option) for option in needed):
            given = {option: _word(options[option]) for option in needed}
            found[name] = text.format(**given)
    return found


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _credentials(api: Description, options: Mapping[str, object]) -> Credentials:
    """Return the first way to prove who asks for which every option is given."""
    if not api.auth:
        return FixedHeaders()
    named = {name for way in api.auth for name in way.options}
    given = {name: str(options[name]) for name in named if options.get(name)}
    way = next((w for w in api.auth if w.options <= set(given)), None)
    if way is None:
        ways = " or ".join(", ".join(sorted(w.options)) for w in api.auth)
        raise ConfigError(
            f"{api.system}: the options that prove who asks are missing",
            where="target.options",
            hint=f"give {ways}; secrets as ${{env:NAME}}",
        )
    return _proof(way, api, given, _text(options, "url"))


def _proof(way: AuthWay, api: Description, given: Mapping[str, str], url: str) -> Credentials:
    if way.token_path is not None:
        form = {name: text.format(**given) for name, text in way.form.items()}
        return OAuthTokens(f"{api.base.rstrip('/')}/{way.token_path.lstrip('/')}", form)
    if way.basic is not None:
        user, password = (text.format(**given) for text in way.basic)
        return basic_credentials(user, password)
    if way.signature is not None:
        key, secret = way.key.format(**given), way.secret.format(**given)
        before = f"{urlsplit(url).path.rstrip('/')}{api.base.rstrip('/')}/"
        return SignedRequests(way.signature, key, secret, before=before)
    return FixedHeaders({name: text.format(**given) for name, text in way.headers.items()})


def _refuse_unknown(api: Description, options: Mapping[str, object]) -> None:
    known = _COMMON | {name for way in api.auth for name in way.options}
    known |= {name for text in api.create_headers.values() for name in placeholders(text)}
    for name in options:
        if name not in known | _GIVEN:
            raise ConfigError(
                f"unknown option '{name}'{did_you_mean(name, known)}", where="target.options"
            )


def _text(options: Mapping[str, object], name: str) -> str:
    value = options.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"target.{name} is missing")
    return value


def _number(options: Mapping[str, object], name: str, usual: float) -> float:
    value = options.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ConfigError(f"target.options.{name} must be a number that is not negative")
    return float(value)
