"""A Twilio look-alike over real HTTP.

It checks what it is sent, plays TwiML to the phones of a simulated town and signs its callbacks.
"""

from simulators.twilio.faults import Trouble
from simulators.twilio.lookalike import LookAlike

__all__ = ["LookAlike", "Trouble"]
