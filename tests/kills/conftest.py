"""The size of the trial, given on the command line when tests/kills is named there."""

from tests.eligibility.conftest import work

__all__ = ["work"]
DEFAULTS = {"--kills": 5, "--households": 150, "--principals": 400, "--seed": 20261122}


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=DEFAULTS["--kills"], help="processes killed outright during the runs (5)")
    parser.addoption("--households", type=int, default=DEFAULTS["--households"], help="families of the registry (150)")
    parser.addoption(
        "--principals", type=int, default=DEFAULTS["--principals"], help="insured persons of the RAMED file killed twice (400)"
    )
    parser.addoption("--seed", type=int, default=DEFAULTS["--seed"], help="the same seed draws the same deeds and the same kills")


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "kills":
                terminalreporter.write_line(value)
