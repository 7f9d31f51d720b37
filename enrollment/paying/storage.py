"""The bytes of files sent: outside the web root, each under its order, written whole or not at all."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


class Altered(Exception):
    """What stands on the disk is not what was written, or is gone."""


@dataclass(frozen=True)
class Stored:
    path: Path
    sha256: str
    size: int


def path_of(name: str) -> Path:
    return Path(settings.FILES_ROOT) / "payments" / name


def digest_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store(name: str, write: Callable[[BinaryIO], None], check: Callable[[Path], None]) -> Stored:
    """Write beside, check what was written, then put in place: a crash leaves no half of a file under its name."""
    path = path_of(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        check(draft)
        stored = Stored(path, digest_of(draft), draft.stat().st_size)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return stored


def opened(name: str, sha256: str) -> BinaryIO:
    """Raises Altered unless the bytes are those that were written."""
    path = path_of(name)
    if not path.is_file() or digest_of(path) != sha256:
        raise Altered(name)
    return open(path, "rb")
