"""Measurements of the live path, as reports: nothing here is a timed test."""
