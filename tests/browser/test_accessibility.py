"""Every page through axe, light on a desk and dark on a phone: no violation."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


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
def test_axe_finds_nothing(visit: "Visit", path: str, require: Callable[[object, str], None]) -> None:
    require(AXE.exists(), "axe-core (npm install)")
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
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    looks = ((1366, "light", False), (390, "dark", False), (1024, "light", True))
    for width, scheme, large in looks[1:2] if "detailed" in path else looks:  # many parts, of a few kinds
        visit.page.locator("html").evaluate("(page, on) => page.classList.toggle('bt-large', on)", large)
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.page.locator("html").evaluate("(page, to) => page.dataset.mantineColorScheme = to", scheme)
        visit.page.wait_for_timeout(300)  # colours move over
        found = visit.page.evaluate("axe.run()")
        assert len(found["passes"]) > 10  # it did look
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]
        assert told == [], f"{width} {scheme} {large}"
