"""What happens when a duty on the Postal Service's docket is missed: one table, by name.

The names are those that ``franking/docket/duties/<room>.yaml`` gives as ``consequence``. Each room
adds its own lines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from franking.docket import Consequence, SweepReport, sweep
from franking.messages.signing import Signer
from franking.postal.adjustments import commands as _adjustments
from franking.postal.examinations import commands as _examinations
from franking.postal.licences.revoking import let_right_lapse, revoke_unappealed
from franking.postal.refunds.ruling import ruling_final
from franking.postal.schema import DOCKET
from franking.postal.treasury.transfers import transfer_missed
from franking.storage import Books

CONSEQUENCES: Final[dict[str, Consequence]] = {
    "revoke licence": revoke_unappealed,
    "right lapses": let_right_lapse,
    "notify presentation": _examinations.notify_presentation,
    "presentation ignored": _examinations.presentation_ignored,
    "transfer missed": transfer_missed,
    "refund ruling is final": ruling_final,
    "adjustment is final": _adjustments.adjustment_final,
}


def sweep_docket(
    books: Books,
    signer: Signer,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    *,
    after_silence: bool = False,
) -> SweepReport:
    """Sweep the Postal Service's docket.

    Raises:
        Refused: as ``sweep``.
    """
    return sweep(books, DOCKET, CONSEQUENCES, signer, now, progress, after_silence=after_silence)
