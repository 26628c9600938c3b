"""Everything that is printed on mail, as geometry in inches.

A mark is a function that returns a ``Drawing``; ``franking.host.render`` turns drawings into PDF,
PNG, SVG and ZPL. Refuses to know where on a mailpiece a mark belongs: that is the layout's duty.
"""
