"""How hard the torture tests turn the screw.

``FRANKING_TORTURE=20`` takes twenty times as many survivals of every power cut, and skips no
step of the kill tests: for a night's run, not for every change.
"""

from __future__ import annotations

import os

SURVIVALS = max(1, int(os.environ.get("FRANKING_TORTURE", "1")))
"""How many ways in which the disk may come back are tried at each instant, at least."""

COMBINED_STEP = 1 if SURVIVALS > 1 else 4
"""Where every kill is followed by every power cut, each so many kills one is taken."""
