"""Defective devices and postage adjustments, as the Postal Service decides on them.

Fed by providers' reports: to the licensing post office under 1995, to Retail Systems and Equipment
under 1997. Appeals go the way of all appeals of licensees (``franking.postal.licences.appealing``).
"""
