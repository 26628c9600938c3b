"""The labels of a device, from the wording and sizes that the rules give.

39 CFR 501.22(r) of 1995: a cautionary label and a barcoded serial label on every device.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from franking import rules
from franking.errors import Refusal
from franking.marks import labels
from franking.marks.geometry import Drawing
from franking.marks.symbols import DPI_DEFAULT

RULEBOOK = "meter-1995"

LABEL_TOO_SMALL = Refusal(
    "LABEL_TOO_SMALL",
    clause="39 CFR 501.22(r)(1) (1995)",
    remedy="Make the label larger, or give the id of the written approval of the deviation.",
    http_status=422,
)
SERIAL_OUT_OF_RANGE = Refusal(
    "SERIAL_OUT_OF_RANGE",
    clause="39 CFR 501.22(r)(2) (1995)",
    remedy="Give the two-digit manufacturer code and a serial number of at most eight digits.",
    http_status=422,
)
EXTRA_DIGITS_UNANNOUNCED = Refusal(
    "EXTRA_DIGITS_UNANNOUNCED",
    clause="39 CFR 501.22(r)(2) (1995)",
    remedy="Notify the Postal Service of what the extra digits mean, and give the notice's id.",
)


def caution_label(
    *,
    manufacturer: str,
    telephone: str,
    on: date,
    width_in: Decimal | None = None,
    height_in: Decimal | None = None,
    deviation_approval_id: str = "",
) -> Drawing:
    """The cautionary label; of the least size that the rules allow unless another is asked for.

    ``deviation_approval_id`` names the written approval of another format (501.22(r)(3)).

    Raises:
        Refused: ``LABEL_TOO_SMALL``, ``LABEL_TEXT_TOO_LONG``, ``TEXT_UNPRINTABLE``.
    """
    said = rules.at("provider", RULEBOOK, on)
    least_width = said.length("caution_label_width_inches")
    least_height = said.length("caution_label_height_inches")
    width, height = width_in or least_width, height_in or least_height
    if (width < least_width or height < least_height) and not deviation_approval_id:
        raise LABEL_TOO_SMALL.because(
            f"{width} by {height} inches is below {least_width} by {least_height}"
        )
    lines = caution_wording(manufacturer=manufacturer, telephone=telephone, on=on)
    return labels.caution_label(lines, width_in=float(width), height_in=float(height))


def caution_wording(*, manufacturer: str, telephone: str, on: date) -> tuple[str, ...]:
    """The paragraphs of the cautionary label; in headings the manufacturer stands in capitals."""
    said = rules.at("provider", RULEBOOK, on)
    facts = {
        "manufacturer": manufacturer,
        "telephone": telephone,
        "inspectors": " OR ".join(said.choices("inspector_numbers")),
        "reward": f"${said.whole('reward_dollars'):,}",
    }
    return tuple(_filled(line, facts) for line in said.choices("caution_label_wording"))


def serial_label(
    *,
    manufacturer_code: str,
    serial: int,
    on: date,
    extra_digits: str = "",
    notice_id: str = "",
    dpi: int = DPI_DEFAULT,
) -> Drawing:
    """The serial label: manufacturer code, then the serial zero-filled and right-justified.

    ``extra_digits`` of the manufacturer need the ``notice_id`` under which the Postal Service was
    told what they mean.

    Raises:
        Refused: ``SERIAL_OUT_OF_RANGE``, ``EXTRA_DIGITS_UNANNOUNCED``.
    """
    if extra_digits and not notice_id:
        raise EXTRA_DIGITS_UNANNOUNCED.because(f"{extra_digits!r} has no notice")
    if not (extra_digits or "0").isascii() or not (extra_digits or "0").isdigit():
        raise SERIAL_OUT_OF_RANGE.because(f"{extra_digits!r} is not digits")
    digits = serial_digits(manufacturer_code=manufacturer_code, serial=serial, on=on)
    return labels.serial_label(f"{digits}{extra_digits}", dpi=dpi)


def serial_digits(*, manufacturer_code: str, serial: int, on: date) -> str:
    """The ten digits of the serial label.

    Raises:
        Refused: ``SERIAL_OUT_OF_RANGE``.
    """
    said = rules.at("provider", RULEBOOK, on)
    all_digits = said.whole("serial_label_digits")
    maker_digits = said.whole("serial_label_maker_digits")
    text = f"{manufacturer_code}{serial:0{all_digits - maker_digits}d}"
    fits = len(manufacturer_code) == maker_digits and len(text) == all_digits
    if not (fits and text.isascii() and text.isdigit()):
        raise SERIAL_OUT_OF_RANGE.because(
            f"manufacturer {manufacturer_code!r} with serial {serial} is not {all_digits} digits"
        )
    return text


def _filled(line: str, facts: dict[str, str]) -> str:
    """The line with its facts; in capitals if its own words are."""
    own_words = line.format_map(dict.fromkeys(facts, ""))
    text = line.format_map(facts)
    return text.upper() if own_words == own_words.upper() else text
