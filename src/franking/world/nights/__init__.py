"""Nights of mail, made up: real keys, real signatures, honest journeys and known frauds."""
