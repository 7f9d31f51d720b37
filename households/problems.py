"""What is wrong in a declaration, where, in a sentence a family understands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`path` is a field of the declaration, members counted from 1 (`rooms`, `members.2.idcs`).

    `missing` tells a question not answered yet from an answer that is wrong; `question`, when not empty, is the whole
    question left without an answer, which a page that names it already need not repeat.
    `confirm`, when not empty, is what to add to the declaration's `confirmed` list to say that the answer is right.
    """

    path: str
    sentence: str
    confirm: str = ""
    missing: bool = False
    question: str = ""
