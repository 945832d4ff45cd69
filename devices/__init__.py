"""Pure decoders: (topic, payload) to signals. One small file per device family; no I/O, no clock, no settings."""
