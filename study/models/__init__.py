"""Models: loading them, and where their embeddings, blocks and head are."""
