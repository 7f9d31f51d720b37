"""Deeds on households: what people declare is kept, checked and applied."""

from ..problems import Problem
from .applying import Target, rearrange
from .finding import find_duplicates, searched_on
from .pairing import PairRefused, Settlement, claim_idcs, lock_pair, settle_pair
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
from .requesting import (
    RequestRefused,
    assign_request,
    note_request,
    open_request,
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
    "PairRefused",
    "Problem",
    "RequestOutdated",
    "RequestRefused",
    "SecondNeeded",
    "Settlement",
    "Target",
    "amend_draft",
    "answer_request",
    "apply_request",
    "assign_request",
    "await_second",
    "check_declaration",
    "claim_idcs",
    "discard_draft",
    "find_duplicates",
    "households_of_request",
    "lock_pair",
    "note_request",
    "open_request",
    "plain",
    "read_declaration",
    "read_request",
    "rearrange",
    "return_request",
    "save_draft",
    "searched_on",
    "settle_pair",
    "sign_second",
    "submit_registration",
    "submit_request",
    "undo_request",
    "withdraw_request",
]
