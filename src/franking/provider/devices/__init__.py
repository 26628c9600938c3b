"""The inventory: one record for every device, meter or PSD, from production until it is scrapped.

``records`` are the values and the table of states, ``decisions`` the rules, ``tables`` and
``rows`` the storage, ``notes`` what other rooms write into a device's record in their own units of
work; the remaining modules are what a person asks for.

A meter is not software: its readings are reported by people, a PSD's are signed by it. Every
reading, movement and view says which.
"""
