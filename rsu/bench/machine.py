"""The machine and the servers a bench ran on: figures without them say nothing."""

import os
import platform
import shutil
from pathlib import Path

from django.db import connection

SETTINGS = ("server_version", "shared_buffers", "max_wal_size", "synchronous_commit", "fsync", "full_page_writes")


def describe() -> dict:
    with connection.cursor() as cursor:
        server = {name: _show(cursor, name) for name in SETTINGS}
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": server,
    }


def database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _show(cursor, name: str) -> str:
    cursor.execute(f"SHOW {name}")
    return cursor.fetchone()[0]


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
