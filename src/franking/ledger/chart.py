"""The chart of accounts of one domain: which kinds there are, and how low each may fall.

An account is named ``kind``, or ``kind:id`` where there is one for each licensee, device or case.
Nobody opens one: it is there from its first entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from franking.errors import InvariantBroken, Refusal

ACCOUNT_UNKNOWN = Refusal(
    "ACCOUNT_UNKNOWN",
    clause="policy",
    remedy="Name an account by its kind and id, such as deposits:50112233; see the chart.",
    http_status=404,
)
_NAME: Final = re.compile(r"([a-z][a-z-]*)(?::([0-9A-Za-z][0-9A-Za-z._/-]{0,63}))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKind:
    """One line of a chart."""

    kind: str
    title: str
    meaning: str
    """What its balance (credits less debits) says, to a person."""
    of: str = ""
    """What the id names (``licensee's account``, ``device``); empty where there is one account."""
    counted: bool = False
    """Whether it has a balance row with a limit. Others are sums of entries: nobody waits."""
    floor_mills: int | None = None
    """The balance below which it never falls; ``None`` for no limit, as on all uncounted ones."""
    clause: str = "policy"

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.kind) is None or ":" in self.kind:
            raise InvariantBroken(f"{self.kind!r} is not the name of a kind of account")
        if self.floor_mills is not None and not self.counted:
            raise InvariantBroken(f"{self.kind}: a limit can be kept on counted accounts only")


@dataclass(frozen=True)
class Chart:
    """The kinds of account of one domain, by name."""

    lines: tuple[AccountKind, ...]
    _kinds: MappingProxyType[str, AccountKind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        kinds = {line.kind: line for line in self.lines}
        if len(kinds) != len(self.lines):
            raise InvariantBroken("a kind of account stands twice in the chart")
        object.__setattr__(self, "_kinds", MappingProxyType(kinds))

    @classmethod
    def of(cls, *lines: AccountKind) -> Chart:
        """The chart with these lines."""
        return cls(lines)

    def __iter__(self) -> Iterator[AccountKind]:
        return iter(self.lines)

    def kind(self, name: str) -> AccountKind:
        """A line by its name.

        Raises:
            Refused: ``ACCOUNT_UNKNOWN``.
        """
        line = self._kinds.get(name)
        if line is None:
            raise ACCOUNT_UNKNOWN.because(f"the chart has no kind of account named {name!r}")
        return line

    def kind_of(self, account: str) -> AccountKind:
        """The line of the chart that an account belongs to.

        Raises:
            Refused: ``ACCOUNT_UNKNOWN``, also for an id where there is none, or none where there
                is one.
        """
        line = self._kinds.get(account)
        if line is not None and not line.of:
            return line
        match = _NAME.fullmatch(account)
        if match is None:
            raise ACCOUNT_UNKNOWN.because(f"{account!r} is not the name of an account")
        line = self.kind(match[1])
        if bool(match[2]) != bool(line.of):
            expected = f"{line.kind}:ID, of a {line.of}" if line.of else line.kind
            raise ACCOUNT_UNKNOWN.because(f"{account!r} should be {expected}")
        return line

    def counted(self, accounts: Iterable[str]) -> list[str]:
        """Those of ``accounts`` that are counted, each once, in their order."""
        return [each for each in dict.fromkeys(accounts) if self.kind_of(each).counted]
