"""Shared fixtures: the optional data folder beside the checkout, the trained dancer."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
DEFAULT_MODEL = ROOT / "audio2pose_core" / "models" / "default" / "default.onnx"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """../shared/data; a test that needs it skips where it is not there."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data, which is not part of the repository")
    return SHARED_DATA


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The dancer that is shipped."""
    if not DEFAULT_MODEL.is_file():
        pytest.skip("the trained dancer is not committed yet")
    return DEFAULT_MODEL
