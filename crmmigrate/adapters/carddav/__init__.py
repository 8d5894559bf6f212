"""Address books on CardDAV servers (RFC 6352): contacts and companies as vCards."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from crmmigrate.adapters.base import Source, Target
from crmmigrate.adapters.carddav.source import AddressBookSource, dataset_names
from crmmigrate.adapters.carddav.target import BATCH_SIZE, CAPABILITIES, AddressBook, Place
from crmmigrate.adapters.carddav.wire import Wire
from crmmigrate.adapters.connection_options import positive_option, text_option
from crmmigrate.adapters.facts import tells
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.adapters.transport import (
    Credentials,
    FixedHeaders,
    Journal,
    Server,
    Timekeeper,
    TimeOuts,
    Transport,
    basic_credentials,
)
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import CanonicalModel

__all__ = ["AddressBook", "open_carddav", "open_native"]

_OPTIONS = frozenset(
    {"url", "user", "password", "token", "book", "properties", "max_parallel", "batch_size"}
    | {"read_timeout", "connect_timeout", "ca_file", "verify"}
)
_GIVEN = frozenset(
    {"adapter", "model", "clock", "journal", "timekeeper", "path", "datasets", "region"}
)
"""What the stages hand to every adapter; no options that a person writes."""
_PROPERTY = re.compile(r"X-[A-Za-z0-9-]+")
_PARALLEL = 4
"""Requests at a time, so that the way there and back costs less; a server may still take one by one."""


@tells("people and companies, no more, in address books of CardDAV servers", lambda: CAPABILITIES)
def open_carddav(options: Mapping[str, object], root: Path) -> Target | Source:
    """Open an address book: in canonical words as the target of a project, in its own as a source.

    Args:
        options: See `open_native`; `model`, the canonical model, for a target.
        root: Folder of the project.

    Raises:
        ConfigError: an option or the mapping is wrong.
    """
    native, model = open_native(options, root), options.get("model")
    if not isinstance(model, CanonicalModel):
        return AddressBookSource(native, dataset_names(options))
    return MappedTarget(native, load_target_mapping("carddav", model, root), model)


def open_native(options: Mapping[str, object], root: Path) -> AddressBook:
    """Open an address book; nothing is sent yet.

    Args:
        options: `url` of the book or of the service; `user` and `password`, or `token`; perhaps
            `book`, its name where there are several; `properties`, further ones of cards, with
            commas; `max_parallel`, `batch_size`, `read_timeout` and `connect_timeout` in
            seconds, `ca_file`, `verify`.
        root: Folder of the project, for `ca_file`.

    Raises:
        ConfigError: an option is missing, wrong or unknown.
    """
    _refuse_unknown(options)
    url = urlsplit(text_option(options, "url"))
    kept, whole, clock = (options.get(n) for n in ("journal", "timekeeper", "clock"))
    transport = Transport(
        _server(options, f"{url.scheme}://{url.netloc}", root),
        journal=Journal(kept if isinstance(kept, Path) else None),
        timekeeper=whole if isinstance(whole, Timekeeper) else Timekeeper(),
    )
    return AddressBook(
        Wire(transport),
        Place(f"{url.path.rstrip('/')}/", text_option(options, "book")),
        _properties(options),
        cast("Callable[[], datetime]", clock) if callable(clock) else lambda: datetime.now(UTC),
        int(positive_option(options, "batch_size", BATCH_SIZE)),
    )


def _server(options: Mapping[str, object], url: str, root: Path) -> Server:
    ca_file, times = text_option(options, "ca_file"), TimeOuts()
    return Server(
        url,
        credentials=_credentials(options),
        headers={"Accept": "*/*"},
        time_outs=TimeOuts(
            connect=positive_option(options, "connect_timeout", times.connect),
            read=positive_option(options, "read_timeout", times.read),
        ),
        max_parallel=int(positive_option(options, "max_parallel", _PARALLEL)),
        ca_file=str(root / ca_file) if ca_file else "",
        verify=options.get("verify", True) is not False,
    )


def _credentials(options: Mapping[str, object]) -> Credentials:
    token, user = text_option(options, "token"), text_option(options, "user")
    if token:
        return FixedHeaders({"Authorization": f"Bearer {token}"})
    if not user:
        raise ConfigError(
            "user is missing",
            where="options",
            hint="give user and password, best one for this program alone: password: ${env:CARDDAV_PASSWORD}",
        )
    return basic_credentials(user, text_option(options, "password"))


def _properties(options: Mapping[str, object]) -> list[str]:
    names = [name.strip() for name in text_option(options, "properties").split(",") if name.strip()]
    for name in names:
        if not _PROPERTY.fullmatch(name):
            raise ConfigError(
                f"options.properties: '{name}' is no name of a property of your own",
                hint="begin it with X- and use letters, digits and dashes, e.g. X-TAX-ID",
            )
    return names


def _refuse_unknown(options: Mapping[str, object]) -> None:
    for name in options:
        if name not in _OPTIONS | _GIVEN:
            near = did_you_mean(name, _OPTIONS)
            raise ConfigError(f"unknown option '{name}'{near}", where="options")
