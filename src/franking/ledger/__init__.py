"""The ledger: double entry in mills, append-only, shared by the domains that keep money."""
