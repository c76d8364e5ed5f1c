"""A song becomes a dance: the ONNX model, the sampler over it, and ``generate_dance``."""

from ..cleanup import MotionConstraint
from .base import DanceBase
from .catalogue import CatalogueMove
from .dance import Dance, generate_dance
from .loop import Loop, generate_loop
from .model import DanceModel, load_model

__all__ = [
    "CatalogueMove",
    "Dance",
    "DanceBase",
    "DanceModel",
    "Loop",
    "MotionConstraint",
    "generate_dance",
    "generate_loop",
    "load_model",
]
