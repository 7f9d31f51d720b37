"""Every notice says until when it may be contested, or that no time limit runs and why."""

import pytest
from django.utils.translation import override

from enrollment import notices
from enrollment.models import RightNotice
from households.models import Household


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("deed", RightNotice.Deed.values)
def test_every_deed_without_a_last_day_says_that_no_time_limit_runs(deed, language):
    content = {
        "what": "majority", "month": "2026-11-01", "amount": 10000, "made_up": 0, "lines": [], "state": "waived", "code": "AC04",
        "finding": "nationality",
    }  # fmt: skip
    notice = RightNotice(program="direct_aid", deed=deed, content=content, reference="0" * 12, household=Household(code="1" * 11))
    with override(language):
        last, short = notices.next_steps(notice)[-1], notices.short_text(notice, language)
    limit, none = {"fr": ("délai de recours", "Sans délai de recours."), "ar": ("أجل", "بدون أجل للطعن.")}[language]
    assert limit in last
    assert short.endswith(none)
    assert "{" not in last + short


def test_what_is_not_contested_is_what_has_its_reason_why():
    assert {*notices.CONTESTED, *notices.UNCONTESTED} == set(RightNotice.Deed)
    assert not {*notices.CONTESTED} & {*notices.UNCONTESTED}
