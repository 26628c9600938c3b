"""A postal world in a box: simulated people, printers and scanners, on one clock."""
