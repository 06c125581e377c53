"""The preregistration as a text, made from the file that the analysis reads its plan from."""
