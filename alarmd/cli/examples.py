"""One or two lines for each command as people type it; ``-h`` shows them, a test reads each as the command would."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EXAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "": ("alarmd demo", "alarmd incidents -h"),
        "demo": ("alarmd demo --language zh", "alarmd demo --headless --scenario nobody-answers"),
        "run": ("alarmd run -c /etc/alarmd/alarmd.toml",),
        "check": ("alarmd check -c /etc/alarmd/alarmd.toml",),
        "import": ("alarmd import --dry-run residents.csv devices.csv", "alarmd import residents.csv devices.csv"),
        "decode": ('alarmd decode zigbee2mqtt/bath_button \'{"action":"on"}\'',),
        "tail": ("alarmd tail -f", "alarmd tail --since 2h --resident wang-xiuying"),
        "verify": ("alarmd verify",),
        "explain": ("alarmd explain wang-xiuying --at 2026-11-22T03:00",),
        "coverage": ("alarmd coverage --at 2026-11-22T03:00",),
        "commission": ("alarmd commission wang-xiuying",),
        "devices": ("alarmd devices --faulty", "alarmd devices --resident wang-xiuying"),
        "exposure": ("alarmd exposure --since 2h",),
        "incidents": ("alarmd incidents", "alarmd incidents --all --resident wang-xiuying"),
        "people": ("alarmd people", "alarmd people neighbour"),
        "show": ("alarmd show 7KQ2",),
        "accept": ('alarmd accept 7KQ2 --by "Ma Li" --for li-qiang',),
        "coming": ('alarmd coming 7KQ2 --by "Ma Li" --for li-qiang',),
        "arrived": ('alarmd arrived 7KQ2 --by "Ma Li" --for li-qiang',),
        "handed-over": (
            'alarmd handed-over 7KQ2 --by "Ma Li"',
            'alarmd handed-over 7KQ2 --by "Ma Li" --refused --reason "no car free"',
        ),
        "note": ('alarmd note 7KQ2 "The key is with the porter" --by "Ma Li"',),
        "close": ('alarmd close 7KQ2 --by "Ma Li" --reason "helped up, not hurt"',),
        "report": ("alarmd report --month 2026-11",),
        "backup": ("alarmd backup /backup/alarmd.db",),
        "restore": ("alarmd restore /backup/alarmd.db",),
        "retire": (
            'alarmd retire responder li-guihua --by "Ma Li" --reason "moved away"',
            'alarmd retire responder li-guihua --back --by "Ma Li" --reason "is back"',
        ),
        "door-user": ("alarmd door-user bed-button-7",),
        "completion": ("alarmd completion bash > ~/.local/share/bash-completion/completions/alarmd",),
        "simulate press": ("alarmd simulate press --family zigbee2mqtt",),
        "simulate wearable": ("alarmd simulate wearable --steps 10 --fall",),
        "simulate fleet": ("alarmd simulate fleet --devices 500 --rounds 3",),
        "simulate storm": ("alarmd simulate storm --devices 2000",),
        "simulate phones": ("alarmd simulate phones --listen 127.0.0.1:8090",),
        "simulate dispatch": ("alarmd simulate dispatch +861064211200",),
    }
)
