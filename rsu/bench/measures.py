"""One measured deed, and how it reads as a line of a table."""

from dataclasses import asdict, dataclass, field


@dataclass
class Measure:
    """`count` units done in `seconds`; `bare_seconds` is what the same rows cost without the engine, in the same run."""

    name: str
    label: str
    count: int
    seconds: float
    unit: str = "households"
    queries: int | None = None
    rows_written: int | None = None
    bare: str = ""
    bare_seconds: float | None = None
    memory_mb: int | None = None
    bar: str = ""
    met: bool | None = None
    notes: dict = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    @property
    def ratio(self) -> float | None:
        return self.seconds / self.bare_seconds if self.bare_seconds else None

    def as_json(self) -> dict:
        return asdict(self) | {"rate": round(self.rate, 1), "ratio": self.ratio and round(self.ratio, 2)}


HEADER = ("measure", "units", "time", "rate", "queries", "rows written", "bare", "ratio", "memory", "bar")


def table(measures: list[Measure]) -> list[tuple[str, ...]]:
    """Cells of text, the header first."""
    return [HEADER, *(_row(measure) for measure in measures)]


def _row(one: Measure) -> tuple[str, ...]:
    verdict = "" if one.met is None else " ✓" if one.met else " ✗"
    return (
        one.label,
        f"{one.count:,} {one.unit}".replace(",", " "),
        duration(one.seconds),
        f"{one.rate:,.0f}/s".replace(",", " "),
        _count(one.queries),
        _count(one.rows_written),
        duration(one.bare_seconds) if one.bare_seconds else "",
        f"{one.ratio:.2f}×" if one.ratio else "",
        f"{one.memory_mb} MB" if one.memory_mb else "",
        f"{one.bar}{verdict}",
    )


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}".replace(",", " ")


def duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
