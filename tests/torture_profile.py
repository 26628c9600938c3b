"""How hard the torture tests turn the screw.

``FRANKING_TORTURE=20`` takes twenty survivals of every power cut instead of one, and does not
skip an instant of the kill tests; for a night's run, not for every change.
"""

from __future__ import annotations

import os

SURVIVALS = max(1, int(os.environ.get("FRANKING_TORTURE", "1")))
"""How many ways in which the disk may come back are tried at each instant."""
