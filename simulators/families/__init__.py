"""How the devices of one family speak: a module of the family's name, which ends in a ``DIALECT``.

They are found by looking into this folder: there is no list of them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulators.shared.said import Dialect


def _dialects() -> dict[str, Dialect]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").DIALECT for name in names}


DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(_dialects())
"""By family."""
