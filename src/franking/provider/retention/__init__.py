"""Which rows of the provider's books make up a record that is retained and destroyed."""
