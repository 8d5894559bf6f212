"""A real Odoo 11 on a PostgreSQL of its own, both on the loopback interface, in one folder."""

import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from servers import absence, postgresql_server
from servers.clean_state import first_state

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / "build" / "servers" / "odoo" / "bin" / "python"
LAUNCHER = Path(__file__).with_name("odoo_launcher.py")
CLEAN, DATABASE, USER = "clean", "crm", "odoo"
APPS = "base,crm,contacts,calendar,product"
FITTING = (3, 11)
_PATIENCE = 400.0
_INSTALLING = 900.0


@dataclass(frozen=True)
class OdooServer:
    """A running server and how to get in."""

    url: str
    database: str = DATABASE
    user: str = "admin"
    password: str = "admin"
    renew: object = None

    def options(self, **more):
        return {
            "adapter": "odoo",
            "url": self.url,
            "database": self.database,
            "user": self.user,
            "password": self.password,
            **more,
        }


def missing():
    """Return what is not installed, or nothing."""
    if sys.version_info[:2] != FITTING:
        return "Python 3.11: Odoo 11 imports what later versions do not have"
    if not absence.is_installed("odoo"):
        return "the environment build/servers/odoo (make servers)"
    if postgresql_server.programs() is None:
        return "PostgreSQL (apt-get install postgresql)"
    return ""


def excuse():
    """Return why it could not be installed although it was tried; nothing if it should be there."""
    if sys.version_info[:2] != FITTING:
        return "the tests run on another Python, which `make servers` uses, too"
    return absence.why_unreached("odoo") or absence.why_unreached("postgresql")


@contextmanager
def running():
    """Start both servers in a folder of their own; stop them at the end."""
    with TemporaryDirectory(prefix="crmmigrate-odoo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        with _servers(folder) as server:
            yield server


@contextmanager
def _servers(folder):
    with postgresql_server.cluster(folder / "postgresql", USER) as port:
        config = _configuration(folder, port)
        _bring_clean_database(config, port)
        url = f"http://127.0.0.1:{config[1]}"
        box = {}

        def renew():
            """Put a clean database in the place of the used one; the server is started anew."""
            if "odoo" in box:
                _stop(box.pop("odoo"))
            postgresql_server.run_sql(port, f"DROP DATABASE IF EXISTS {DATABASE}", USER)
            postgresql_server.run_sql(port, f"CREATE DATABASE {DATABASE} TEMPLATE {CLEAN}", USER)
            shutil.rmtree(folder / "data" / "filestore" / DATABASE, ignore_errors=True)
            command = [str(PYTHON), str(LAUNCHER), "-c", str(config[0]), "-d", DATABASE]
            with (folder / "odoo.log").open("ab") as log:
                box["odoo"] = subprocess.Popen(command, stdout=log, stderr=log)
            _wait_for(url, box["odoo"], folder / "odoo.log")

        try:
            renew()
            yield OdooServer(url, renew=renew)
        finally:
            if "odoo" in box:
                _stop(box.pop("odoo"))


def _bring_clean_database(config, port):
    with first_state("odoo", APPS, postgresql_server.programs()) as kept:
        if kept.is_file():
            postgresql_server.restore_database(port, CLEAN, USER, kept)
            return
        _run_odoo(config, CLEAN, "-i", APPS, "--without-demo=all", "--stop-after-init")
        postgresql_server.keep_database(port, CLEAN, USER, kept)


def _stop(process):
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    if process.poll() is None:
        process.kill()
        process.wait()


def _configuration(folder, database_port):
    site = next((PYTHON.parent.parent / "lib").glob("python3*/site-packages"))
    port = postgresql_server.free_port()
    lines = [
        "[options]",
        f"addons_path={site / 'odoo' / 'addons'}",
        "db_host=127.0.0.1",
        f"db_port={database_port}",
        "db_user=odoo",
        "db_password=odoo",
        "xmlrpc_interface=127.0.0.1",
        f"xmlrpc_port={port}",
        f"longpolling_port={postgresql_server.free_port()}",
        "workers=0",
        "max_cron_threads=0",
        "list_db=False",
        f"admin_passwd={secrets.token_hex(16)}",
        f"data_dir={folder / 'data'}",
        "log_level=warn",
    ]
    path = folder / "odoo.conf"
    path.write_text("\n".join(lines), encoding="utf-8")
    (folder / "data").mkdir(exist_ok=True)
    return path, port


def _run_odoo(config, database, *arguments):
    command = [str(PYTHON), str(LAUNCHER), "-c", str(config[0]), "-d", database, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALLING, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def _wait_for(url, process, log):
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        with suppress(OSError, ValueError):
            body = b'{"jsonrpc":"2.0","method":"call","params":{"service":"common","method":"version","args":[]}}'
            asked = urllib.request.Request(
                f"{url}/jsonrpc", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=5) as answer:
                if b"server_version" in answer.read():
                    return
        time.sleep(0.2)
    raise AssertionError(f"Odoo did not start within {_PATIENCE:.0f} s: {log}")
