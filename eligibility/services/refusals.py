"""Why a change of the law cannot stand."""


class ProposalRefused(Exception):
    """The proposal cannot stand: `problems` are a sentence for each field at fault ("" for the whole), `field` the first."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems

    @property
    def field(self) -> str:
        return next(iter(self.problems))
