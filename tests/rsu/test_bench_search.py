"""What the search is measured by: planted in one script, searched in the other, counted without favor."""

from households.models import Member
from rsu.authentication import engine
from rsu.bench import searching
from tests.households.families import DAY


def test_people_are_planted_in_one_script_and_searched_in_the_other(db):
    chosen = searching.pairs(searching.PAIRS, 6)
    assert sorted(pair.half for pair in chosen) == [0] * 6 + [1] * 6
    planted = searching.plant(chosen, on=DAY)
    assert len(planted) == 24 and Member.objects.count() == 24
    assert all(bool(one.first_name_fr) != bool(one.first_name_ar) for one in Member.objects.all())
    counts, times = searching.measure(engine(), planted, lambda words: None)
    assert {key: count.searches for key, count in counts.items()} == {
        (half, manner): 12 for half in (0, 1) for manner in ("alone", "with another name")
    }
    assert sum(count.found for count in counts.values()) >= 44
    assert sum(count.alone_so_spelled for count in counts.values()) == 48
    assert sum(count.very_person for count in counts.values()) >= 44
    assert [len(seconds) for seconds in times.values()] == [24, 24, 24]
    searching.plant(chosen, on=DAY)
    assert Member.objects.count() == 24


def test_a_person_who_bears_another_name_does_not_count(db):
    pair = searching.Pair("محمد", "Mohamed", "given", 0)
    person = Member(first_name_fr="Mahmoud", last_name_fr="Alaoui", first_name_ar="محمود", last_name_ar="العلوي")
    assert not searching._bears(person, pair, "alone")
    person.first_name_ar = "محمد"
    assert searching._bears(person, pair, "alone") and searching._bears(person, pair, "with another name")
    person.last_name_fr = person.last_name_ar = "Idrissi"
    assert not searching._bears(person, pair, "with another name")
