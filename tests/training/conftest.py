from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training file of made-up dances."""
    pytest.importorskip("torch")
    from made_dances import save_made_pack

    return save_made_pack(tmp_path_factory.mktemp("pack") / "clips.npz")
