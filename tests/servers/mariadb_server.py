"""A MariaDB of its own on the loopback interface, in one folder, that forgets everything."""

import os
import shutil
import subprocess
import time
from contextlib import contextmanager, suppress

from servers.postgresql_server import free_port

_PATIENCE = 240.0


def program():
    """Return the server's program, or None."""
    return shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def server(folder):
    """Make and start a server and yield its port; user `root` has no password."""
    import pymysql

    folder.mkdir(parents=True)
    user = []
    if os.geteuid() == 0:
        shutil.chown(folder, "mysql", "mysql")
        user = ["--user=mysql"]
    data, port, log = folder / "data", free_port(), folder / "log"
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", *user]
    secure = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    with log.open("ab") as out:
        subprocess.run([*install, *secure], stdout=out, stderr=out, timeout=120, check=True)
        command = [
            program(), "--no-defaults", f"--datadir={data}", "--bind-address=127.0.0.1", f"--port={port}",
            f"--socket={folder / 'socket'}", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
            "--skip-log-bin", f"--pid-file={folder / 'pid'}", *user,
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            assert process.poll() is None, log.read_text(errors="replace")[-3000:]
            with suppress(pymysql.err.OperationalError):
                pymysql.connect(host="127.0.0.1", port=port, user="root").close()
                break
            assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        if process.poll() is None:
            process.kill()
            process.wait()
