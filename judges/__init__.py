"""Judges of what was said: rubrics in files, and the verbs that apply them."""
