"""The bytes of evidence on the disk: outside the web root, under a random name, read back only if they are what was given.

The row is the truth: a file is written before its row and forgotten after it, so that what a crash may leave is a file
without a row, which the sweep removes.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

SIGNATURES = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}
ENDS = {"jpeg": b"\xff\xd9", "png": b"IEND\xaeB`\x82", "pdf": b"%%EOF"}
TAIL = 2048
"""Bytes at the end among which a whole file says that it ends: programs leave a few after it."""
MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}


class Altered(Exception):
    """What stands on the disk is not what was given, or is gone."""


def format_of(content: bytes) -> str | None:
    """What the bytes are, whatever the name says; None for anything else, and for a file cut short."""
    for name, start in SIGNATURES.items():
        if content.startswith(start) and ENDS[name] in content[-TAIL:]:
            return name
    return None


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def folder() -> Path:
    return Path(settings.FILES_ROOT) / "evidence"


def path_of(token: uuid.UUID) -> Path:
    return folder() / token.hex[:2] / token.hex


def write(token: uuid.UUID, content: bytes) -> None:
    """Readable by this program alone, and on the disk when this returns."""
    path = path_of(token)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read(token: uuid.UUID, sha256: str) -> bytes:
    try:
        content = path_of(token).read_bytes()
    except FileNotFoundError as gone:
        raise Altered from gone
    if digest_of(content) != sha256:
        raise Altered
    return content


def remove(token: uuid.UUID) -> None:
    path_of(token).unlink(missing_ok=True)


def older_than(instant: datetime) -> Iterator[uuid.UUID]:
    """Names of the files written before the instant; one younger may be waiting for its row."""
    for path in folder().glob("??/*"):
        if path.stat().st_mtime < instant.timestamp():
            yield uuid.UUID(hex=path.name)
