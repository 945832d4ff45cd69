"""What belongs to one device family: a module, or a folder with its tables, of the family's name.

Each has a ``FAMILY``, in which everything stands that alarmd knows of it. They are found by looking into this folder:
there is no list of them.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from devices.family import Family

NAMES: Final = frozenset(module.name for module in pkgutil.iter_modules(__path__))
"""Of all families."""


@cache
def of(name: str) -> Family | None:
    """The family of that name, without loading the others; None where there is none."""
    if name not in NAMES:
        return None
    family: Family = import_module(f"{__name__}.{name}").FAMILY
    return family
