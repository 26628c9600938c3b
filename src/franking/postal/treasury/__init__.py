"""The Postal Service's treasury: the fund, the lockbox banks, and what providers report of them."""
