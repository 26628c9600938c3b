"""The provider's side of licensing: applications transmitted, licences heard, leases, removals.

``records`` are the values, ``decisions`` the rules, ``tables`` and ``rows`` the storage;
``applying``, ``leasing``, ``relocating`` and ``removing`` are what a person asks for, ``hearing``
is what the Postal Service says. Refuses to know why a licence is issued or revoked: it is told.
"""
