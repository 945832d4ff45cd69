"""One module for each device family, and the tables that only it needs."""
