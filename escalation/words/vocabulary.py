"""What a file of words holds."""

from __future__ import annotations

import msgspec


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one language, in small letters and (for Chinese) in simplified characters.

    Attributes:
        go: A clear "I go", whoever says it and whatever was asked.
        agree: A yes to a question: an answer only to a text that asked, for it is also what one says to "you need not
            go, thank you".
        cannot: A clear no.
        there: "I am at the door".
        done: What was asked is done; to a hand-off, that the ambulance has taken it.
        ordered: Regular expressions of the same with the ambulance's number in it, which is no key.
        called_off: Regular expressions of an ambulance that does not come, as who has ordered or taken it says so.
        fails: Regular expressions of who was on the way and plainly does not come, with what may follow such words.
        ones: The menu's digits in words, each with its digit.
        polite: Said along with an answer, and none by itself.
        doubt: What turns an answer into none: a question, a perhaps, a "not yet".
        times: Regular expressions of times and other amounts, so that their numbers are no keys.
        long_times: Those of them that are too long for a yes.
        cries: Regular expressions of what a person in need says.
        ambulance: Those that call for the ambulance, whoever says it.
        denied: Regular expressions of what takes a cry back, the cry included ("I did not fall").
        mentioned: Regular expressions of what names the ambulance, or such a state, and calls for none: a question,
            news of one that was called. Words for the desk; in a resident's own mouth they stay a cry.
        telephones: Regular expressions of a telephone number with the word that says what it is.
        third: Regular expressions of words for somebody else, so that a helper's report is no cry of their own; also
            offers to help.
        oneself: Regular expressions of what people say of their own body only.
        taken_back: Regular expressions of words that make any answer doubtful, whatever key is with it.
        against: Those that make a yes doubtful.
        not_there: Those that make an arrival doubtful: who is still on the way.
        signatures: Regular expressions of what telephones and mail programs add; it is cut off with what follows.
    """

    go: tuple[str, ...]
    agree: tuple[str, ...]
    cannot: tuple[str, ...]
    there: tuple[str, ...]
    done: tuple[str, ...]
    ordered: tuple[str, ...]
    called_off: tuple[str, ...]
    fails: tuple[str, ...]
    ones: dict[str, str]
    polite: tuple[str, ...]
    doubt: tuple[str, ...]
    times: tuple[str, ...]
    long_times: tuple[str, ...]
    cries: tuple[str, ...]
    ambulance: tuple[str, ...]
    denied: tuple[str, ...]
    mentioned: tuple[str, ...]
    telephones: tuple[str, ...]
    third: tuple[str, ...]
    oneself: tuple[str, ...]
    taken_back: tuple[str, ...]
    against: tuple[str, ...]
    not_there: tuple[str, ...]
    signatures: tuple[str, ...]


def listed(words: str) -> tuple[str, ...]:
    """Words divided by semicolons, as a table of words is read most easily."""
    return tuple(word.strip() for word in words.split(";") if word.strip())
