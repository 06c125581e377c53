"""Themes of what supporters say: sentences, embeddings, a sparse autoencoder, a taxonomy, change after coaching."""
