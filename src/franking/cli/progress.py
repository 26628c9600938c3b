"""Progress on long work, for people only: nothing is drawn for programs or into pipes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from franking.cli.answer import console


@contextmanager
def shown_while(title: str, *, quiet: bool) -> Iterator[None]:
    """A spinner while the block runs."""
    out = console(stderr=True)
    if quiet or not out.is_terminal:
        yield
        return
    with out.status(title):
        yield
