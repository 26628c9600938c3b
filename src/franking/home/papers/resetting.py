"""The receipt of a setting (PS Form 3603), filled in from the provider's books.

Of a telephone setting it shows the registers that were typed in; of a PSD's reset, which signs what
it shows, those before the grant that the device's request carried.
"""

from __future__ import annotations

from datetime import tzinfo

from msgspec.structs import replace

from franking.forms.form import Party, PostOfficePlace, rulebook_named
from franking.forms.setting import Registers, SettingReceipt, Way
from franking.home.papers.unknown import PAPER_UNKNOWN, required
from franking.ledger import Posted
from franking.messages.kinds import ResetRequest
from franking.messages.signing import unverified
from franking.provider.devices import rows as devices
from franking.provider.devices.records import DeviceRecord
from franking.provider.funds.rows import find_account
from franking.provider.licensing import rows as licensing
from franking.provider.resetting import rows as resetting
from franking.provider.schema import LEDGER
from franking.provider.telephone import rows as telephone
from franking.storage import Books, Reading


def setting_receipt(
    books: Books, provider: str, named: str, *, place: tzinfo | None
) -> SettingReceipt:
    """The receipt of ``SERIAL:NUMBER``; without a number, of the latest setting.

    ``place`` is by which clock the time of day is told.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    serial, _, number = named.partition(":")
    if number and not (number.isascii() and number.isdigit()):
        raise PAPER_UNKNOWN.because(f"{number!r} is not the number of a setting")
    with books.reading() as reading:
        device = required(devices.find(reading, serial), f"device {serial}")
        sequence = int(number[:18]) if number else _latest(reading, serial)
        charged = LEDGER.find(reading, f"grant:{serial}:{sequence}")
        charge = required(charged, f"setting {sequence} of {serial}")
        drawn = _drawn(reading, provider, device, sequence, charge)
    return replace(drawn, at=f"{charge.at.astimezone(place):%H:%M}")


def _drawn(
    books: Reading, provider: str, device: DeviceRecord, sequence: int, charge: Posted
) -> SettingReceipt:
    paid = charge.transfers[0]
    number = paid.debit.partition(":")[2]
    account = required(find_account(books, number), f"account {number}")
    licence = licensing.find_licence(books, account.licence)
    way, before = _asked(books, device.serial, sequence)
    return SettingReceipt(
        rulebook=rulebook_named(device.rulebook),
        serial=device.serial,
        sequence=sequence,
        on=charge.day,
        way=way,
        licence=account.licence,
        account=number,
        licensee=Party(name=account.licensee, address=device.place),
        post_office=PostOfficePlace(
            city=licence.city if licence else "",
            state=licence.state if licence else "",
            zip_code=account.zip_code,
        ),
        provider=provider,
        amount_mills=paid.amount_mills,
        before=before,
        balance_mills=paid.debit_after_mills,
    )


def _asked(books: Reading, serial: str, sequence: int) -> tuple[Way, Registers | None]:
    """In which way the setting was asked for, and what the device showed then."""
    setting = telephone.find_setting(books, serial, sequence)
    if setting is not None:
        return "by telephone", _registers(setting.ascending_mills, setting.descending_mills)
    reset = resetting.find_reset(books, serial, sequence)
    asked = resetting.message_text(books, reset.request_digest) if reset else None
    if asked is None:
        return "over the network", None
    shown = unverified(asked, ResetRequest).registers
    return "over the network", _registers(shown.ascending_mills, shown.descending_mills)


def _registers(ascending_mills: int, descending_mills: int) -> Registers:
    return Registers(ascending_mills=ascending_mills, descending_mills=descending_mills)


def _latest(books: Reading, serial: str) -> int:
    told = telephone.settings_of(books, serial)
    granted = [one.sequence for one in resetting.resets_of(books, serial) if one.grant]
    sequences = [*granted, *(one.sequence for one in told)]
    return required(max(sequences, default=None), f"setting of {serial}")
