"""The Postal Service's keys: its root, the certificates under it, and what became of them.

``plan`` is the key management plan, ``records`` the values, ``decisions`` the rules, ``issuing``
the X.509, ``tables`` the storage, ``commands`` what a person or program asks for.
"""
