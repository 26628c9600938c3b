"""The command line: every command is a few lines over the public API, and decides nothing."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """The entry point of the ``franking`` program."""
    from franking.cli.app import run_franking

    # A file's name need be no text, and a terminal need not know our signs: say them by number.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_franking())
