"""The first state of a server, made once for all workers and runs: installing apps takes a minute."""

import fcntl
from contextlib import contextmanager
from hashlib import sha256

from servers.absence import PLACE, ROOT


@contextmanager
def first_state(name, *made_of):
    """Yield the file that keeps a server as it is when it is new; one worker at a time.

    Args:
        name: The server; its lock file is part of what the state is made of.
        made_of: What else decides how the state looks.

    Yields:
        The path. Who does not find it makes it, under this name with `.new`, and renames it.
    """
    lock_file = ROOT / "requirements" / f"servers-{name}.lock"
    digest = sha256(lock_file.read_bytes() + repr(made_of).encode()).hexdigest()[:16]
    with (PLACE / f"{name}.busy").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield PLACE / f"{name}-{digest}.clean"
