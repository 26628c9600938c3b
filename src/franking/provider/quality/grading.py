"""Grading a mailpiece: what verification read of its print, and what falls short. Pure.

Graded are quality and readability of the indicium (62 FR 14833, preamble; 39 CFR 502.27): whether
its symbol reads at the first look, with how much error correction to spare, and what it says; and
what the evaluator saw with his own eyes. Refuses to know what follows from a grade.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from franking import rules
from franking.errors import Refusal
from franking.provider.quality.records import Deficiency, Grade, GradedPiece
from franking.verification.payload import Verification
from franking.verification.verdict import Outcome, Verdict

PIECE_OF_ANOTHER_DEVICE = Refusal(
    "PIECE_OF_ANOTHER_DEVICE",
    clause="39 CFR 502.27 (1997)",
    remedy="Send a piece that this very device evidenced, or name the device that did.",
)
PIECE_UNCLEAR = Refusal(
    "PIECE_UNCLEAR",
    clause="39 CFR 502.27 (1997)",
    remedy="Evaluate one piece at a time: one picture, one indicium.",
    http_status=422,
)
TRUST_LIST_TOO_OLD = Refusal(
    "TRUST_LIST_TOO_OLD",
    clause="39 CFR 502.9(b) (1997)",
    remedy="Fetch the latest trust list first: the licensee does not answer for ours.",
)
OBSERVATION_UNKNOWN = Refusal(
    "OBSERVATION_UNKNOWN",
    clause="39 CFR 502.27 (1997)",
    remedy="Name what you saw as `franking quality guidance` lists it.",
    http_status=422,
)

GUIDANCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ILLEGIBLE": "Clean the print head, use the darkest setting, plain white stock, and send"
        " another piece.",
        "HARD TO READ": "The symbol reads only after correction of the picture: straighten the"
        " feed, clean the head, and do not scale the print.",
        "LITTLE RESERVE": "The symbol uses up its error correction: renew ink or ribbon, and keep"
        " folds, windows and tape off it.",
        "NOT AUTHENTIC": "Use no copies and no altered prints; call the Provider at once.",
        "DOUBTFUL": "The indicium could not be confirmed: audit the device, and send a new piece.",
        "WRONG PLACE": "Print within 1/4 inch to the edges that the layout of the host gives.",
        "LOW CONTRAST": "Print on light stock, in black or the darkest ink.",
        "FIM MISSING": "Print the facing identification mark that the layout places.",
        "WORDS DIFFER": "Licensing office, device ID, date and amount in words must equal the"
        " symbol: print with the host's own layout.",
        "SMEARED": "Let the print dry, and keep fingers and rollers off it.",
    }
)
"""What a licensee is told to do about each deficiency (39 CFR 502.27, 1997)."""
SEEN: Final = ("WRONG PLACE", "LOW CONTRAST", "FIM MISSING", "WORDS DIFFER", "SMEARED")
"""What only an evaluator's eyes can find."""

_RESERVE = re.compile(r"unused error correction ([0-9.]+)")
_PLAIN = re.compile(r"\bread (plain\b|.*\bplain\b)")
_RULEBOOK = "ibip-1997"
_PERCENT = 100


def grade(
    serial: str, found: Sequence[Verification], seen: Collection[str], today: date
) -> GradedPiece:
    """The grade of a piece: every deficiency, not the first.

    Raises:
        Refused: ``PIECE_UNCLEAR``, ``TRUST_LIST_TOO_OLD``, ``PIECE_OF_ANOTHER_DEVICE``,
            ``OBSERVATION_UNKNOWN``.
    """
    if unknown := sorted(set(seen) - set(SEEN)):
        raise OBSERVATION_UNKNOWN.because(f"nobody grades {', '.join(unknown)}")
    if len(found) != 1:
        raise PIECE_UNCLEAR.because(f"the picture holds {len(found)} indicia")
    one = found[0]
    if one.trust_list.next_issue < one.verified_at:
        raise TRUST_LIST_TOO_OLD.because(f"the list was to be renewed {one.trust_list.next_issue}")
    ascending = _ascending(one, serial)
    deficiencies = (*_read(one, today), *(_deficiency(code, "seen") for code in seen))
    return GradedPiece(
        serial=serial,
        received_on=today,
        grade=Grade.DEFICIENT if deficiencies else Grade.GOOD,
        verdict=one.verdict.value,
        ascending_mills=ascending,
        deficiencies=deficiencies,
    )


def _ascending(one: Verification, serial: str) -> int | None:
    """The ascending register on the piece; ``None`` where nothing was read."""
    if one.indicium is None or one.indicium.content is None:
        return None
    content = one.indicium.content
    if str(content.device_id) != serial:
        raise PIECE_OF_ANOTHER_DEVICE.because(f"the piece is of {content.device_id}, not {serial}")
    return content.ascending_mills


def _read(one: Verification, today: date) -> Iterator[Deficiency]:
    if one.indicium is None or one.indicium.content is None:
        yield _deficiency("ILLEGIBLE", _reasons(one))
        return
    if one.verdict is Verdict.NOT_AUTHENTIC:
        yield _deficiency("NOT AUTHENTIC", _reasons(one))
    if one.verdict is Verdict.UNDETERMINED:
        yield _deficiency("DOUBTFUL", _reasons(one))
    read = next((step.reason for step in one.steps if step.name == "read"), "")
    if one.file and " read " in read and _PLAIN.search(read) is None:
        yield _deficiency("HARD TO READ", read)
    reserve = _RESERVE.search(read)
    needed = rules.at("provider", _RULEBOOK, today).whole("quality_error_correction_percent")
    if reserve is not None and Decimal(reserve[1]) * _PERCENT < needed:
        yield _deficiency("LITTLE RESERVE", f"{reserve[1]} of the error correction is unused")


def _reasons(one: Verification) -> str:
    wrong = (step.reason for step in one.steps if step.outcome is Outcome.FAILED)
    return "; ".join(wrong) or "nothing could be read"


def _deficiency(code: str, detail: str) -> Deficiency:
    return Deficiency(code=code, detail=detail, guidance=GUIDANCE[code])
