"""What the rules say of refunds: routes, clocks, evidence, deciders, payouts, manifests. Pure.

Knows no books, no messages and no clock: provider and Postal Service both ask here, so that a
mailer is told the same before filing as is decided afterwards.
"""
