"""Time zones: what was meant by a name that is none. A wrong guess shifts every shift and every log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import available_timezones

from config.faults import closest
from config.wording import said

# Cities and names that people write and the tz database has under another one; by the clock they keep, not by spelling.
_MEANT: Mapping[str, str] = {
    name: zone
    for zone, names in {
        "Asia/Shanghai": (
            "beijing peking lhasa lasa xian xi'an guangzhou canton shenzhen chengdu wuhan nanjing hangzhou tianjin "
            "kunming xiamen qingdao dalian shenyang changsha zhengzhou jinan fuzhou nanning guiyang lanzhou xining "
            "yinchuan hohhot haikou hefei nanchang taiyuan shijiazhuang changchun china 中国 北京 上海 bjt "
            "gmt+8 utc+8 utc+08:00 gmt+08:00 +8 +08:00"
        ),
        "Asia/Kolkata": "delhi new_delhi mumbai bombay bangalore bengaluru chennai",
        "America/New_York": "washington boston miami philadelphia edt",
        "America/Los_Angeles": "san_francisco seattle san_diego pdt",
        "America/Chicago": "houston dallas",
        "Europe/Berlin": "munich münchen hamburg frankfurt cologne köln mez germany",
        "Europe/London": "manchester birmingham edinburgh",
        "Europe/Stockholm": "gothenburg göteborg malmö sweden",
    }.items()
    for name in names.split()
}
_OFFSET = re.compile(r"(?:utc|gmt)?\s*[+-]\s*\d{1,2}(?::?\d{2})?", re.IGNORECASE)


def hint(name: str) -> str:
    """``; did you mean 'Asia/Shanghai'?``, or what a zone looks like."""
    plain = name.strip().casefold().replace(" ", "_")
    if plain == "cst":
        return said("it is China's time or America's: write Asia/Shanghai or America/Chicago")
    meant = _MEANT.get(plain) or _MEANT.get(plain.rpartition("/")[2])
    if not meant and not _OFFSET.fullmatch(plain):
        meant = closest(name, available_timezones())
        region, _, city = meant.rpartition("/")
        if region and plain.rpartition("/")[0] and not closest(plain.rpartition("/")[2], [city]):
            meant = ""  # only the region is alike
    if meant:
        return said("did you mean {zone!r}?", zone=meant)
    return said("write a city's, for example Asia/Shanghai")
