"""Scoring a whole study: one job per conversation and repeat, shared by all workers, under one rate and one cap."""
