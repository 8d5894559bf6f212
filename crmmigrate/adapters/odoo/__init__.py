"""Odoo 11 to 19: JSON-RPC, and JSON-2 from 19 on."""

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crmmigrate.adapters.base import Source, Target
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.adapters.odoo.client import Account, Client
from crmmigrate.adapters.odoo.source import OdooSource
from crmmigrate.adapters.odoo.target import BATCH_SIZE, CAPABILITIES, OdooCrm
from crmmigrate.adapters.transport import Journal, Server, TimeOuts, Transport
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel

__all__ = ["OdooCrm", "open_native", "open_odoo"]


@tells("Odoo 11 to 19, by JSON-RPC and JSON-2", lambda: CAPABILITIES)
def open_odoo(options: Mapping[str, object], root: Path) -> Target | Source:
    """Open Odoo: in canonical words as the target of a project, in its own as a source.

    Args:
        options: See `open_native`; `model`, the canonical model, for a target.
        root: Folder of the project.

    Raises:
        ConfigError: an option or the mapping is wrong.
    """
    native, model = open_native(options, root), options.get("model")
    if not isinstance(model, CanonicalModel):
        return OdooSource(native, _tables(options))
    return MappedTarget(native, load_target_mapping("odoo", model, root), model)


def open_native(options: Mapping[str, object], root: Path) -> OdooCrm:
    """Open a database of an Odoo server; nothing is sent yet.

    Args:
        options: `url`, `user`, `key` (an API key) or `password`, `database`; perhaps `models`
            (further ones, with commas), `time_zone` of points in time that name none,
            `batch_size`, `ca_file`, `read_timeout` in seconds; `journal`, where requests are noted.
        root: Folder of the project, for `ca_file`.

    Raises:
        ConfigError: an option is missing or wrong.
    """
    secret = _text(options, "key") or _text(options, "password")
    if not secret:
        raise ConfigError(
            "options.key is missing",
            hint="give an API key, or a password: key: ${env:ODOO_KEY}",
        )
    account = Account(_text(options, "database"), _required(options, "user"), secret)
    ca_file = _text(options, "ca_file")
    server = Server(
        _required(options, "url").rstrip("/"),
        credentials=Client.credentials(account),
        time_outs=TimeOuts(read=_number(options, "read_timeout", 180.0)),
        ca_file=str(root / ca_file) if ca_file else "",
    )
    models = [name.strip() for name in _text(options, "models").split(",") if name.strip()]
    size = int(_number(options, "batch_size", BATCH_SIZE))
    kept = options.get("journal")
    journal = Journal(kept if isinstance(kept, Path) else None)
    client = Client(Transport(server, journal=journal), account)
    return OdooCrm(client, models, _zone(options), size, server.url)


def _tables(options: Mapping[str, object]) -> dict[str, str]:
    """Return dataset → model."""
    datasets = options.get("datasets")
    if not isinstance(datasets, Mapping):
        return {}
    return {
        str(name): str(told.get("table") or name) if isinstance(told, Mapping) else str(name)
        for name, told in datasets.items()
    }


def _zone(options: Mapping[str, object]) -> ZoneInfo:
    name = _text(options, "time_zone") or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"options.time_zone: '{name}' is no time zone",
            hint="give its name in the IANA database, e.g. Europe/Bucharest",
        ) from None


def _text(options: Mapping[str, object], name: str) -> str:
    value = options.get(name)
    return "" if value is None else str(value).strip()


def _required(options: Mapping[str, object], name: str) -> str:
    value = _text(options, name)
    if not value:
        raise ConfigError(f"{name} is missing", hint="see the page about Odoo in the documentation")
    return value


def _number(options: Mapping[str, object], name: str, default: float) -> float:
    try:
        value = float(str(options.get(name, default)))
    except ValueError:
        value = 0.0
    if value <= 0:
        raise ConfigError(f"options.{name} must be a number above 0")
    return value
