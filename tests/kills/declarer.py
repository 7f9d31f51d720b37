"""A counter clerk who never stops: a family's answers change, and its file is opened, left to a message, or left to the sweep."""

import sys
import threading
from random import Random

import django
from django.db import InterfaceError, OperationalError, connection, transaction


def main(seed: str) -> None:
    django.setup()
    from django.utils import timezone

    from eligibility import services
    from households.models import Household
    from rsu.authentication import engine
    from rsu.outbox import send

    random = Random(seed)
    ids: list[int] = []
    pause = threading.Event()
    while True:
        try:
            ids = ids or list(Household.objects.order_by("pk").values_list("pk", flat=True))
            household = random.choice(ids)
            with transaction.atomic():
                row = Household.objects.select_for_update().get(pk=household)
                Household.objects.filter(pk=household).update(**changed(row, random), due_since=timezone.now())
                if random.random() < 0.5:
                    send("eligibility.assess_due", household)
            if random.random() < 0.5:
                services.assess_due(household, on=timezone.localdate(), by=engine())
        except (OperationalError, InterfaceError):
            connection.close()
            pause.wait(0.2)
        pause.wait(random.uniform(0, 0.03))


def changed(row, random: Random) -> dict:
    """One answer, different from before; now and then a question is left without its answer, and answered the next time."""
    name = random.choice(["mobile_phones", "cars"] if row.milieu == "urban" else ["cows", "cars"])
    if random.random() < 0.05:
        return {name: None}
    numbers = {field: getattr(row, field) for field in (("mobile_phones", "cars") if row.milieu == "urban" else ("cows", "cars"))}
    whole = {field: 0 if number is None else number for field, number in numbers.items()}
    return whole | {name: (whole[name] + random.randint(1, 3)) % 6}


if __name__ == "__main__":
    main(sys.argv[1])
