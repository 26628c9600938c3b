"""The versions of the tables of these books, one module a revision."""
