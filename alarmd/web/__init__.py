"""The web side of the daemon: health, metrics, the API for operators and other systems, and the first page."""
