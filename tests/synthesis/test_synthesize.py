"""The command, through a real database: constraints hold, every fact can be read, the score is near what was wanted."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eligibility import facts
from eligibility.models import Assessment, Provision, Refusal, Run
from eligibility.queries import law
from households.declared import answers_of
from households.models import Household, Member
from households.unasked import left_out
from rsu.models import Commune, User


def synthesize(*arguments, households=300, seed=1):
    words = io.StringIO()
    call_command("synthesize", "--households", str(households), "--seed", str(seed), *arguments, stdout=words)
    return words.getvalue()


@pytest.mark.django_db
class TestSynthesize:
    def test_loads_households_that_keep_every_constraint(self):
        synthesize("--no-assess")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert Household.objects.filter(synthetic=True).count() == 300
        assert Member.objects.filter(relation="head").count() == 300
        assert not Household.objects.filter(due_since=None).exists()
        astray = Household.objects.exclude(inside_center=None).filter(commune__has_urban_center=False)
        assert not astray.exists()
        assert not Household.objects.filter(commune__has_urban_center=True, inside_center=None).exists()

    def test_ids_given_afterwards_do_not_collide(self):
        synthesize("--no-assess")
        household = Household.objects.latest("pk")
        code = household.code
        household.pk, household.code = None, "00000000000"
        household.save(force_insert=True)
        assert household.pk > Household.objects.get(code=code).pk

    def test_every_fact_of_the_milieu_can_be_read(self):
        synthesize("--no-assess")
        on = date.today()
        in_force = law(on)
        values = {key: in_force.value(key) for key in facts.LAW_LISTS}
        sql = f"SELECT count(*) FILTER (WHERE cardinality({facts.missing_sql('r')}) > 0), count(*) FROM ({facts.reading_sql(lambda column: 'true')}) r"
        with connection.cursor() as cursor:
            cursor.execute(sql, facts.parameters(on=on, values=values))
            assert cursor.fetchone() == (0, 300)

    def test_stores_only_what_would_be_asked(self):
        synthesize("--no-assess")
        on, held = date.today(), Household.objects.select_related("commune")
        kept = {row.code: left_out(answers_of(row), place=row.commune, on=on, law=law(on)) for row in held.order_by("pk")[:150]}
        assert {code: stood for code, stood in kept.items() if stood} == {}

    def test_shares_are_compared_under_the_founding_lines_when_a_line_moved(self):
        line = Provision.objects.filter(key="direct_aid.threshold").latest("since")
        Provision.objects.create(key=line.key, since=date.today(), value="8.0000000", source="essai", confidence="L")
        words = synthesize(households=50)
        assert "sous la ligne 9,7430010 (direct_aid)" in words and "8,0000000" not in words

    def test_assesses_what_it_loaded_in_a_run_that_adds_up(self):
        words = synthesize()
        run = Run.objects.get(kind="load")
        assert (run.status, run.planned) == ("closed", 300)
        assert Assessment.objects.count() == 300
        assert not Refusal.objects.exists()
        assert not Household.objects.filter(due_since__isnull=False).exists()
        assert "300 ménages évalués" in words
        assert "modèle dérivé du recensement, non publié" in words

    def test_scores_lie_where_spending_does(self):
        """A third of persons at or under the AMO line, 57 % under the direct aid line: loosely, in a load of 3,000."""
        synthesize(households=3000)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(f.size) FILTER (WHERE a.score <= 93264284)::float / sum(f.size),"
                " sum(f.size) FILTER (WHERE a.score <= 97430010)::float / sum(f.size)"
                " FROM eligibility_assessment a JOIN eligibility_facts f USING (household_id)"
            )
            under_amo, under_aid = cursor.fetchone()
        assert abs(under_amo - 0.33) < 0.04
        assert abs(under_aid - 0.57) < 0.04

    def test_if_missing_adds_nothing_to_a_registry_that_has_invented_families(self):
        synthesize("--no-assess", households=50)
        assert "déjà" in synthesize("--if-missing", households=50, seed=2)
        assert Household.objects.count() == 50

    def test_the_same_seed_is_refused_twice_and_another_is_added(self):
        synthesize("--no-assess", households=50)
        with pytest.raises(CommandError, match="graine 1"):
            synthesize("--no-assess", households=50)
        synthesize("--no-assess", households=50, seed=2)
        assert Household.objects.count() == 100


@pytest.mark.django_db
def test_without_territory_it_says_what_to_load_first():
    User.objects.update(area_level="nowhere", region=None, province=None, commune=None)
    Commune.objects.all().delete()
    with pytest.raises(CommandError, match="load_geography"):
        synthesize()
