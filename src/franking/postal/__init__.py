"""The Postal Service's domain: its licences and its keys, in its own books.

Fed by signed messages only. Never imports ``franking.provider``.
"""
