"""What is known of a licensee's mailpieces: values. Dates postal, registers in mills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAILPIECE = "quality mailpiece"
CORRECTED = "corrected mailpiece"
"""The names of this room's duties in the docket."""
DENIED = "quality"
"""The cause under which resets are denied."""


class Grade(StrEnum):
    """How an evaluated piece is graded."""

    GOOD = "good"
    DEFICIENT = "deficient"


class NoticeKind(StrEnum):
    """What a licensee is told in this room."""

    GUIDANCE = "quality grading"
    DENIAL = "resets denied"
    LIFTED = "resets allowed again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deficiency:
    """One thing that falls short, and what the licensee can do about it."""

    code: str
    detail: str
    guidance: str

    def as_json(self) -> dict[str, str]:
        """For programs and forms."""
        return {"code": self.code, "detail": self.detail, "guidance": self.guidance}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedPiece:
    """A mailpiece as it was read and graded."""

    serial: str
    received_on: date
    grade: Grade
    verdict: str
    """What verification said of its indicium."""
    ascending_mills: int | None
    """Names the piece, with its device; ``None`` where the symbol could not be read."""
    deficiencies: tuple[Deficiency, ...]

    @property
    def is_of_its_device(self) -> bool:
        """Whether the print itself said of which device it is."""
        return self.ascending_mills is not None

    def as_json(self) -> dict[str, object]:
        """For programs and forms."""
        return {
            "serial": self.serial,
            "received_on": self.received_on.isoformat(),
            "grade": self.grade.value,
            "verdict": self.verdict,
            "ascending_mills": self.ascending_mills,
            "deficiencies": [each.as_json() for each in self.deficiencies],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityNotice:
    """What a licensee was told of the quality of his prints."""

    serial: str
    licence: str
    kind: NoticeKind
    given_on: date
    clause: str
    text: str

    def as_json(self) -> dict[str, object]:
        """For programs and forms."""
        return {
            "serial": self.serial,
            "licence": self.licence,
            "kind": self.kind.value,
            "given_on": self.given_on.isoformat(),
            "clause": self.clause,
            "text": self.text,
        }
