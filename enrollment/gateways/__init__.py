"""The way out of a message: one small class a channel, named in the settings, that whoever runs the registry replaces by its own.

`send` answers `Sent`, or raises `Refused` (this address never), `Later` (certainly not sent, try again). Anything else it raises
leaves the message in doubt: it may have left, and nobody sends it again by himself.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Letter:
    """What is handed to a gateway. The same `key` twice is the same message: a gateway that can, sends it once."""

    key: UUID
    address: str
    subject: str
    body: str


@dataclass(frozen=True)
class Sent:
    """`delivered` when the gateway already knows; otherwise its receipt may come later."""

    external_id: str = ""
    delivered: bool = False


class Refused(Exception):
    """The address cannot be reached, now or later."""


class Later(Exception):
    """Nothing left: the operator is busy or out of reach."""


class Gateway(Protocol):
    recognizes_doubles: bool

    def send(self, letter: Letter) -> Sent: ...


def open_channels() -> list[str]:
    """Channels that have a gateway; messages of the others wait."""
    return [channel for channel, path in settings.GATEWAYS.items() if path]


def gateway(channel: str) -> Gateway:
    return import_string(settings.GATEWAYS[channel])()
