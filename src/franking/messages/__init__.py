"""The signed messages that cross between device, provider and Postal Service.

Each domain believes a signed message and nothing else. ``kinds`` has the fields, ``signing`` how
a message is signed and believed.
"""
