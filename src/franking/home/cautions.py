"""Cautions of a home: shown to each person before the first print, and logged as read.

Nobody is asked to type anything: the caution is shown, and the operating system's user is
recorded as the one who went on (62 FR 14833, preamble).
"""

from __future__ import annotations

import os
from getpass import getuser
from typing import Any

from franking.home.home import Home
from franking.home.watching import Watcher
from franking.host.notices import NOTICES, NoticeText, acknowledge, acknowledgements


def show_unread(home: Home, watcher: Watcher) -> tuple[str, ...]:
    """Show each notice that this user has not seen in its present words, and log that."""
    person = operating_system_user()
    unread = [each for each in NOTICES if person not in _readers(home, each)]
    for notice in unread:
        watcher.notice(_text(notice))
        acknowledge(home.mailer_books, person=person, now=home.now, notice=notice)
    return tuple(map(_text, unread))


def notices(home: Home) -> list[dict[str, Any]]:
    """Every notice, with who acknowledged its present words and when (UTC)."""
    return [
        {
            "notice": each.name,
            "heading": each.heading,
            "words": each.words,
            "acknowledged": [
                {"person": done.person, "at": done.at}
                for done in acknowledgements(home.mailer_books, each)
            ],
        }
        for each in NOTICES
    ]


def operating_system_user() -> str:
    """The name of the user who runs this program, or the number if there is no name."""
    try:
        return getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in a container
        return f"user {os.getuid()}"


def _readers(home: Home, notice: NoticeText) -> set[str]:
    return {done.person for done in acknowledgements(home.mailer_books, notice)}


def _text(notice: NoticeText) -> str:
    return f"{notice.heading}. {notice.words}"
