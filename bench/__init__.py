"""Measurements in one run: what alarmd does beside what the disk and the broker can do. `python -m bench`."""
