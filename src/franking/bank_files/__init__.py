"""The files of banks: NACHA, BAI2 and the fixed 80-column lockbox format, read and written.

A file is read whole or not at all: everything that is wrong with it is listed with its line
(``faults``), and then nothing of it counts. Amounts are integer cents. Refuses to know calendars,
accounts, and what anybody does with an entry.
"""
