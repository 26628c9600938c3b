"""Irregularities: what verifying mail made suspect, looked into case by case (DMM P050.5.4, 1997).

A case is about one device, or one piece, and one kind of suspicion; each night that bears it out
adds a signed record of its scans. ``decisions`` says which suspicions open a case, ``opening``
takes a night's evidence in, ``commands`` shows, contests and closes, ``knowing`` tells verifiers
what the books know. Cases of postal/pieces stand in the same register under the same numbers.
Refuses to know how scans are compared.
"""
