"""The daemon: it owns every socket, file, clock and database connection."""

from importlib.metadata import version

__version__ = version("alarmd")
