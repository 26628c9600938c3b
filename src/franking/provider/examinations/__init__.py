"""Examinations, audits and inspections, as the provider runs them.

``records`` are the values, ``decisions`` the escalation of a device that was not reset or examined,
``checklist`` what an inspection must find, ``tables`` the storage; ``standing`` says what starts
and satisfies the duties, ``escalating`` what follows when they are missed, ``commands`` what a
person asks for, ``hearing`` what the Postal Service says.

Under the rules of 1995 a meter is escalated in three steps; under those of 1997 a device audits
itself by signed messages, and its resets are denied until it does.
"""
