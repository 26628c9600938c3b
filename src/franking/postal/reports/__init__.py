"""Lists of devices that providers file, held against the Postal Service's own records."""
