"""Which households a statement is about: a list of ids, or all of a range; the same statements serve both."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """`ids`, or else every household from `first` to `last`, both included."""

    ids: list[int] | None = None
    first: int = 0
    last: int = 0

    @property
    def parameters(self) -> dict:
        return {"first": self.first, "last": self.last} if self.ids is None else {"ids": self.ids}

    def sql(self, column: str) -> str:
        """The condition on a column of household ids."""
        if self.ids is None:
            return f"{column} BETWEEN %(first)s AND %(last)s"
        return f"{column} = ANY(%(ids)s)"
