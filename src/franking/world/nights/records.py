"""What a made-up night is: its files, the frauds in it, and the truth about each scan.

Refuses to know how any of it is found: the truth says what was done, and what the scans at hand
allow to be seen of it, by the reasons that every verifier names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import pyarrow as pa


class Fraud(StrEnum):
    """Everything that is done to the mail on purpose."""

    FORGED_SIGNATURE = "forged signature"
    """Signed with a key of the forger's own, under the certificate of a device."""
    INVENTED_CERTIFICATE = "invented certificate"
    """Signed with the forger's key, under a certificate that is on no list."""
    ALTERED_VALUE = "altered value"
    """A true indicium whose postage was raised after it was signed."""
    COPY_SAME_NIGHT = "copy of the same night"
    """The print again, at another plant the same night, too far for one piece."""
    COPY_EARLIER = "copy of an earlier piece"
    """The print of an earlier night's piece, mailed again."""
    CLONE = "clone"
    """Two devices with one key and one state, whose registers go on apart."""
    ROLLED_BACK = "rolled back"
    """A device set back to an earlier state, and used again."""
    VALUE_NOT_COVERED = "value not covered"
    """Descending value that no reset put into the device."""
    SHORT_PAID = "short paid"
    WRONG_OFFICE = "wrong office"
    DATED_AHEAD = "dated ahead"
    DATED_PAST = "dated past"
    REFUNDED = "refunded"
    """Its postage was refunded as unused, and then it was mailed."""
    WITHDRAWN = "withdrawn"
    """Made above the final value of a withdrawn device."""
    REVOKED = "revoked"
    """Made after the service of a faulted device ended at an unknown value."""
    LOST = "lost"
    STOLEN = "stolen"
    COMPROMISED_KEY = "compromised key"
    """Made with a key that was told to be compromised, and dated after."""
    ANOTHER_CERTIFICATE = "another's certificate"
    """Names one device, is certified and signed as another."""
    RANDOM_BYTES = "random bytes"
    ILLEGIBLE = "illegible"
    """The symbol was made so that nobody can read it."""


TRUTH: Final = pa.schema(
    [
        pa.field("file", pa.int32()),
        pa.field("row", pa.int64()),
        pa.field("fraud", pa.string(), metadata={"meaning": "a Fraud; null: honest"}),
        pa.field("incident", pa.int64(), metadata={"meaning": "one number a deed; null: honest"}),
        pa.field("original", pa.bool_(), metadata={"meaning": "an honest piece that a fraud used"}),
        pa.field("trouble", pa.string(), metadata={"meaning": "a Trouble; null: none"}),
        pa.field(
            "detectable", pa.bool_(), metadata={"meaning": "from the scans and what is known"}
        ),
        pa.field("reasons", pa.list_(pa.string()), metadata={"meaning": "have to be found here"}),
        pa.field("may", pa.list_(pa.string()), metadata={"meaning": "may be found here too"}),
        pa.field("verdict", pa.string(), metadata={"meaning": "has to be given; null: see may"}),
    ]
)
"""What is true of each scan: one row for each row of the scans, by file and row."""


class Trouble(StrEnum):
    """What happens to honest mail."""

    RESCANNED = "rescanned"
    FORWARDED = "forwarded"
    RETURNED = "returned"
    MISSENT = "missent"
    """To another destination first, and from there to its own."""
    DEPOSITED_LATE = "deposited late"
    WRONG_CLOCK = "wrong clock"
    """By a year."""
    CLOCK_ADRIFT = "clock adrift"
    """By hours or days, which shows only in mail that others scan as well, and in much of it."""
    MISREAD = "misread"
    SMUDGED = "smudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The files of one made-up night, and of those before it."""

    scans: Path
    """Parquet of ``scans.records.SCAN``."""
    trust: Path
    """The signed trust list."""
    root: Path
    """The key that signed it, PEM."""
    known: Path
    """The folder of what is known beside the scans: totals, refunds, devices, offices."""
    truth: Path
    """Parquet of ``TRUTH``."""
    earlier: tuple[Path, ...] = ()
    """The scans of the nights before, the first one first."""
