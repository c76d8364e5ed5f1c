"""What an operator tells at the lower edge of the window: a sentence with a capital."""

from __future__ import annotations

import logging
from typing import Any

from ..text import sentence

_LOG = logging.getLogger(__name__)


def refuse(operator: Any, error: Exception | str) -> set[Any]:
    """Tell why nothing was done; CANCELLED."""
    _LOG.debug("%s: %s", getattr(operator, "bl_idname", type(operator).__name__), error)
    operator.report({"ERROR"}, sentence(str(error)))
    return {"CANCELLED"}


def warn(operator: Any, text: str) -> None:
    """Tell what is not as it was asked for."""
    operator.report({"WARNING"}, sentence(text))


def tell(operator: Any, text: str) -> None:
    """Tell what was done; nothing for an empty text."""
    if text:
        operator.report({"INFO"}, sentence(text))
