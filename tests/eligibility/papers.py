"""What a paper could say, written by hand: for tests of how it is kept, whatever composes it."""

from eligibility.services import Telling


def pair(text: str, arabic: str = "نص") -> dict:
    return {"fr": text, "ar": arabic}


NAMES = (
    "registry", "synthetic", "title", "decision", "sum", "answer", "points", "total", "line", "dirhams", "cover", "next", "verify", "reference",
    "digest", "people", "name", "idcs",
)  # fmt: skip


def decision_told(*, score: int = 95_000_000, answer: str = "Ouvert", note: str = "", **changes) -> dict:
    """One program, a sum of two lines."""
    told = {
        "kind": "decision",
        "synthetic": True,
        "decision": {"score": score, "answer": answer},
        "rows": [[pair("Ménage", "الأسرة"), pair("Said Alaoui", "سعيد العلوي")]],
        "programs": [
            {"name": pair("AMO"), "state": "yes", "answer": pair(answer), "sentences": [pair("S")], "levers-title": pair("L"), "levers": []}
        ],
        "warnings": [pair(note)] if note else [],
        "sum": {"formula": pair("F"), "lines": [line("A", "9,5"), line("B", "−0,1")], "total": pair("9,4"), "silent": pair("")},
        "cover": [],
        "aid": {"title": pair(""), "lines": [], "total": pair(""), "sources": pair("")},
        "next": [pair("Revenir")],
    }
    return told | changes


def line(label: str, points: str) -> dict:
    return {"label": pair(label), "detail": pair(""), "points": pair(points), "units": 0}


def telling(told: dict | None = None, **changes) -> Telling:
    """`dated` says the two days it was given, so that a test can read them back."""
    told = decision_told(**changes) if told is None else told
    return Telling(told=told, words={name: pair(name) for name in NAMES}, dated=dated, determinations=[7, 8])


def dated(*, counts_from, on) -> dict:
    return {"rows": [], "next": [pair(f"{counts_from} {on}")]}
