"""Licensees' money on deposit with the Postal Service: accounts, payments, advances, refunds.

Every mill is in the ledger (``chart``); this room holds whose account it is, how payments came and
stand, what a provider advances, and who corrects what. 39 CFR 501.28 (1995), 502.26 (1997).
"""
