"""From a message at one of the two doors to a committed signal."""
