"""A real Odoo 11 on a PostgreSQL of its own, both on the loopback interface, in one folder."""

import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / "build" / "servers" / "odoo" / "bin" / "python"
LAUNCHER = Path(__file__).with_name("odoo_launcher.py")
CLEAN, DATABASE = "clean", "crm"
APPS = "base,crm,contacts,calendar,product"
_PATIENCE = 120.0


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
    if not PYTHON.is_file():
        return "the environment build/servers/odoo (make servers)"
    if not (PYTHON.parent.parent / "lib" / "python3.11").is_dir():
        return "Python 3.11: Odoo 11 imports what later versions do not have"
    if _postgresql() is None:
        return "PostgreSQL (apt-get install postgresql)"
    return ""


def _postgresql():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return found[0] if found else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
    with _cluster(folder / "postgresql") as port:
        config = _configuration(folder, port)
        _run_odoo(config, CLEAN, "-i", APPS, "--without-demo=all", "--stop-after-init")
        url = f"http://127.0.0.1:{config[1]}"
        box = {}

        def renew():
            """Put a clean database in the place of the used one; the server is started anew."""
            if "odoo" in box:
                _stop(box.pop("odoo"))
            _sql(port, f"DROP DATABASE IF EXISTS {DATABASE}")
            _sql(port, f"CREATE DATABASE {DATABASE} TEMPLATE {CLEAN}")
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


def _stop(process):
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    if process.poll() is None:
        process.kill()
        process.wait()


def _configuration(folder, database_port):
    site = next((PYTHON.parent.parent / "lib").glob("python3*/site-packages"))
    port = free_port()
    lines = [
        "[options]",
        f"addons_path={site / 'odoo' / 'addons'}",
        "db_host=127.0.0.1",
        f"db_port={database_port}",
        "db_user=odoo",
        "db_password=odoo",
        "xmlrpc_interface=127.0.0.1",
        f"xmlrpc_port={port}",
        f"longpolling_port={free_port()}",
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
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
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


@contextmanager
def _cluster(folder):
    """Make and start a PostgreSQL that forgets everything; PostgreSQL refuses to run as root."""
    programs, port = _postgresql(), free_port()
    folder.mkdir(parents=True)
    before = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        before = ["runuser", "-u", "postgres", "--"]
    data = str(folder / "data")
    make = ["initdb", "-D", data, "-A", "trust", "-U", "odoo", "-E", "UTF8", "--locale=C.UTF-8"]
    _program(before, programs, folder, *make, "--no-sync")
    settings = (
        f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} "
        "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    )
    log = str(folder / "log")
    _program(
        before, programs, folder, "pg_ctl", "-D", data, "-o", settings, "-l", log, "-w", "start"
    )
    try:
        yield port
    finally:
        _program(before, programs, folder, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _program(before, programs, folder, name, *arguments):
    command = [*before, str(programs / name), *arguments]
    with (folder.parent / "postgresql.out").open("ab") as out:
        subprocess.run(command, cwd="/", stdout=out, stderr=out, timeout=120, check=True)


def _sql(port, statement):
    psql = ["psql", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "odoo", "-d", "postgres"]
    command = [str(_postgresql() / psql[0]), *psql[1:], "-c", statement]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
