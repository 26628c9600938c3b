"""The postal security device: registers, states, sealed journal.

``device.PostalSecurityDevice`` is the way in; ``vault`` keeps the keys; ``store`` is where a
device is kept. The laws PSD-1 to PSD-7 are written out in docs/architecture.md. Refuses to know
providers, the Postal Service, mailpieces and paper: it believes signed messages and nothing else.
"""
