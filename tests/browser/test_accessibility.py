"""Every page through axe, in light and dark, on a desk and on a phone: no violation."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
VISITORS = [{"width": width, "scheme": scheme} for width in (1366, 390) for scheme in ("light", "dark")]


@pytest.mark.parametrize("visit", VISITORS, indirect=True, ids=lambda each: f"{each['width']}-{each['scheme']}")
@pytest.mark.parametrize("path", ["/", "/session/S1", "/help", "/session/S99", "/nowhere"])
def test_axe_finds_nothing(visit: "Visit", path: str, require: Callable[[object, str], None]) -> None:
    require(AXE.exists(), "axe-core (npm install)")
    visit.go(path)
    visit.page.wait_for_load_state("networkidle")
    if path == "/session/S1":
        visit.page.locator("#before-during-after-rmssd .main-svg").first.wait_for()
    visit.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = visit.page.evaluate("axe.run()")
    assert len(found["passes"]) > 10  # it did look
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]] == []
