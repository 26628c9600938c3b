"""Examinations as the Postal Service runs them: reports, referrals, suspect devices.

Fed by the messages of several providers; every record carries its provider. ``referrals`` are the
devices that providers reported as not examined, ``suspects`` those that inspectors examine or
withdraw, ``commands`` what a postal employee asks for, ``hearing`` what providers say.
"""
