"""Deeds on households: what people declare is kept, checked and applied."""

from ..problems import Problem
from .drafting import FADES_AFTER, PersonGone, Saved, be_present, remove_person, resume_draft, save_person, save_section
from .evidence import EvidenceRefused, add_evidence, read_evidence, remove_evidence, sweep_files
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

__all__ = [
    "FADES_AFTER",
    "DeclarationRefused",
    "EvidenceRefused",
    "PersonGone",
    "Problem",
    "Saved",
    "add_evidence",
    "amend_draft",
    "be_present",
    "check_declaration",
    "discard_draft",
    "plain",
    "read_declaration",
    "read_evidence",
    "remove_evidence",
    "remove_person",
    "resume_draft",
    "save_draft",
    "save_person",
    "save_section",
    "submit_registration",
    "sweep_files",
]
