"""For the demo: nothing leaves the machine, the log says so and the message's page shows it as received."""

import logging

from . import Letter, Sent

logger = logging.getLogger(__name__)


class Console:
    recognizes_doubles = True

    def send(self, letter: Letter) -> Sent:
        logger.info("to …%s: %s", letter.address[-2:], letter.body.replace("\n", " | "))
        return Sent(external_id=f"console-{letter.key.hex[:12]}", delivered=True)
