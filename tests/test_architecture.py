"""The house rules a command can check: who imports whom, sizes, guards, templates, owners, words."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

import enrollment.appeal_lifecycle
import enrollment.lifecycle
import enrollment.paying.lifecycle
import households.lifecycle
from enrollment.models import Appeal, Enrollment, PaymentOrder
from households.models import Request
from rsu.models import User

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("rsu", "households", "eligibility", "enrollment")
OPEN_DOORS = {
    "login",
    "logout",
    "set_language",
    "desk:health",
    "api:token",
    "api:schema",
    "api:docs",
    "verify",
    "verify_reference",
    "enrollment:receipt",
}
"""Pages anyone may ask for: the door itself, the language, the health check, the API's own description, and the page where anybody
verifies a paper shown to him, which says nothing about anybody; and where the SMS operator, who has no session, signs what it says."""


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", pattern], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_layers_import_downward_only():
    checked = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_no_file_is_longer_than_500_lines():
    files = [*tracked("*.py"), *tracked("*.html"), *tracked("*.css"), *tracked("*.js")]
    long = {
        str(path.relative_to(ROOT)): n
        for path in files
        if (n := len(path.read_text().splitlines())) > 500 and "migrations" not in path.parts
    }
    assert not long


def test_no_name_hides_its_purpose():
    hidden = {"utils", "helpers", "core", "common", "constants", "signals", "managers"}
    assert not [path for path in tracked("*.py") if path.stem in hidden or hidden & set(path.relative_to(ROOT).parts)]


def patterns(resolver=None, namespaces=()):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, (*namespaces, entry.namespace) if entry.namespace else namespaces)
        elif isinstance(entry, URLPattern):
            yield ":".join([*namespaces, entry.name or str(entry.pattern)]), entry


def guard_of(entry: URLPattern):
    view = entry.callback
    if hasattr(view, "roles"):
        return view.roles
    cls = getattr(view, "cls", None)
    return getattr(cls, "permission_classes", None) or None


def test_every_page_is_guarded():
    names = {name: guard_of(entry) for name, entry in patterns() if not name.startswith("admin:")}
    unguarded = {name for name, guard in names.items() if not guard and name not in OPEN_DOORS and not name.startswith("api:")}
    assert not unguarded
    assert {name for name in names if name in OPEN_DOORS} >= {"login", "logout", "set_language", "desk:health"}


def test_every_role_a_page_asks_for_exists():
    asked = {role for name, entry in patterns() for role in getattr(entry.callback, "roles", ())}
    assert asked <= set(User.Role.values)


@pytest.mark.parametrize("name", [name for name, entry in patterns() if hasattr(entry.callback, "roles")])
def test_a_stranger_is_sent_to_the_door(name, client, db):
    entry = dict(patterns())[name]
    values = {key: (converter.regex == "[0-9]+" and 1) or _sample(converter.regex) for key, converter in entry.pattern.converters.items()}
    from django.urls import reverse

    answer = client.get(reverse(name, kwargs=values))
    assert answer.status_code in (302, 405)
    if answer.status_code == 302:
        assert answer.headers["location"].startswith("/login")


def _sample(regex: str) -> str:
    return "00000000-0000-0000-0000-000000000000" if "{8}" in regex else "x"


def test_every_template_is_used():
    code = "\n".join(path.read_text() for path in [*tracked("*.py"), *tracked("*.html")])
    by_convention = {"403.html", "404.html", "500.html", "registration/login.html"}
    unused = []
    for path in tracked("templates/*.html"):
        name = str(path.relative_to(ROOT / "templates"))
        component = name.startswith("components/") and f"<c-{name[11:-5].replace('/', '.').replace('_', '-')}" in code
        if not component and name not in by_convention and f'"{name}"' not in code and f"'{name}'" not in code:
            unused.append(name)
    assert not unused


LIFECYCLES = [
    (enrollment.lifecycle, set(Enrollment.Status.values), {"ended", "refused"}),
    (enrollment.appeal_lifecycle, set(Appeal.Status.values), {"upheld", "partly_upheld", "dismissed", "withdrawn"}),
    (enrollment.paying.lifecycle, set(PaymentOrder.Status.values), {"closed", "canceled"}),
    (households.lifecycle, set(Request.Status.values), set(households.lifecycle.ENDED)),
]


@pytest.mark.parametrize(("lifecycle", "statuses", "final"), LIFECYCLES)
def test_every_status_has_an_owner_and_a_way_in(lifecycle, statuses, final):
    moves = lifecycle.MOVES
    assert {after for _before, after in moves} == statuses
    assert all(roles and set(roles) <= set(User.Role.values) for roles in moves.values())
    assert {before for before, _after in moves if before} == statuses - final


@pytest.mark.parametrize(("lifecycle", "statuses", "final"), LIFECYCLES)
def test_the_readme_shows_each_lifecycle_as_the_code_has_it(lifecycle, statuses, final):
    assert lifecycle.diagram() in (ROOT / "README.md").read_text()


def test_no_legal_figure_stands_in_the_code():
    figures = re.compile(r"9[.,]?3264284|9[.,]?743001|\b0[.,]0516\b")
    offenders = [path for package in PACKAGES for path in tracked(f"{package}/**.py") if figures.search(path.read_text())]
    assert not [path for path in offenders if "synthesis" not in path.parts]
