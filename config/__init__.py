"""What an operator edits: the settings model, shipped plans, example deployments."""
