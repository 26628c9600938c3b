"""The resetting system as many callers use it at once, who share its units of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from franking.errors import Refused
from franking.messages.signing import Signer
from franking.provider.resetting.batches import BATCH_MAX, accept_receipts, grant_resets
from franking.storage import Books
from franking.storage.shared_work import SharedWork


class ResettingFront:
    """Answers devices' messages, a batch at a time; threads may share it."""

    def __init__(
        self, books: Books, signer: Signer, clock: Callable[[], datetime], *, lanes: int = 1
    ) -> None:
        def granting(some: Sequence[str]) -> list[str | Refused]:
            return grant_resets(books, signer, some, clock())

        def taking(some: Sequence[str]) -> list[str | Refused]:
            return accept_receipts(books, some, clock())

        self._grants = SharedWork(granting, batch_max=BATCH_MAX, lanes=lanes)
        self._receipts = SharedWork(taking, batch_max=BATCH_MAX, lanes=lanes)

    def grant(self, request: str) -> str:
        """Answer a ``ResetRequest``, as ``commands.grant_reset``.

        Raises:
            Refused: as ``commands.grant_reset``.
        """
        return self._grants.ask(request)

    def take_receipt(self, receipt: str) -> None:
        """Take a ``ResetReceipt``, as ``commands.accept_receipt``.

        Raises:
            Refused: as ``commands.accept_receipt``.
        """
        self._receipts.ask(receipt)
