"""What can be wrong with a store."""


class StoreError(Exception):
    """The store cannot be used; its text says why and what to do."""
