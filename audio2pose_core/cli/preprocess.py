"""Make a dataset ready for training: preprocess aistpp | bvh."""

from __future__ import annotations

import argparse
from types import ModuleType
from typing import Any

from . import preprocess_aistpp, preprocess_bvh

KINDS: dict[str, ModuleType] = {"aistpp": preprocess_aistpp, "bvh": preprocess_bvh}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command for each kind of dataset, with the options that all commands have."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="dataset")
    for name, module in KINDS.items():
        text = (module.__doc__ or "").strip()
        child = kinds.add_parser(name, help=text.partition("\n")[0], description=text)
        module.add_arguments(child)
        # Without a default of their own they leave what was said before the sub-command.
        for flag in ("--json", "--quiet", "--verbose", "--debug"):
            child.add_argument(
                flag, action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
            )


def run(args: argparse.Namespace) -> dict[str, Any] | None:
    """Run the chosen kind."""
    return KINDS[args.kind].run(args)
