"""What an application for a licence tells, and whether it is filled in.

Both domains ask this of the same form: the provider before it transmits an application, the Postal
Service before it takes one. Refuses to know whether a licence is issued.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

import msgspec

from franking.clock import parse_date
from franking.errors import Refusal
from franking.messages.kinds import Whole
from franking.money import MILLS_PER_DOLLAR, format_dollars
from franking.rules import RuleSet

FORM: Final = "PS Form 3601-A"
PERSONAL_FIELDS: Final = frozenset({"address", "telephone", "device_location", "signed_by"})
"""Fields that the privacy notice of the Postal Service covers (60 FR 30714, preamble II.C): shown
with the one record that was asked for, never in a list."""

_LEGAL_FORMS: Final = frozenset(
    {"CO", "COMPANY", "CORP", "CORPORATION", "INC", "INCORPORATED", "LIMITED", "LLC", "LLP", "LTD"}
)
_UNHEARD: Final = frozenset({"Mn", "Cf"})
"""Categories of signs that nobody hears: accents, joiners, marks of direction."""
_ZIP = re.compile(r"\d{5}", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}", re.ASCII)

APPLICATION_INCOMPLETE = Refusal(
    "APPLICATION_INCOMPLETE",
    clause="DMM P050.2.1 (1997)",
    remedy="Give the applicant's name and address, and the ZIP Code of the post office where the "
    "mail will be deposited; its city and state both or neither.",
    http_status=422,
)
APPLICATION_UNSIGNED = Refusal(
    "APPLICATION_UNSIGNED",
    clause="DMM P030.2.1 (1995)",
    remedy="Have the applicant sign the application: the signature agrees to DMM P030.2.2.",
    http_status=422,
)
POSTAGE_STEP_UNKNOWN = Refusal(
    "POSTAGE_STEP_UNKNOWN",
    clause="60 FR 30714 (1995), preamble I.B",
    remedy="Give the lower end of one of the steps that Part B of the application has.",
    http_status=422,
)


class ApplicationData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What PS Form 3601-A tells: who, where the mail will be deposited, how much of it."""

    name: str
    address: str
    telephone: str = ""
    device_location: str = ""
    """Where the device will stand; empty: at the address."""
    zip_code: str
    """Of the post office where the mail will be deposited; five digits."""
    city: str = ""
    state: str = ""
    yearly_postage_above_mills: Whole = 0
    """Part B: the lower end of the step that yearly metered postage is estimated in."""
    signed_by: str
    signed_on: str
    """ISO 8601. The signature agrees to DMM P030.2.2."""


def require_parties(*, name: str, address: str, zip_code: str, city: str, state: str) -> None:
    """Whether it says who and where (DMM P050.2.1).

    The ZIP Code names the post office. Without its city and state the indicium shows the words
    "Mailed From ZIP Code" (P050.4.5).

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``.
    """
    wanted = {
        "the applicant's name": name.strip(),
        "the applicant's address": address.strip(),
        "the five-digit ZIP Code of the post office": _ZIP.fullmatch(zip_code),
        "the city of the post office": city.strip() or not state,
        "the two-letter state of the post office": _STATE.fullmatch(state) or not (state or city),
    }
    missing = [what for what, given in wanted.items() if not given]
    if missing:
        raise APPLICATION_INCOMPLETE.because(f"it lacks {', '.join(missing)}")


def require_filled_in(data: ApplicationData, rules: RuleSet, on: date) -> None:
    """Whether the form is filled in and signed by ``on`` (DMM P030.2.1, P050.2.1).

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``, ``POSTAGE_STEP_UNKNOWN``, ``APPLICATION_UNSIGNED``,
            ``TIME_UNREADABLE``.
    """
    require_parties(
        name=data.name,
        address=data.address,
        zip_code=data.zip_code,
        city=data.city,
        state=data.state,
    )
    steps = step_floors(rules)
    if data.yearly_postage_above_mills not in steps:
        named = ", ".join(format_dollars(step) for step in steps)
        raise POSTAGE_STEP_UNKNOWN.because(f"the steps are above {named}")
    if not data.signed_by.strip() or not data.signed_on:
        raise APPLICATION_UNSIGNED.because("it lacks the applicant's signature or its date")
    if parse_date(data.signed_on) > on:
        raise APPLICATION_UNSIGNED.because(f"it is to be signed on {data.signed_on}, after {on}")


def step_floors(rules: RuleSet) -> list[int]:
    """The lower ends, in mills, of the steps in which Part B asks for yearly postage."""
    return [int(step) * MILLS_PER_DOLLAR for step in rules.choices("application_steps_dollars")]


def is_high_volume(data: ApplicationData, line_mills: int) -> bool:
    """Whether the step lies above the high-volume line (60 FR 30714, I.B: strictly above)."""
    return data.yearly_postage_above_mills >= line_mills


def one_spelling(text: str) -> str:
    """A name (a firm's, a person's) or address, however it is spaced, capitalised and pointed."""
    letters = unicodedata.normalize("NFKD", text.replace("&", " and ")).upper()
    kept = (one for one in letters if unicodedata.category(one) not in _UNHEARD)
    words = "".join(letter if letter.isalnum() else " " for letter in kept).split()
    return " ".join(words)


def one_applicant(name: str, address: str) -> str:
    """One applicant, however name and address are written."""
    return f"{one_spelling(name)} | {one_spelling(address)}"


def same_name(name: str) -> str:
    """What two spellings of one firm's or person's name share: nothing of its legal form.

    Two firms of one name come to the same: whoever asks has to look, and say so.
    """
    spelled = one_spelling(name.replace(".", "").replace("'", ""))
    words = spelled.removeprefix("THE ").split()
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return " ".join(words)


def publicly(data: ApplicationData) -> dict[str, object]:
    """What a list may show of an application: no personal field."""
    fields: dict[str, object] = msgspec.to_builtins(data)
    return {name: value for name, value in fields.items() if name not in PERSONAL_FIELDS}
