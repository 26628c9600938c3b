"""The command line: every command is a few lines over the public API, and decides nothing."""

from __future__ import annotations

import sys
from io import TextIOWrapper

_STOPPED = 130
"""As ``command.EXIT_STOPPED``; a Ctrl-C may come while that is still being read in."""


def main() -> None:
    """The entry point of the ``franking`` program."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped before anything was done.\n")
        sys.exit(_STOPPED)


def _run() -> None:
    from franking.cli.app import run_franking

    # A file's name need be no text, and a terminal need not know our signs: say them by number.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_franking())
