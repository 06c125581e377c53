"""The dataset folder: everything a study has gathered, in plain files that explain themselves."""
