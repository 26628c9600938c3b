"""What the provider reports about its money and its devices, and the files it sends."""
