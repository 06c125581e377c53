"""Rehearsals: simulated participants who walk a study through its public API and socket."""
