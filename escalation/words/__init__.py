"""The words people reply and cry with, one file a language; what they mean together is worked out in `escalation.menu`.

To add a language: a file beside these that ends in a `Vocabulary`, and its name in `ALL`.
"""

from __future__ import annotations

from escalation.words.chinese import CHINESE
from escalation.words.english import ENGLISH
from escalation.words.vocabulary import Vocabulary

__all__ = ["ALL", "Vocabulary"]

ALL: tuple[Vocabulary, ...] = (CHINESE, ENGLISH)
