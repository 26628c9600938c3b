"""The resetting system: which devices there are, where each stands, and what value each was given.

``records`` are the values, ``continuity``, ``decisions`` and ``lifecycle`` the rules, ``tables``
and ``rows`` the storage; ``enrolment``, ``ordering``, ``answering`` and ``commands`` are what a
person or program asks for, ``view`` is what is shown.

Laws kept here: at most one grant for a reset sequence of a device, and for one request always
the same bytes; what a device holds is what it was granted less what it gave up; a device whose
journal does not continue what was acknowledged gets nothing more.
"""
