"""What axe says of a page as it stands."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK, LARGE = (390, "dark", False), (1366, "light", False), (1024, "light", True)


def nothing_hinders(
    page: "Page", where: str = "", *, looks: Sequence[tuple[int, str, bool]] = (PHONE, DESK), least: int = 10
) -> None:
    """Ask axe of a page, in each width, scheme and print; asks for the fixture `axe`."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width, scheme, large in looks:
        page.locator("html").evaluate("(page, on) => page.classList.toggle('bt-large', on)", large)
        page.set_viewport_size({"width": width, "height": 900})
        page.locator("html").evaluate("(page, to) => page.dataset.mantineColorScheme = to", scheme)
        page.wait_for_timeout(300)  # colours move over
        page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
        found = page.evaluate("axe.run()")
        assert len(found["passes"]) > least  # it did look
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]
        assert told == [], f"{where} {width} {scheme} {large}"
    page.locator("html").evaluate("page => page.classList.remove('bt-large')")
