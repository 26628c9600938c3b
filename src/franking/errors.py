"""Refusals, and the one other way to fail.

A ``Refused`` says that the rules say no, that nothing changed, and what the person can do next.
An ``InvariantBroken`` says that state contradicts itself: stop. Every refusal is one entry of a
table, declared by the room that refuses::

    EXCEEDS_DESCENDING = Refusal(
        "EXCEEDS_DESCENDING",
        clause="39 CFR 501.6(c)",
        remedy="Reset the device with more postage, then ask again.",
    )
    ...
    raise EXCEEDS_DESCENDING.because("postage $0.320 exceeds the $0.100 in the descending register")
"""

from __future__ import annotations

from dataclasses import dataclass

EXIT_DONE, EXIT_BROKEN, EXIT_REFUSED = 0, 1, 2

_declared: dict[str, Refusal] = {}


_FAULT_OF_OURS = 500
"""From this HTTP status on it is not what was asked that is at fault."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of refusal: a stable code, the clause it rests on, and what the person can do.

    ``clause`` is a citation such as ``"DMM P050.3.6 (1997)"``, or ``"policy"`` where no document
    says it. ``http_status`` is the status of an HTTP problem for it.
    """

    code: str
    clause: str
    remedy: str
    http_status: int = 409

    def __post_init__(self) -> None:
        if _declared.setdefault(self.code, self) != self:
            raise ValueError(f"two refusals share the code {self.code}")

    def because(self, detail: str, *, remedy: str | None = None) -> Refused:
        """The refusal as an exception; ``detail`` gives the facts of this case."""
        return Refused(self, detail, remedy or self.remedy)


class Refused(Exception):
    """The rules say no, nothing changed, and here is what the person can do."""

    def __init__(self, refusal: Refusal, detail: str, remedy: str) -> None:
        super().__init__(f"{refusal.code}: {detail}")
        self.refusal = refusal
        self.detail = detail
        self.remedy = remedy

    @property
    def code(self) -> str:
        """The stable code, for programs."""
        return self.refusal.code

    @property
    def is_passing(self) -> bool:
        """Whether nothing is wrong with what was asked: the same may be asked again later."""
        return self.refusal.http_status >= _FAULT_OF_OURS

    @property
    def clause(self) -> str:
        """The clause that the refusal rests on, or ``"policy"``."""
        return self.refusal.clause

    def as_json(self) -> dict[str, str]:
        """The four fields a program sees: code, clause, detail, remedy."""
        return {
            "code": self.code,
            "clause": self.clause,
            "detail": self.detail,
            "remedy": self.remedy,
        }

    def __reduce__(self) -> tuple[type[Refused], tuple[Refusal, str, str]]:
        return Refused, (self.refusal, self.detail, self.remedy)


class InvariantBroken(Exception):
    """State contradicts itself: nothing may go on until a person has looked."""


def declared_refusals() -> tuple[Refusal, ...]:
    """Every refusal declared by the rooms imported so far, in order of code."""
    return tuple(_declared[code] for code in sorted(_declared))
