"""Other models and checks beside the preregistered ones; none of them replaces anything."""
