"""The daily record of registers: kept by hand, or told by a device's own journal.

PS Form 3602-A. Voluntary but a support for refunds in 1995 (DMM P030.2.6b), owed in 1997 (DMM
P050.2.5b); a system report of the preceding 12 months may take its place.
"""
