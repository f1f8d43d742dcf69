"""Reading a PDF as anybody's software does."""

import json
import re
import subprocess
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory


def ask(command, content, *arguments):
    """What one of Poppler's commands says of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        path.write_bytes(content)
        done = subprocess.run(
            [command, *arguments, str(path), *(["-"] if command == "pdftotext" else [])], capture_output=True, check=True
        )
    assert not done.stderr, done.stderr
    return done.stdout.decode()


def text_of(content):
    """What is read on the page, with single spaces."""
    return " ".join(ask("pdftotext", content, "-raw").split())


def facts_about(content):
    """Title, pages, tags and the rest."""
    lines = (line.partition(":") for line in ask("pdfinfo", content).splitlines())
    return {name: value.strip() for name, _colon, value in lines}


def attached(content, name):
    """The bytes of a file that a certificate carries."""
    with TemporaryDirectory() as folder:
        path, target = Path(folder) / "paper.pdf", Path(folder) / name
        path.write_bytes(content)
        subprocess.run(["pdfdetach", "-savefile", name, "-o", str(target), str(path)], check=True)
        return target.read_bytes()


def credential_of(content):
    """The credential that a certificate carries, from its JSON."""
    return json.loads(attached(content, "attestation.json"))


def holder_of(content):
    """Whom the credential names."""
    (identity,) = credential_of(content)["credentialSubject"]["identifier"]
    return identity["identityHash"]


def unpacked(content):
    """The bytes of a file with its compressed objects opened."""
    opened = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            opened.append(zlib.decompress(packed))
        except zlib.error:
            opened.append(packed)
    return content + b"\n".join(opened)
