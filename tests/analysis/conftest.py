"""Records that several of these tests look at."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # what the tests beside it share

from ecg_records import read_mitdb_100


@pytest.fixture(scope="session")
def mitdb_100(reference: Path) -> tuple[np.ndarray, np.ndarray]:
    """MIT-BIH record 100: MLII in µV at 360 Hz, and the samples of its annotated beats."""
    return read_mitdb_100(reference)
