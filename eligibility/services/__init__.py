"""The deeds of eligibility: assessing households, changing the law, running what a change of the law asks for."""

from .assessing import assess_due, assess_households, assess_listed, assess_waiting
from .foretelling import work_of_key, work_of_proposal
from .judging import UNREAD, field_of, proposal_problems
from .legislating import approve_proposal, load_founding_law, propose_provision, reject_proposal
from .notices import Issued, NothingToTell, Telling, issue_notice, issue_receipt, reprint_notice
from .passing import pass_time
from .refusals import ProposalRefused
from .rehearsing import fresh_report, rehearse_formula, report_doubts
from .replaying import AcknowledgmentRefused, acknowledge_sample, replay_sample
from .running import RunRefused, cancel_run, pause_run, resume_run, retry_run
from .starting import THRESHOLDS, call_workers
from .verifying import LossNotHeld, confirm_loss

__all__ = [
    "THRESHOLDS",
    "UNREAD",
    "AcknowledgmentRefused",
    "Issued",
    "LossNotHeld",
    "NothingToTell",
    "ProposalRefused",
    "RunRefused",
    "Telling",
    "acknowledge_sample",
    "approve_proposal",
    "assess_due",
    "assess_households",
    "assess_listed",
    "assess_waiting",
    "call_workers",
    "cancel_run",
    "confirm_loss",
    "field_of",
    "fresh_report",
    "issue_notice",
    "issue_receipt",
    "load_founding_law",
    "pass_time",
    "pause_run",
    "proposal_problems",
    "propose_provision",
    "rehearse_formula",
    "reject_proposal",
    "replay_sample",
    "report_doubts",
    "reprint_notice",
    "resume_run",
    "retry_run",
    "work_of_key",
    "work_of_proposal",
]
