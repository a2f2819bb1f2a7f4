"""Pre-training continued: a body trained further on texts without classes, what that changed, and what it cost."""
