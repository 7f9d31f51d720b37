"""`manage.py lock_versions`: the newest versions that fit, written down exactly in pyproject.toml.

uv's own lock file is not kept, because it carries download addresses; `uv run` resolves to the constraints instead.
"""

import os
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

CONSTRAINTS = re.compile(r"^constraint-dependencies = \[.*?^\]\n", re.MULTILINE | re.DOTALL)


class Command(BaseCommand):
    help = "Resolves every package anew and rewrites [tool.uv] constraint-dependencies; run the tests before committing it."
    requires_system_checks = []

    def handle(self, **options: object) -> None:
        project = Path(settings.BASE_DIR) / "pyproject.toml"
        before = project.read_text()
        project.write_text(CONSTRAINTS.sub("constraint-dependencies = [\n]\n", before))
        try:
            subprocess.run([os.environ.get("UV", "uv"), "lock", "--upgrade"], cwd=project.parent, check=True)
        except (OSError, subprocess.CalledProcessError):
            project.write_text(before)
            raise
        versions = exact_versions(tomllib.loads((project.parent / "uv.lock").read_text()))
        lines = "".join(f"    {_quoted(version)},\n" for version in versions)
        project.write_text(CONSTRAINTS.sub(lambda _found: f"constraint-dependencies = [\n{lines}]\n", before))
        self.stdout.write(f"{len(versions)} versions written to {project.name}")


def exact_versions(lock: dict) -> list[str]:
    """`name==version` for each package but the project; a package with several versions carries its markers."""
    packages = [package for package in lock["package"] if "editable" not in package["source"]]
    times = Counter(package["name"] for package in packages)
    versions = []
    for package in packages:
        exact = f"{package['name']}=={package['version']}"
        if times[package["name"]] == 1:
            versions.append(exact)
        else:
            versions += [f"{exact} ; {marker}" for marker in package["resolution-markers"]]
    return sorted(versions)


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'
