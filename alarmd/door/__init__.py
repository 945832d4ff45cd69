"""alarmd's own MQTT door: the PUBACK a button gets is the commit. See ``docs/door.md``."""
