"""The site served to a real browser: Debian's Chromium, the tests' database with real commits, a real worker when asked for.

Nothing here is shared with the other tests' live server: `committed_db` empties the working tables after each test.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from rsu import celery_app
from rsu.models import User
from rsu.personas import PASSWORD
from tests.eligibility.test_workers import kill

PROGRAMS = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
PATIENCE = 15_000  # milliseconds; two cores may be busy
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 900}

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium():
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("No Chromium on this machine: `apt-get install chromium` and run the browser tests again.")
    # Playwright's loop lives in this thread, where the tests use the database as ever.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*root, "--disable-dev-shm-usage"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(committed_db):
    """Address of the site, on the data this test commits."""
    server = LiveServer("localhost:0")
    yield server.url
    server.stop()


class Visitor:
    """One person's browser; what its console said against a page is in `complaints`."""

    def __init__(self, context: BrowserContext, site: str):
        self.context, self.site = context, site
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message) -> None:
        # A page that answers 403, 404 or 422 is said so by the browser itself: its status is tested, not this line.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> int:
        """Go there; the status of the answer."""
        return self.page.goto(self.site + path).status

    def log_in(self, username: str) -> None:
        """By the page, as people do."""
        self.open("/login")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def enter_as(self, username: str) -> None:
        """With a session already open."""
        client = Client()
        client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        self.give_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)

    def speak(self, language: str) -> None:
        self.give_cookie(settings.LANGUAGE_COOKIE_NAME, language)

    def give_cookie(self, name: str, value: str) -> None:
        self.context.add_cookies([{"name": name, "value": value, "url": self.site}])


@pytest.fixture
def visit(chromium: Browser, site: str) -> Callable[..., Visitor]:
    """Open a browser of its own for one more person: visit(), visit(java_script_enabled=False)."""
    contexts = []

    def opened(**options) -> Visitor:
        context = chromium.new_context(**({"locale": "fr-FR", "viewport": DESK} | options))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Visitor(context, site)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def start_worker(committed_db, tmp_path):
    """Start a Celery worker on the tests' database; it is killed at the end. What was sent before is forgotten."""
    started = []
    celery_app.control.purge()

    def start() -> None:
        argv = [sys.executable, "-m", "celery", "-A", "rsu", "worker", "--concurrency", "1", "--loglevel", "INFO"]
        argv += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        environment = {**os.environ, "PGDATABASE": connection.settings_dict["NAME"]}
        with (tmp_path / "worker.log").open("ab") as words:
            started.append(subprocess.Popen(argv, env=environment, start_new_session=True, stdout=words, stderr=words))

    yield start
    for process in started:
        kill(process)


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """What WCAG 2.2 AA has against a page: one line a fault. Without `colors`, contrasts are not measured again, for they take longest."""
    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
    command = "options => axe.run(document, options).then(found => found.violations)"

    def faults(page: Page, *, colors: bool = True) -> list[str]:
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = page.evaluate(command, {"runOnly": tags, "resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": colors}}})
        return [f"{fault['id']}: {node['html'][:200]} {node['any'][:1]}" for fault in found for node in fault["nodes"][:3]]

    return faults
