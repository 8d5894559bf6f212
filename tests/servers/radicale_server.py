"""A real Radicale on the loopback interface, with address books of its own in one folder."""

import base64
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from servers import absence
from servers.postgresql_server import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / "build" / "servers" / "radicale" / "bin" / "python"
USER, PASSWORD = "ana", "pässword: 1"
_PATIENCE = 240.0
_BOOK = """\
<?xml version="1.0" encoding="utf-8"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype><D:displayname>{name}</D:displayname>
</D:prop></D:set></D:mkcol>"""


@dataclass(frozen=True)
class CardDavServer:
    """A running server and how to get in; `url` is where our user's books are."""

    url: str
    user: str = USER
    password: str = PASSWORD

    def options(self, book="", **more):
        given = {"url": f"{self.url.rstrip('/')}/{book}", "user": self.user}
        return {"adapter": "carddav", **given, "password": self.password, **more}

    def send(self, method, path, body=b"", **headers):
        """Send a request as another program would; return status, body and headers."""
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        url = f"{self.url.rstrip('/')}/{path}"
        told = {k.replace("_", "-"): v for k, v in headers.items()}
        asked = urllib.request.Request(url, body or None, told, method=method)
        asked.add_header("Authorization", f"Basic {token}")
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as exc:
            return exc.code, exc.read().decode(), dict(exc.headers)

    @contextmanager
    def book(self, name="Clients"):
        """Make an address book; remove it at the end. Yields the last part of its path."""
        path = f"test-{uuid4().hex[:12]}"
        status, said, _ = self.send("MKCOL", f"{path}/", _BOOK.format(name=name).encode())
        assert status == 201, said
        try:
            yield path
        finally:
            self.send("DELETE", f"{path}/")

    def put(self, path, *lines):
        """Store a card as another program would."""
        text = "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])
        told = self.send("PUT", path, text.encode(), Content_Type="text/vcard; charset=utf-8")
        assert told[0] in {201, 204}, told

    def get(self, path):
        """Return a card as the server has it."""
        return self.send("GET", path)[1]


def missing():
    """Return what is not installed, or nothing."""
    there = absence.is_installed("radicale")
    return "" if there else "the environment build/servers/radicale (make servers)"


@contextmanager
def running():
    """Start the server in a folder of its own; stop it at the end."""
    with TemporaryDirectory(prefix="crmmigrate-radicale-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        lines = [
            *("[server]", f"hosts = 127.0.0.1:{port}", "max_connections = 50"),
            *("[auth]", "type = htpasswd", f"htpasswd_filename = {folder / 'users'}"),
            *("htpasswd_encryption = plain", "delay = 0"),
            *("[storage]", f"filesystem_folder = {folder / 'data'}"),
            *("[logging]", "level = warning"),
        ]
        (folder / "config").write_text("\n".join(lines), encoding="utf-8")
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        command = [str(PYTHON), "-m", "radicale", "-C", str(folder / "config")]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/", process, folder / "log")
            yield CardDavServer(f"http://127.0.0.1:{port}/{USER}")
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            if process.poll() is None:
                process.kill()
                process.wait()


def _wait_for(url, process, log):
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        with suppress(urllib.error.HTTPError, OSError):
            urllib.request.urlopen(f"{url}.web/", timeout=5).close()
            return
        time.sleep(0.1)
    raise AssertionError(f"Radicale did not start within {_PATIENCE:.0f} s: {log}")
