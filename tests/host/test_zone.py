"""The zone that TZ names, in each of the forms that the C library knows, against the C library itself."""
from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from orch.errors import BadData
from orch.host import zone

SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=timezone.utc), datetime(2026, 12, 1, 12, tzinfo=timezone.utc)
FORMS = (
    "Europe/Berlin", ":Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0545>-5:45",
    "UTC", "", "/usr/share/zoneinfo/Europe/Berlin",
)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_tz(name: str) -> None:
    if name.startswith("/") and not os.path.exists(name):
        pytest.skip(f"there is no {name} here")
    place = zone.local({"TZ": name})
    for moment in (SUMMER, WINTER):
        asked = f"import time; print(time.localtime({moment.timestamp():.0f}).tm_gmtoff)"
        answer = subprocess.run([sys.executable, "-c", asked], env={"TZ": name}, capture_output=True, text=True, check=True)
        assert moment.astimezone(place).utcoffset() == timedelta(seconds=int(answer.stdout)), moment


@pytest.mark.parametrize("name", ["Nowhere/Town", "../../etc/passwd", "/etc/passwd", "/nowhere", "x", "Europe", "a b", "CET-1CEST,M3", "Ä"])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(BadData) as caught:
        zone.named(name)
    assert repr(name) in caught.value.message and "Europe/Berlin" in caught.value.hint
    with pytest.raises(BadData) as caught:
        zone.local({"TZ": name})
    assert caught.value.message.startswith("TZ: ")


def test_without_tz_it_is_the_machines_own() -> None:
    mine = subprocess.run(
        [sys.executable, "-c", "import time; print(time.localtime(0).tm_gmtoff)"], env={}, capture_output=True, text=True, check=True
    )
    assert datetime.fromtimestamp(0, zone.local({})).utcoffset() == timedelta(seconds=int(mine.stdout))
