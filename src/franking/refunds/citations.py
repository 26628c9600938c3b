"""What a clause of DMM 604.9.3 was called before 2008, and is called since. Pure.

A new 9.3.5 was inserted, so that the old 9.3.5 to 9.3.7 became 9.3.6 to 9.3.8 (73 FR 26353).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

RENUMBERED: Final = MappingProxyType({"9.3.5": "9.3.6", "9.3.6": "9.3.7", "9.3.7": "9.3.8"})
"""Sections before 2008, and since."""

_SECTION = re.compile(r"^(?P<before>.*?604\.)?(?P<section>9\.3\.\d)(?P<item>[a-z]?)(?P<rest>.*)$")


def current(citation: str) -> str:
    """The citation of 2008 for one of before: ``DMM 604.9.3.5d`` is now ``DMM 604.9.3.6d``.

    What was not renumbered, or is no citation of 9.3, stays as it is.
    """
    found = _SECTION.match(citation)
    if found is None:
        return citation
    section = RENUMBERED.get(found["section"], found["section"])
    return f"{found['before'] or ''}{section}{found['item']}{found['rest']}"
