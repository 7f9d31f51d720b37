"""The deeds of eligibility: assessing households, changing the law, running what a change of the law asks for."""

from .assessing import assess_due, assess_households, assess_waiting
from .legislating import (
    THRESHOLDS,
    ProposalRefused,
    approve_proposal,
    load_founding_law,
    proposal_problems,
    propose_provision,
    reject_proposal,
)
from .passing import pass_time
from .retrying import retry_run

__all__ = [
    "THRESHOLDS",
    "ProposalRefused",
    "approve_proposal",
    "assess_due",
    "assess_households",
    "assess_waiting",
    "load_founding_law",
    "pass_time",
    "proposal_problems",
    "propose_provision",
    "reject_proposal",
    "retry_run",
]
