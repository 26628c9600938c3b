"""The files of banks: NACHA, BAI2 and the fixed 80-column lockbox format, read and written."""
