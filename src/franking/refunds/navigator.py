"""Which way a refund goes, told before anything is filed. Pure."""

from __future__ import annotations

from datetime import date

from franking.refunds.records import Advice, Question, Route


def route_of(question: Question, on: date) -> Route:
    """The one route of a question."""
    raise NotImplementedError


def advise(question: Question, on: date) -> Advice:
    """Which clock applies, who decides, what evidence, the last day, what is paid and how."""
    raise NotImplementedError
