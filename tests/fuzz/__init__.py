"""Fuzzing: what strangers may send, changed a little again and again (`python -m tests.fuzz --help`)."""
