"""What every test may ask for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Require = Callable[[object, str], None]


@pytest.fixture(scope="session")
def require() -> Require:
    """Skip where a real part is missing; fail instead under ``BIOTUNE_REQUIRE=all``."""

    def check(condition: object, missing: str) -> None:
        if condition:
            return
        if os.environ.get("BIOTUNE_REQUIRE") == "all":
            pytest.fail(f"BIOTUNE_REQUIRE=all, and missing: {missing}")
        pytest.skip(f"missing: {missing}")

    return check


@pytest.fixture(scope="session")
def reference(require: Require) -> Path:
    """The folder of real recordings with other tools' values, beside the project."""
    folder = Path(__file__).parents[2] / "shared" / "reference"
    require((folder / "MANIFEST.json").exists(), "the reference recordings beside the project")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder that the whole program uses."""
    monkeypatch.setenv("BIOTUNE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BIOTUNE_DATABASE", raising=False)
    return tmp_path / "home"
