"""Cover and money as the demo shows them: from the home page every link is followed, to one page of each view."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import resolve

from rsu.models import User

from .test_pages import faults_of

APPS = ("enrollment:", "desk:", "households:deliver", "dashboards:")
LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')
READ = {"fr": set(), "ar": set()}
"""Views read by a browser already: the other personas' pages of the same view are only asked for."""


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


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("persona", ["chaima", "salma", "nadia", "driss", "yassine", "amina"])
def test_every_page_that_a_link_leads_to_answers_fits_and_is_accessible(persona, language, visit, demo, axe):
    visitor, client = visit(), Client()
    client.force_login(User.objects.get(username=persona), backend="django.contrib.auth.backends.ModelBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    visitor.speak(language)
    visitor.enter_as(persona)
    faults, waiting, followed = [], [("/", "")], set()
    for path, source in waiting:
        view = view_of(path)
        if view in followed:
            continue
        followed.add(view)
        answer = client.get(path, follow=True)
        answer.close()
        if answer.status_code != 200:
            faults.append(f"{path}, from {source}: answered {answer.status_code}")
        elif not answer.streaming and answer.headers["Content-Type"].startswith("text/html"):
            waiting += [(link, path) for link in links(answer.content.decode(), path)]
            if view not in READ[language]:
                READ[language].add(view)
                faults += [f"{path}: {fault}" for fault in faults_of(visitor, path, 200, language, axe, typed="bdi")]
    assert not faults, "\n".join(faults)
    assert len(followed) > 15


def view_of(path: str) -> tuple[str, ...]:
    """The view, and the names of what is asked of it."""
    split = urlsplit(path)
    return resolve(split.path).view_name, *sorted(parse_qs(split.query))


def links(html: str, path: str) -> list[str]:
    """Addresses of this site in these parts of it, in the order of the page."""
    found = [urlsplit(unescape(address)) for address in LINK.findall(html)]
    here = [f"{one.path or urlsplit(path).path}{'?' if one.query else ''}{one.query}" for one in found if not one.netloc]
    return [one for one in here if resolve(urlsplit(one).path).view_name.startswith(APPS)]
