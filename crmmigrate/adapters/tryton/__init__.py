"""Tryton 6 to 8: JSON-RPC."""

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
from crmmigrate.adapters.transport import Journal, Server, TimeOuts, Transport
from crmmigrate.adapters.tryton.client import Account, Client, Entrance
from crmmigrate.adapters.tryton.source import open_source
from crmmigrate.adapters.tryton.target import BATCH_SIZE, CAPABILITIES, PERSON, TrytonCrm
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.model.canonical import CanonicalModel

__all__ = ["TrytonCrm", "open_native", "open_tryton"]


@tells("Tryton, by JSON-RPC", lambda: CAPABILITIES)
def open_tryton(options: Mapping[str, object], root: Path) -> Target | Source:
    """Open Tryton: in canonical words as the target of a project, in its own as a source.

    Args:
        options: See `open_native`; `model`, the canonical model, for a target.
        root: Folder of the project.

    Raises:
        ConfigError: an option or the mapping is wrong.
    """
    native, model = open_native(options, root), options.get("model")
    if not isinstance(model, CanonicalModel):
        return open_source(native, dataset_tables(options))
    return MappedTarget(native, load_target_mapping("tryton", model, root), model)


def open_native(options: Mapping[str, object], root: Path) -> TrytonCrm:
    """Open a database of a Tryton server; nothing is sent yet.

    Args:
        options: `url`, `database`, `user`, `password`; perhaps `company` (name or id), `person`
            (name of the category of people), `models` (further ones, with commas), `time_zone`
            of points in time that name none, `batch_size`, `ca_file`, `read_timeout` in seconds;
            `journal`, where requests are noted.
        root: Folder of the project, for `ca_file`.

    Raises:
        ConfigError: an option is missing or wrong.
    """
    account = Account(
        required_option(options, "database", "Tryton"),
        required_option(options, "user", "Tryton"),
        required_option(options, "password", "Tryton"),
        text_option(options, "company"),
    )
    entrance = Entrance(account)
    ca_file = text_option(options, "ca_file")
    server = Server(
        required_option(options, "url", "Tryton").rstrip("/"),
        credentials=entrance.credentials(),
        time_outs=TimeOuts(read=positive_option(options, "read_timeout", 180.0)),
        ca_file=str(root / ca_file) if ca_file else "",
    )
    models = [name.strip() for name in text_option(options, "models").split(",") if name.strip()]
    size = int(positive_option(options, "batch_size", BATCH_SIZE))
    kept = options.get("journal")
    journal = Journal(kept if isinstance(kept, Path) else None)
    client = Client(
        Transport(server, journal=journal, timekeeper=timekeeper_option(options)), entrance
    )
    person = text_option(options, "person") or PERSON
    return TrytonCrm(client, models, zone_option(options), size, person)
