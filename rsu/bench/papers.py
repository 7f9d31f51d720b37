"""What a notice costs: composed from the registry, and set on paper beside empty pages."""

import re
import time
from typing import TYPE_CHECKING

from eligibility import typesetting
from households.models import Household
from rsu.desk import notices as desk

from .measures import Measure

if TYPE_CHECKING:
    from .steps import Bench

SAMPLE = 100
"""Households whose notice is made."""
PAGE = re.compile(rb"/Type\s*/Page\b")


def notices(bench: "Bench") -> Measure:
    """Notices of a sample of households set on paper, beside as many empty pages; composing them is timed apart."""
    law = bench.law()
    families = list(Household.objects.select_related("commune__province", "commune__region").order_by("pk")[:SAMPLE])
    typesetting.blank()  # fonts are read once a process
    begun = time.perf_counter()
    tellings = [desk.telling(one, on=bench.on, law=law) for one in families]
    composing = time.perf_counter() - begun
    contents = [one.frozen(reference="0" * 12, counts_from=bench.on, on=bench.on) for one in tellings]
    begun = time.perf_counter()
    printed = [typesetting.render(one) for one in contents]
    seconds = time.perf_counter() - begun
    pages = sum(len(PAGE.findall(one)) for one in printed)
    begun = time.perf_counter()
    for _page in range(pages):
        typesetting.blank()
    plain = time.perf_counter() - begun
    return Measure(
        "notices", "notices set on paper, content given", len(printed), seconds, unit="notices",
        bare="as many empty pages", bare_seconds=plain,
        notes={
            "pages": pages, "ms_a_page": round(1000 * seconds / pages, 1), "bare_ms_a_page": round(1000 * plain / pages, 1),
            "composing_ms": round(1000 * composing / len(printed), 1), "bytes": sum(map(len, printed)) // len(printed),
        },
    )  # fmt: skip
