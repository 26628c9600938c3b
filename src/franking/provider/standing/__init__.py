"""How the provider stands with the Postal Service's treasury: what it was told, and owes."""
