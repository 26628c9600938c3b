"""What the rooms of the Postal Service's books hold against a record: one table, for ``explain``.

Each room adds its own line.
"""

from __future__ import annotations

from typing import Final

from franking.docket.explaining import Explainer

EXPLAINERS: Final[list[Explainer]] = []
