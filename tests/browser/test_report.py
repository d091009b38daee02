"""A report as people open it: from a file, by double click; nothing asked for, nothing complained of, axe content."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

from biotune.library import subjects
from biotune.report import printing
from biotune.report.papers import Audience

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("audience", list(Audience))
def test_a_report_opens_from_its_file_and_prints(
    browser: Browser, tmp_path: Path, audience: Audience, require: Callable[[object, str], None]
) -> None:
    require(AXE.exists(), "axe-core (npm install)")
    source = str(ROOT / "sample_data" / "noisy.biotune.jsonl")
    subject = subjects.find(source, lambda: pytest.fail("a file needs no library"))
    file = tmp_path / "report.html"
    file.write_bytes(printing.printed(subject, audience, ".html"))
    for width, scheme in ((1000, "light"), (390, "dark")):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        asked, complaints = [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda said, complaints=complaints: complaints.append(said.text))
        page.goto(file.as_uri())
        assert asked == [file.as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 25, 29)")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")
        assert len(found["passes"]) > 10  # it did look
        told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]]
        assert told == [], f"{width} {scheme}"
        assert complaints == []
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 39, 51)"
        context.close()


def test_files_are_fetched_from_the_sessions_page(visit: "Visit") -> None:
    visit.go("/session/S1")
    files = visit.page.locator("details.bt-files")
    files.locator("summary").focus()
    visit.page.keyboard.press("Enter")
    for name, file in (("A report for the client: PDF", "S1-client.pdf"), ("Data for other programs: CSV", "S1.csv")):
        with visit.page.expect_download() as fetched:
            files.get_by_role("link", name=name).click()
        assert fetched.value.suggested_filename == f"biotune-{file}"
        assert Path(fetched.value.path()).stat().st_size > 5000
    assert visit.page.url.endswith("/session/S1")
    assert not visit.complaints
