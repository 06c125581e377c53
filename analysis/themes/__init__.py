"""Themes of what supporters say: sentences, embeddings, a k-sparse autoencoder, a taxonomy, and change after coaching."""
