"""List the styles of the model."""

from __future__ import annotations

import argparse
from typing import Any

from ..console import out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``audio2pose styles``."""
    parser.add_argument("--model", metavar="ONNX", help="another dancer, with its .json beside it")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Print one style per line; with ``--json`` the report has them."""
    from ..generate.model import load_model

    model = load_model(args.model)
    if not args.json:
        out("\n".join(model.styles))
    return {"styles": list(model.styles), "model_sha256": model.sha256}
