"""The command line: every command is a few lines over the public API, and decides nothing."""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point of the ``franking`` program."""
    from franking.cli.app import run_franking

    sys.exit(run_franking())
