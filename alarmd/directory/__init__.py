"""Residents, devices, responders, contacts and circles: read from files, kept in the store, looked up at a press."""
