"""Who may do what: one table of commands and roles, denied by default.

The table is the folder ``roles/``, one file for each room: command, roles, clause. A command that
stands in no file may be done by nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from franking.errors import InvariantBroken, Refusal

NOT_PERMITTED = Refusal(
    "NOT_PERMITTED",
    clause="policy",
    remedy="Ask somebody in one of the roles named to do it.",
    http_status=403,
)


class Role(StrEnum):
    """In which capacity somebody acts. The last two are programs that answer messages."""

    MAILER = "mailer"
    PROVIDER_AGENT = "provider agent"
    PROVIDER_SECURITY_OFFICER = "provider security officer"
    LICENSING_OFFICER = "licensing officer"
    POSTMASTER = "postmaster"
    BUSINESS_MAIL_ENTRY_MANAGER = "business mail entry manager"
    RSE_MANAGER = "manager, retail systems and equipment"
    POSTAGE_TECHNOLOGY_MANAGER = "manager, postage technology management"
    PRICING_AND_CLASSIFICATION_MANAGER = "manager, pricing and classification service center"
    TREASURY_OFFICER = "treasury officer"
    POSTAL_INSPECTOR = "postal inspector"
    AUTHORITY_OFFICER = "certificate authority officer"
    LOCKBOX_BANK = "lockbox bank"
    COMMERCIAL_PREPARER = "commercial preparer"
    PROVIDER_SERVICE = "provider service"
    POSTAL_SERVICE = "postal service"


@dataclass(frozen=True, slots=True)
class Permission:
    """One line of the table."""

    command: str
    room: str
    roles: frozenset[Role]
    clause: str


def require_permitted(command: str, role: str) -> None:
    """Whether ``role`` may do ``command``.

    Raises:
        Refused: ``NOT_PERMITTED``.
    """
    permission = permissions().get(command)
    if permission is None:
        raise NOT_PERMITTED.because(f"nobody may {command!r}: it stands in no table of roles")
    if role not in permission.roles:
        may = ", ".join(sorted(permission.roles))
        raise NOT_PERMITTED.because(f"{command!r} is for {may}; you act as {role}")


@cache
def permissions() -> Mapping[str, Permission]:
    """The whole table, by command."""
    table: dict[str, Permission] = {}
    for file in sorted(files("franking.rules").joinpath("roles").iterdir(), key=lambda f: f.name):
        room = file.name.removesuffix(".yaml")
        for command, line in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            if command in table:
                raise InvariantBroken(f"{command} stands in {table[command].room} and in {room}")
            roles = frozenset(Role(role) for role in line["roles"])
            table[command] = Permission(command, room, roles, line["clause"])
    return MappingProxyType(table)
