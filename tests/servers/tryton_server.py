"""A real Tryton 8 on SQLite, on the loopback interface, in one folder."""

import os
import shutil
import sqlite3
import subprocess
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from servers import absence, postgresql_server
from servers.clean_state import first_state

from crmmigrate.adapters.tryton import open_native

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = ROOT / "build" / "servers" / "tryton" / "bin"
DATABASE, USER, PASSWORD = "crm", "admin", "a-password-of-tests"
MODULES = ("ir", "party", "party_relationship", "sale_opportunity")
COMPANY, EMPLOYEE = "Our Company", "Stand-in"
_PATIENCE = 240.0
_SECRET = (PASSWORD,)


@dataclass(frozen=True)
class TrytonServer:
    """A running server and how to get in."""

    url: str
    database: str = DATABASE
    user: str = USER
    password: str = PASSWORD
    renew: object = None

    def options(self, **more):
        return {
            "adapter": "tryton",
            "url": self.url,
            "database": self.database,
            "user": self.user,
            "password": self.password,
            **more,
        }


def missing():
    """Return what is not installed, or nothing."""
    there = absence.is_installed("tryton")
    return "" if there else "the environment build/servers/tryton (make servers)"


@contextmanager
def running():
    """Start a server in a folder of its own; stop it at the end."""
    with TemporaryDirectory(prefix="crmmigrate-tryton-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        port = postgresql_server.free_port()
        config = _configuration(folder, port)
        url = f"http://127.0.0.1:{port}"
        box = {}

        def renew():
            """Put a clean database in the place of the used one; the server is started anew."""
            if "process" in box:
                _stop(box.pop("process"))
            for path in (folder / "db").glob("crm.sqlite*"):
                path.unlink()
            shutil.copy(folder / "clean.sqlite", folder / "db" / "crm.sqlite")
            box["process"] = _start(config, folder / "tryton.log", url)

        try:
            with first_state("tryton", MODULES, COMPANY, EMPLOYEE, PASSWORD) as kept:
                if not kept.is_file():
                    _initialize(config, folder)
                    box["process"] = _start(config, folder / "tryton.log", url)
                    furnish(TrytonServer(url))
                    _stop(box.pop("process"))
                    _keep(folder / "db" / "crm.sqlite", kept)
                shutil.copy(kept, folder / "clean.sqlite")
            renew()
            yield TrytonServer(url, renew=renew)
        finally:
            if "process" in box:
                _stop(box.pop("process"))


def _keep(database, copy):
    """Copy a database of a server that was stopped, with what only its journal holds."""
    with closing(sqlite3.connect(database)) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    new = copy.with_suffix(".new")
    shutil.copy(database, new)
    new.rename(copy)


def furnish(server):
    """Give an empty database what every user of Tryton has: currencies, a company, an employee."""
    client = open_native(server.options(), Path())._client
    if client.call("company.company", "search_count", [], repeatable=True):
        return
    one = {"__class__": "Decimal", "decimal": "1"}
    rounding = {"__class__": "Decimal", "decimal": "0.01"}
    money = [
        {"name": n, "code": c, "symbol": c, "digits": 2, "rounding": rounding}
        | {"rates": [["create", [{"rate": one}]]]}
        for c, n in (("RON", "Leu"), ("EUR", "Euro"), ("USD", "US Dollar"))
    ]
    currencies = client.call("currency.currency", "create", money)
    parties = [{"name": COMPANY}, {"name": EMPLOYEE}]
    own, staff = client.call("party.party", "create", parties)
    row = {"party": own, "currency": currencies[0]}
    company = client.call("company.company", "create", [row])[0]
    employee = client.call(
        "company.employee",
        "create",
        [{"party": staff, "company": company}],
        context={"company": company, "companies": [company]},
    )[0]
    me = {"companies": [["add", [company]]], "company": company}
    me |= {"employees": [["add", [employee]]], "employee": employee}
    client.call("res.user", "write", [client.entrance.user_id], me)
    client.close()


def _configuration(folder, port):
    (folder / "db").mkdir(exist_ok=True)
    lines = ["[database]", "uri = sqlite://", f"path = {folder / 'db'}", "[web]"]
    lines.append(f"listen = 127.0.0.1:{port}")
    path = folder / "trytond.conf"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _initialize(config, folder):
    (folder / "db" / "crm.sqlite").touch()
    secret = folder / "password"
    secret.write_text("\n".join(_SECRET), encoding="utf-8")
    command = [str(BIN / "trytond-admin"), "-c", str(config), "-d", DATABASE]
    command += ["--email", "admin@example.com", "--activate-dependencies", "-u", *MODULES]
    environment = {**os.environ, "TRYTONPASSFILE": str(secret)}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr[-3000:]


def _start(config, log_path, url):
    command = [str(BIN / "trytond"), "-c", str(config), "-d", DATABASE]
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    end = time.monotonic() + _PATIENCE
    body = b'{"id":1,"method":"common.server.version","params":[]}'
    while time.monotonic() < end:
        assert process.poll() is None, log_path.read_text(errors="replace")[-3000:]
        with suppress(OSError, ValueError):
            asked = urllib.request.Request(
                f"{url}/rpc/", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=5) as answer:
                if b"result" in answer.read():
                    return process
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"Tryton did not start within {_PATIENCE:.0f} s: {log_path}")


def _stop(process):
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    if process.poll() is None:
        process.kill()
        process.wait()
