"""Refunds that go through the provider: value in withdrawn systems, and PC Postage indicia.

``decisions`` says what a case lacks and what follows; ``filing`` takes requests and evidence,
``deciding`` grants, denies and forwards, ``paying`` moves the money, ``claiming`` asks the Postal
Service for what was paid on its behalf, ``hearing`` takes what it answers. Refuses to know what
the Postal Service decides of dated and undated metered postage. Law kept here: REFUND-1, a piece,
and the value of a system, is refunded once.
"""
