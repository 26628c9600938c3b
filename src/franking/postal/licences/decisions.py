"""What a licence needs. Pure."""

from __future__ import annotations

import re

from franking.errors import Refusal
from franking.postal.licences.records import Applicant, PostOffice

_ZIP = re.compile(r"\d{5}", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}", re.ASCII)
_NUMBER_DIGITS = 6

APPLICATION_INCOMPLETE = Refusal(
    "APPLICATION_INCOMPLETE",
    clause="DMM P050.2.1 (1997)",
    remedy="Give the applicant's name and address, and the ZIP Code of the post office where the "
    "mail will be deposited; its city and state both or neither.",
    http_status=422,
)


def require_complete(applicant: Applicant, office: PostOffice) -> None:
    """Whether an application says who and where (DMM P050.2.1).

    The ZIP Code names the post office. Without its city and state the indicium shows the words
    "Mailed From ZIP Code" (P050.4.5).

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``.
    """
    wanted = {
        "the applicant's name": applicant.name.strip(),
        "the applicant's address": applicant.address.strip(),
        "the five-digit ZIP Code of the post office": _ZIP.fullmatch(office.zip_code),
        "the city of the post office": office.city.strip() or not office.state,
        "the two-letter state of the post office": _STATE.fullmatch(office.state)
        or not (office.state or office.city),
    }
    missing = [what for what, given in wanted.items() if not given]
    if missing:
        raise APPLICATION_INCOMPLETE.because(f"it lacks {', '.join(missing)}")


def applicant_key(applicant: Applicant) -> str:
    """One applicant, however the name and address are spaced and capitalised."""
    return " ".join(f"{applicant.name} | {applicant.address}".upper().split())


def licence_number(office: PostOffice, count_before: int) -> str:
    """The next licence number of a post office: its ZIP Code and a running number."""
    return f"{office.zip_code}-{count_before + 1:0{_NUMBER_DIGITS}d}"
