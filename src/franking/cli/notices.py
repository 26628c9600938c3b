"""``franking notices``: the cautions that the software shows, and who has read them."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from franking.cli.answer import Answer
from franking.cli.command import Desk
from franking.home import cautions


def notices(desk: Desk) -> Answer:
    """Show the cautions, and who acknowledged them when.

    Each user is shown them before the first print; going on is logged as having read them.
    """
    found = cautions.notices(desk.home)
    return Answer(found, Group(*(part for each in found for part in _picture(each))))


def _picture(notice: dict[str, object]) -> list[Text]:
    readers = notice["acknowledged"]
    told = [
        Text(f"  acknowledged by {each['person']} at {each['at']}", style="dim")
        for each in (readers if isinstance(readers, list) else [])
    ]
    heading = Text(str(notice["heading"]), style="bold")
    return [heading, Text(str(notice["words"])), *(told or [Text("  acknowledged by nobody yet")])]
