"""Odoo 11 to 19: JSON-RPC, and JSON-2 from 19 on."""

from collections.abc import Mapping
from pathlib import Path

from crmmigrate.adapters.base import Source, Target
from crmmigrate.adapters.connection_options import (
    dataset_tables,
    positive_option,
    required_option,
    text_option,
    timekeeper_option,
    zone_option,
)
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.adapters.odoo.client import Account, Client
from crmmigrate.adapters.odoo.source import open_source
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
        return open_source(native, dataset_tables(options))
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
    secret = text_option(options, "key") or text_option(options, "password")
    if not secret:
        raise ConfigError(
            "options.key is missing",
            hint="give an API key, or a password: key: ${env:ODOO_KEY}",
        )
    account = Account(
        text_option(options, "database"), required_option(options, "user", "Odoo"), secret
    )
    ca_file = text_option(options, "ca_file")
    server = Server(
        required_option(options, "url", "Odoo").rstrip("/"),
        credentials=Client.credentials(account),
        time_outs=TimeOuts(read=positive_option(options, "read_timeout", 180.0)),
        ca_file=str(root / ca_file) if ca_file else "",
    )
    models = [name.strip() for name in text_option(options, "models").split(",") if name.strip()]
    size = int(positive_option(options, "batch_size", BATCH_SIZE))
    kept = options.get("journal")
    journal = Journal(kept if isinstance(kept, Path) else None)
    client = Client(
        Transport(server, journal=journal, timekeeper=timekeeper_option(options)), account
    )
    return OdooCrm(client, models, zone_option(options), size, server.url)
