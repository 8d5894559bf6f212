"""A small project on disk, and the real command on it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MIGRATION = """\
version: 1
name: small
region: RO
sources:
  shop:
    adapter: csv
    path: data
    datasets:
      companies: {file: companies.csv, key: [id]}
      people: {file: people.csv, key: [id]}
target: {adapter: sqlite, path: crm.db}
match: {account: account, contact: contact}
"""
ACCOUNT = """\
source: shop
dataset: companies
object: account
fields:
  name: {from: name}
  phone: {from: phone}
  billing_address.locality: {from: city}
  type: {const: customer}
ignore: {id: the key}
"""
CONTACT = """\
source: shop
dataset: people
object: contact
fields:
  name: {from: name}
  email: {from: email}
  phone: {from: phone}
  account: {lookup: {object: account, dataset: companies, from: company, on_missing: null}}
  status: {from: status, values: {A: active, I: inactive}, on_unmapped: reject}
ignore: {id: the key}
"""
COMPANIES = """\
id,name,phone,city
1,S.C. Alfa Construct S.R.L.,021 318 20 00,București
2,ALFA CONSTRUCT SRL,0213182000,Bucuresti
3,Beta Trans SA,0264 593 100,Cluj-Napoca
"""
PEOPLE = """\
id,name,email,phone,company,status
1,Popescu Ion,ion.popescu@alfa.example,0722 123 456,1,A
2,Ion Popescu,ION.POPESCU@alfa.example,+40722123456,2,A
3,Maria Ionescu,maria@beta.example,0744 111 222,3,A
4,Radu Stan,radu@beta.example,,9,I
5,Ana Dobre,ana.dobre@beta.example,0733 222 333,3,X
"""


@dataclass(frozen=True)
class Project:
    """A project folder and the command to work on it."""

    root: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "crmmigrate", *arguments],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"},
            **options,
        )

    def cli(self, *arguments: str, code: int = 0, **options) -> subprocess.CompletedProcess:
        with self.start(*arguments, **options) as process:
            out, err = process.communicate(timeout=900)
        assert process.returncode == code, f"{arguments}: exit {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in out + err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)
