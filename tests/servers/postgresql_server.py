"""A PostgreSQL of its own on the loopback interface, in one folder, that forgets everything."""

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

USER = "crm"


def programs():
    """Return the folder of the newest installed PostgreSQL, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return found[0] if found else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def cluster(folder, user=USER):
    """Make and start a server and yield its port; PostgreSQL refuses to run as root."""
    port = free_port()
    folder.mkdir(parents=True)
    before = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        before = ["runuser", "-u", "postgres", "--"]
    data = str(folder / "data")
    make = ["initdb", "-D", data, "-A", "trust", "-U", user, "-E", "UTF8", "--locale=C.UTF-8"]
    _program(before, folder, *make, "--no-sync")
    settings = (
        f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} "
        "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    )
    log = str(folder / "log")
    _program(before, folder, "pg_ctl", "-D", data, "-o", settings, "-l", log, "-w", "start")
    try:
        yield port
    finally:
        _program(before, folder, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def run_sql(port, statement, user=USER):
    """Run a statement outside of any database of ours."""
    command = [str(programs() / "psql"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", user]
    done = [*command, "-d", "postgres", "-c", statement]
    subprocess.run(done, check=True, capture_output=True, timeout=60)


def keep_database(port, name, user, path):
    """Write a database to a file."""
    new = path.with_suffix(".new")
    _client("pg_dump", port, user, "-Fc", "-Z1", "--no-owner", "-f", str(new), name)
    new.rename(path)


def restore_database(port, name, user, path):
    """Make a database of a file."""
    run_sql(port, f"CREATE DATABASE {name}", user)
    _client("pg_restore", port, user, "--no-owner", "-d", name, str(path))


def _client(program, port, user, *arguments):
    command = [str(programs() / program), "-h", "127.0.0.1", "-p", str(port), "-U", user]
    subprocess.run([*command, *arguments], check=True, capture_output=True, timeout=300)


def _program(before, folder, name, *arguments):
    command = [*before, str(programs() / name), *arguments]
    with (folder.parent / "postgresql.out").open("ab") as out:
        subprocess.run(command, cwd="/", stdout=out, stderr=out, timeout=120, check=True)
