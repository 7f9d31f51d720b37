"""Messages to families: how many in each state, one by one with masked addresses, and those of one household."""

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import households.queries
from households.permissions import mark_own
from rsu import audit
from rsu.authentication import role_required

from .. import gateways, permissions, queries, services
from ..forms import AnswerForm, ContactForm
from ..models import Contact, Message

PAGE = 25
SENDERS = ("caseworker", "supervisor")


@require_safe
@role_required(*permissions.MESSAGE_READERS)
def messages(request):
    status, channel = request.GET.get("status", ""), request.GET.get("channel", "")
    page = Paginator(queries.messages_of(request.user, status=status, channel=channel), PAGE).get_page(request.GET.get("page"))
    mark_own(request.user, [row.household for row in page.object_list])
    context = {
        "page": page,
        "counts": queries.messages_by_status(request.user),
        "status": status,
        "channel": channel,
        "channels": Message.Channel.choices,
        "closed": [label for value, label in Message.Channel.choices if value not in gateways.open_channels()],
        "paper": queries.paper_notices(request.user).count() if request.user.role in permissions.PRINTERS else None,
    }
    return render(request, "enrollment/messages.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*permissions.MESSAGE_READERS)
def household_messages(request, code: str):
    """What one household was told and how it is reached; a POST changes that."""
    family = get_object_or_404(households.queries.households_of(request.user), code=code)
    contact = Contact.objects.filter(household=family).first()
    initial = {name: getattr(contact, name) for name in ContactForm.base_fields} if contact else None
    form = ContactForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_contact(household=family, on=timezone.localdate(), by=request.user, **form.cleaned_data)
        flash.success(request, _("Les prochains messages suivront ce choix."))
        return redirect("enrollment:household_messages", code=code)
    if request.method != "POST":
        audit.record(by=request.user, verb="read_household", household=family, subject="messages")
    context = {
        "household": family,
        "notices": queries.told_of(family),
        "form": form,
        "answer": AnswerForm(auto_id="resend_%s"),
        "may_print": request.user.role in permissions.PRINTERS,
        "may_change": permissions.may_decide(request.user, family),
        "lost": (Message.Status.DOUBTFUL, *Message.LOST),
    }
    return render(request, "enrollment/household_messages.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@role_required(*SENDERS)
def resend(request, pk: int):
    message = get_object_or_404(queries.messages_of(request.user), pk=pk)
    try:
        services.resend_message(
            message.pk, reason=request.POST.get("answer", ""), on=timezone.localdate(), at=timezone.now(), by=request.user
        )  # fmt: skip
    except services.MessageRefused as refusal:
        flash.error(request, str(refusal))
    else:
        flash.success(request, _("Le message attend de nouveau son envoi."))
    return redirect("enrollment:household_messages", code=message.household.code)
