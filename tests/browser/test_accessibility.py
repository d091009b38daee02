"""Every page through axe, light on a desk and dark on a phone: no violation."""

from typing import TYPE_CHECKING

import pytest
from hindrances import DESK, LARGE, PHONE, nothing_hinders

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/session/S1",
        "/session/S1?view=detailed",
        "/help",
        "/session/S99",
        "/compare?a=S1&b=S2",
        "/replay/S1",
        "/settings",
        "/cohort",
        "/clients",
        "/client/K-204",
        "/new",
        "/music",
    ],
)
@pytest.mark.usefixtures("axe")
def test_axe_finds_nothing(visit: "Visit", path: str) -> None:
    visit.go(path)
    visit.page.wait_for_load_state("networkidle")
    if path == "/session/S1":
        visit.page.locator("#tachogram .main-svg").first.wait_for()
    if path.endswith("?view=detailed"):
        visit.page.locator("#time-frequency .main-svg").first.wait_for()
    if path == "/client/K-204":
        visit.page.locator("#over-sessions").wait_for()
    if path == "/cohort":
        visit.page.locator("#cohort-changes-rmssd .main-svg").first.wait_for()
    looks = (PHONE,) if "detailed" in path else (DESK, PHONE, LARGE)  # many parts, of a few kinds
    nothing_hinders(visit.page, path, looks=looks)
