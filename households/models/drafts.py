"""Several people on one draft: who took it up, who has it open now, and who last wrote each answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rsu.models import User

from .requests import Request


class DraftHand(models.Model):
    """Somebody besides its creator who took up a draft, deliberately and once."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="hands")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("reprise d’un brouillon"), _("reprises de brouillons")
        ordering = ["request", "since"]
        constraints = [models.UniqueConstraint(name="draft_hand_once", fields=["request", "user"])]

    def __str__(self):
        return f"{self.request_id} {self.user_id}"


class DraftPresence(models.Model):
    """One browser that has a draft open; it fades when it is not seen any more. `window` tells two browsers of one person apart."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="presences")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    window = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("présence sur un brouillon"), _("présences sur des brouillons")
        ordering = ["request", "opened_at"]
        constraints = [models.UniqueConstraint(name="draft_presence_once", fields=["request", "user", "window"])]

    def __str__(self):
        return f"{self.request_id} {self.user_id} {self.window}"


class DraftTrail(models.Model):
    """Who last wrote each answer of a draft, from which page and when; read and written under the request's own lock.

    `written`: {path: {"page": mark, "by": user id, "at": instant}}; the path of a person's answer is `key.field`.
    """

    request = models.OneToOneField(Request, models.CASCADE, primary_key=True, related_name="trail")
    written = models.JSONField(default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("trace d’un brouillon"), _("traces de brouillons")

    def __str__(self):
        return f"{self.request_id}"
