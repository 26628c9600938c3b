"""Hosted devices in the provider's books: what was anchored of them, and what a restore missed."""
