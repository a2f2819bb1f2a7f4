"""Surgery: what methods do to a loaded network, in place."""
