"""Every word that the store or the API may hold has a name that people are shown."""

from __future__ import annotations

from alarmd import naming
from alarmd.directory.health import State
from devices import KINDS, SignalType, Suspect
from escalation.incident import HandoffState, Purpose, Standing, Status
from escalation.people import Channel, PassedOver, Role
from escalation.plan import Who


def test_every_word_of_the_store_has_its_name() -> None:
    kinds = (SignalType, Suspect, Status, Standing, Purpose, HandoffState, Role, Channel, PassedOver, State)
    words = {str(word.value) for kind in kinds for word in kind} | set(KINDS) | {who.value for who in Who} - {"role"}
    assert words - set(naming._NAMES) == set()


def test_a_word_that_is_not_known_is_shown_as_it_is() -> None:
    assert naming.named("something_new") == "something new"
    assert naming.named("role:community_worker") == "everyone with the role community worker"
