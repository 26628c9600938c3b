"""A postal world in a box: simulated people around the real system. The demo is its first story."""
