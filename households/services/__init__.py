"""Deeds on households: what people declare is kept, checked and applied."""

from ..problems import Problem
from .applying import Target, rearrange
from .registering import (
    DeclarationRefused,
    amend_draft,
    check_declaration,
    discard_draft,
    plain,
    read_declaration,
    save_draft,
    submit_registration,
)
from .reopening import reopen_request, word_request
from .requesting import (
    RequestRefused,
    assign_request,
    note_request,
    open_request,
    read_draft,
    read_request,
    return_request,
    submit_request,
)
from .settling import (
    RequestOutdated,
    SecondNeeded,
    answer_request,
    apply_request,
    await_second,
    households_of_request,
    sign_second,
    undo_request,
    withdraw_request,
)

__all__ = [
    "DeclarationRefused",
    "Problem",
    "RequestOutdated",
    "RequestRefused",
    "SecondNeeded",
    "Target",
    "amend_draft",
    "answer_request",
    "apply_request",
    "assign_request",
    "await_second",
    "check_declaration",
    "discard_draft",
    "households_of_request",
    "note_request",
    "open_request",
    "plain",
    "read_declaration",
    "read_draft",
    "read_request",
    "rearrange",
    "reopen_request",
    "return_request",
    "save_draft",
    "sign_second",
    "submit_registration",
    "submit_request",
    "undo_request",
    "withdraw_request",
    "word_request",
]
