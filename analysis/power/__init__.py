"""Power of the preregistered models, by simulation of whole studies."""
