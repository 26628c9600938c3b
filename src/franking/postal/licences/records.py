"""A licence and its parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who wants to use a device."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """Where the applicant's mail will be deposited."""

    zip_code: str
    """Five digits."""
    city: str
    """May stay unsaid, with the state."""
    state: str
    """Two letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence (PS Form 3601-B): all devices of one applicant at one post office."""

    number: str
    applicant: Applicant
    office: PostOffice
    issued_on: date
    message: str
    """``LicenceIssued`` as it was signed and told to the provider."""
