"""Text messages and calls: providers, what their refusals mean, and what comes back from them."""
