"""The first page: what this is and whether it works. It shows nobody's name, for nobody has logged in."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from string import Template

from alarmd import __version__
from alarmd.web.health import Report

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10">
<title>alarmd</title>
<style>
  body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #1c1c1c;
  background: #fff } h1 { margin-bottom: 0 } .open { font-size: 2rem; font-weight: 600 } .bad { color: #a40000;
  font-weight: 600 } code { background: #eee; padding: .1rem .3rem; border-radius: .2rem } dt { font-weight: 600 } dd {
  margin: 0 0 .4rem 1rem } @media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } code {
  background: #333 } .bad { color: #ff8a80 } }
</style>
</head>
<body>
<main>
<h1>alarmd</h1>
<p>$version</p>
<p class="open">$open</p>
$troubles
<dl>$parts</dl>
<p>The desk comes with a later version. Until then an operator works on this machine with
<code>alarmd incidents</code>, <code>alarmd show</code>, <code>alarmd accept</code>, <code>alarmd note</code>,
<code>alarmd close</code> and <code>alarmd tail -f</code>.</p>
<p>For programs: <a href="/api/v1/openapi.json">the API</a> · <a href="/healthz">alive?</a> ·
<a href="/readyz">ready?</a> · <a href="/metrics">metrics</a></p>
</main>
</body>
</html>
""")


def render(open_incidents: int, report: Report, troubles: Sequence[str] = ()) -> str:
    """The page as HTML; ``troubles`` are sentences about what does not work, said before anybody trusts the count."""
    counted = {0: "No open incident", 1: "1 open incident"}.get(open_incidents, f"{open_incidents} open incidents")
    parts = "".join(
        f"<dt>{escape(name)}</dt><dd class={'good' if part.ok else 'bad'}>{escape(part.says)}</dd>"
        for name, part in report.parts.items()
    )
    bad = "".join(f'<p class="bad">{escape(says)}</p>' for says in troubles)
    return _PAGE.substitute(version=escape(__version__), open=counted, parts=parts, troubles=bad)
