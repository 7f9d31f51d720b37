"""The Celery application; a worker and a beat are two processes, since a worker that dies must not take the sweep with it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rsu.settings")

app = Celery("rsu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["rsu.desk"])
