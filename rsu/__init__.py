"""The project: its wiring, and the little that every app shares (people, agencies, the territory, the audit log).

Three apps stand on it and never on one another's successor: households are declared, eligibility reads them against
the law of a day, enrollment keeps what they are owed. Nothing here knows a rule of the law or a figure of it.
"""

from rsu.celery import app as celery_app

__all__ = ["celery_app"]
