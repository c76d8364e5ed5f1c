"""A song becomes a dance: the ONNX model, the sampler over it, and ``generate_dance``."""

from .constraints import Kept
from .dance import Dance, generate_dance
from .model import DanceModel, load_model

__all__ = ["Dance", "DanceModel", "Kept", "generate_dance", "load_model"]
