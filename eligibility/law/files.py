"""The founding provisions as they stand in the TOML files beside this module."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILES = (
    "score", "amo_tadamon", "amo_achamil", "direct_aid", "registration", "duplicates", "policy", "budget", "payments", "messages",
)  # fmt: skip


@cache
def document(name: str) -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def entries() -> tuple[Mapping[str, Any], ...]:
    """Every provision of every file, in order; an entry with ``off`` is declared without being in force."""
    return tuple(entry for name in FILES for entry in document(name)["provision"])


@cache
def formula_facts(milieu: str) -> Mapping[str, str]:
    """The facts a formula may use in ``milieu``, each with what it measures: bool, number or money."""
    tables = document("score")["facts"]
    return {fact: measure for place in ("both", milieu) for measure, facts in tables[place].items() for fact in facts}
