"""The host: composes mailpieces around the evidence that a postal security device gives.

Addresses, rates, layouts and print jobs of the mailer. Decides nothing about money: a device does.
"""
