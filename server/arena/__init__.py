"""Supporters beside one another, in conversation with the same seekers."""
