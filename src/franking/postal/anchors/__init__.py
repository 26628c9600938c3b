"""Anchors of hosted journals: what providers reported, kept where no provider can rewind it."""
