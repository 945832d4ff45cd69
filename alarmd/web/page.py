"""The first page: what this is and whether it works. It shows nobody's name, for nobody has logged in."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from string import Template

from alarmd import __version__, part_faults
from alarmd.languages import ENGLISH, operator_words
from alarmd.web.health import Report
from config.wording import for_later, said, said_of, speaking

ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='#c62828'/>"
    "<circle cx='6' cy='5.5' r='2' fill='#ef9a9a'/></svg>"
)
"""The red button, as SVG: for the tab of a browser."""

_PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="10">
<title>$title</title>
<link rel="icon" type="image/svg+xml" href="/favicon.ico">
<style>
  body { font: 1.05rem/1.5 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 42rem; margin: 3rem auto;
  padding: 0 1rem; color: #1c1c1c; background: #fff; overflow-wrap: anywhere } h1 { margin-bottom: 0 }
  .open { font-size: 2rem; font-weight: 600 } .bad { color: #a40000; font-weight: 600 } a { color: #0b57a4 }
  code { background: #eee; padding: .1rem .3rem; border-radius: .2rem; overflow-wrap: normal }
  dt { font-weight: 600 } dd { margin: 0 0 .4rem 1rem }
  @media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } a { color: #8ab8ff }
  code { background: #333 } .bad { color: #ff8a80 } }
</style>
</head>
<body>
<main>
<h1>alarmd</h1>
<p>$version</p>
<p class="open">$open</p>
$troubles
<dl>$parts</dl>
<p>$later $commands</p>
<p>$programs <a href="/api/v1/openapi.json">$api</a> · <a href="/healthz">$alive</a> ·
<a href="/readyz">$ready</a> · <a href="/metrics">$metrics</a></p>
</main>
</body>
</html>
""")
_COMMANDS = ("incidents", "show", "accept", "note", "close", "tail -f")
_PARTS = {"store": for_later("store"), "mqtt": for_later("buttons (MQTT)")}


def render(open_incidents: int, report: Report, language: str = "en", troubles: Sequence[str] = ()) -> str:
    """The page as HTML.

    Args:
        open_incidents: How many there are.
        report: What works.
        language: Of who reads it, one of `config.languages.SPOKEN`.
        troubles: Sentences about what does not work, said before anybody trusts the count.
    """
    with speaking(operator_words(language) or ENGLISH):
        return _PAGE.substitute(
            language=language,
            title=escape(f"alarmd · {_counted(open_incidents)}"),
            version=escape(__version__),
            open=escape(_counted(open_incidents)),
            troubles="".join(f'<p class="bad">{escape(says)}</p>' for says in troubles),
            parts="".join(_part(name, part.ok, part.says) for name, part in report.parts.items()),
            later=said("The desk comes with a later version. Until then an operator works on this machine with"),
            commands=" · ".join(f"<code>alarmd {command}</code>" for command in _COMMANDS),
            programs=said("For programs:"),
            api=said("the API"),
            alive=said("alive?"),
            ready=said("ready?"),
            metrics=said("metrics"),
        )


def _counted(number: int) -> str:
    return said_of("{number} open incident", "{number} open incidents", number) if number else said("No open incident")


def _part(name: str, ok: bool, says: str) -> str:  # noqa: FBT001 - a part's own two fields
    kind, _, which = name.partition(" ")
    told = said("telephone {name}", name=which) if kind == "phone" else said(_PARTS.get(name, name))
    state = said("works") if ok else part_faults.told(says)
    return f"<dt>{escape(told)}</dt><dd class={'good' if ok else 'bad'}>{escape(state)}</dd>"
