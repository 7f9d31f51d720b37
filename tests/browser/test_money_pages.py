"""Cover and money as the demo shows them: from the home page every link is followed, to one page of each view."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import resolve

from rsu.models import User

from .test_pages import faults_of, view_of

APPS = ("enrollment:", "desk:", "households:deliver", "dashboards:")
LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
HTML = "text/html"


@pytest.fixture(scope="module")
def committed_db(kept_db):
    """These pages are only read: one kingdom serves them all."""


@pytest.fixture(scope="module")
def demo(committed_db, tmp_path_factory):
    with override_settings(FILES_ROOT=str(tmp_path_factory.mktemp("files"))):
        call_command("synthesize", "--households", "160", "--seed", "1", verbosity=0)
        for name in ("seed_enrollments", "seed_covers", "seed_casework"):
            call_command(name, verbosity=0)
        yield


def test_every_page_that_a_link_leads_to_answers_fits_and_is_accessible(visit, demo, axe):
    faults, read = [], set()
    for persona in ("chaima", "salma", "nadia", "driss", "yassine", "amina"):
        visitor, followed = visit(), set()
        visitor.enter_as(persona)
        for path, view, answer in pages_of(persona):
            followed.add(view)
            if answer != HTML:
                faults += [f"{persona}: {path}, {answer}"] if answer else []
            elif view not in read:
                read.add(view)
                for language in ("fr", "ar"):
                    visitor.speak(language)
                    faults += [f"{persona}: {path}: {fault}" for fault in faults_of(visitor, path, 200, language, axe, typed="bdi")]
        assert len(followed) > 15, persona
    assert not faults, "\n".join(faults)


def pages_of(persona: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(address, view, HTML or "" for a file, or what is wrong) of one page a view, found by following the links from the first."""
    client, seen, waiting = Client(), set(), [("/", "")]
    client.force_login(User.objects.get(username=persona), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    for path, source in waiting:
        view = view_of(path)
        if view in seen:
            continue
        seen.add(view)
        answer = client.get(path, follow=True)
        answer.close()
        if answer.status_code != 200:
            yield path, view, f"from {source}: answered {answer.status_code}"
        elif answer.streaming or not answer.headers["Content-Type"].startswith(HTML):
            yield path, view, ""
        else:
            waiting += [(link, path) for link in links(answer.content.decode(), path)]
            yield path, view, HTML


def links(html: str, path: str) -> list[str]:
    """Addresses of this site in these parts of it, in the order of the page."""
    found = [urlsplit(unescape(address)) for address in LINK.findall(html)]
    here = [f"{one.path or urlsplit(path).path}{'?' if one.query else ''}{one.query}" for one in found if not one.netloc]
    return [one for one in here if resolve(urlsplit(one).path).view_name.startswith(APPS)]
