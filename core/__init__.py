"""Pure values and rules of a study: no I/O of its own, no clock, no model."""
