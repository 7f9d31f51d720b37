"""Deeds on households: what people declare is kept, checked and applied."""

from ..problems import Problem
from .applying import Target, rearrange
from .covers import set_covers
from .disclosing import record_met
from .drafting import FADES_AFTER, PersonGone, Saved, be_present, remove_person, resume_draft, save_person, save_section
from .evidence import EvidenceRefused, add_evidence, read_evidence, remove_evidence, sweep_files
from .import_files import NothingToReturn, questions_of, write_refused_file
from .import_lots import apply_lot, claim_lot, close_imports, give_back_lot, lots_waiting, revive_lots
from .importing import Unusable, forget_imports, receive_import, retry_import
from .leaving import leaves, left_by, left_now, origin_of, tell_left
from .narrowing import narrow_request
from .pairing import PairRefused, Settlement, claim_idcs, lock_pair, set_apart, settle_pair
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
from .registering_many import Outcome, Sent, register_many
from .reopening import reopen_request, word_request
from .requesting import (
    RequestRefused,
    assign_request,
    left_problems,
    note_request,
    open_request,
    read_draft,
    read_request,
    return_request,
    submit_request,
)
from .searching_duplicates import find_duplicates, searched_on
from .settling import (
    RequestOutdated,
    SecondNeeded,
    answer_request,
    apply_request,
    await_second,
    households_of_request,
    may_be_undone,
    sign_second,
    undo_request,
    withdraw_request,
)
from .verifying import ConflictRefused, check_take, close_taken, keep_answer, open_conflict, settle_taken, tell_family

__all__ = [
    "FADES_AFTER",
    "ConflictRefused",
    "DeclarationRefused",
    "EvidenceRefused",
    "NothingToReturn",
    "Outcome",
    "PairRefused",
    "PersonGone",
    "Problem",
    "RequestOutdated",
    "RequestRefused",
    "Saved",
    "SecondNeeded",
    "Sent",
    "Settlement",
    "Target",
    "Unusable",
    "add_evidence",
    "amend_draft",
    "answer_request",
    "apply_lot",
    "apply_request",
    "assign_request",
    "await_second",
    "be_present",
    "check_declaration",
    "check_take",
    "claim_idcs",
    "claim_lot",
    "close_imports",
    "close_taken",
    "discard_draft",
    "find_duplicates",
    "forget_imports",
    "give_back_lot",
    "households_of_request",
    "keep_answer",
    "leaves",
    "left_by",
    "left_now",
    "left_problems",
    "lock_pair",
    "lots_waiting",
    "may_be_undone",
    "narrow_request",
    "note_request",
    "open_conflict",
    "open_request",
    "origin_of",
    "plain",
    "questions_of",
    "read_declaration",
    "read_draft",
    "read_evidence",
    "read_request",
    "rearrange",
    "receive_import",
    "record_met",
    "register_many",
    "remove_evidence",
    "remove_person",
    "reopen_request",
    "resume_draft",
    "retry_import",
    "return_request",
    "revive_lots",
    "save_draft",
    "save_person",
    "save_section",
    "searched_on",
    "set_apart",
    "set_covers",
    "settle_pair",
    "settle_taken",
    "sign_second",
    "submit_registration",
    "submit_request",
    "sweep_files",
    "tell_family",
    "tell_left",
    "undo_request",
    "withdraw_request",
    "word_request",
    "write_refused_file",
]
