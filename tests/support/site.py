"""A site in a folder: settings, store and files, as an installer has them."""

from __future__ import annotations

from pathlib import Path

from tests.support.commands import ROOT, Outcome, alarmd

EXAMPLE = ROOT / "config" / "deployments" / "example"
SETTINGS = """\
[mqtt]
listen = "127.0.0.1:1883"

[service]
desk_phones = ["13800138009"]
"""


class Site:
    """One alarmd's folder, and its commands."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        self.folder = folder
        self.settings = self.file("alarmd.toml", settings)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/alarmd.db"

    def file(self, name: str, text: str) -> Path:
        """Write a file of the site."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)  # a secret may stand in it
        return path

    def run(self, command: str, *words: str | Path) -> Outcome:
        """Run a command with this site's settings; output without the folder's path and as wide as it likes."""
        result = alarmd(command, "-c", self.settings, *words, env={"COLUMNS": "250", "NO_COLOR": "1"})
        shorter = [text.replace(f"{self.folder}/", "") for text in (result.out, result.err)]
        return Outcome(code=result.code, out=shorter[0], err=shorter[1])

    def import_example(self) -> Outcome:
        """Import the street that alarmd ships as an example."""
        return self.run("import", *sorted(EXAMPLE.glob("*.csv")))
