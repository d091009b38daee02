"""Pages as they look, in 48 × 34 greys: what moves, vanishes or turns dark is seen; a font of another machine is not.

``BIOTUNE_LOOKS=new`` takes the pictures again; look at the pages before you keep them.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from conftest import Visit

pytestmark = pytest.mark.browser
LOOKS = Path(__file__).parent / "looks"
SIZE = (48, 34)
MEAN_APART, MOST_APART = 5.0, 85.0  # of 255: in all, and in the worst patch
PAGES = {
    "session": ("/session/S2", "#tachogram .main-svg"),
    "two": ("/compare?a=S1&b=S2", "#two-courses .main-svg"),
}


def _patches(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("L").resize(SIZE, Image.Resampling.BOX), dtype=np.float64)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_did(visit: "Visit", name: str, require: Callable[[object, str], None]) -> None:
    path, drawn = PAGES[name]
    visit.go(path)
    visit.page.locator(drawn).first.wait_for()
    for scheme in ("light", "dark"):
        visit.page.locator("html").evaluate("(page, to) => page.dataset.mantineColorScheme = to", scheme)
        visit.page.wait_for_timeout(400)  # colours move over
        seen = Image.open(io.BytesIO(visit.page.screenshot(animations="disabled")))
        kept = LOOKS / f"{name}-{scheme}.png"
        if os.environ.get("BIOTUNE_LOOKS") == "new":
            LOOKS.mkdir(exist_ok=True)
            seen.convert("L").resize(SIZE, Image.Resampling.BOX).save(kept)
        require(kept.exists(), f"{kept.name} (BIOTUNE_LOOKS=new)")
        apart = np.abs(_patches(seen) - np.asarray(Image.open(kept), dtype=np.float64))
        assert apart.mean() < MEAN_APART, f"{name} {scheme}: {apart.mean():.1f}"
        assert apart.max() < MOST_APART, f"{name} {scheme}: {apart.max():.0f} at {np.argwhere(apart == apart.max())[0]}"
