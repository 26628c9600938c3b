"""The provider's domain: its identity and its view of the devices it answers for.

Fed by signed messages only, in its own books. Never imports ``franking.postal``.
"""
