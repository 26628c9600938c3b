"""Licences to use a device at one post office, as issued and told to the provider."""
