#!/usr/bin/env python
"""Django's commands. Without `PGHOST` they work on private servers of their own (see `rsu.embedded`)."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rsu.settings")
    if "PGHOST" in os.environ:
        execute_from_command_line(sys.argv)
        return
    from rsu import embedded

    try:
        with embedded.lent_to(sys.argv[1:]):
            execute_from_command_line([sys.argv[0], *embedded.without_data(sys.argv[1:])])
    except embedded.CannotStart as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
