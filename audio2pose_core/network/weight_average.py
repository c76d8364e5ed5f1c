"""The exponential moving average of a network's weights, by ``torch.optim.swa_utils``.

The averaged network is what samples, exports and students are made of (Polyak and
Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992). The decay
rises with the steps, so that the first, random weights are forgotten soon.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def decay_at(ema: float, step: int) -> float:
    """Share of the old average that stays: (1 + step) / (10 + step), at most ``ema``."""
    return min(ema, (1 + step) / (10 + step))


Network = TypeVar("Network", bound=nn.Module)


class WeightAverage(Generic[Network]):
    """A copy of a network whose weights follow the network's own."""

    def __init__(self, network: Network, ema: float) -> None:
        self.ema, self.step = ema, 0
        # The number of steps is ours: torch keeps its own on the device, and reading that would
        # make every step wait for the GPU.
        self._average = AveragedModel(network, multi_avg_fn=self._follow)
        self._average.requires_grad_(False)
        # Its first call copies; from the second on it averages.
        self._average.update_parameters(network)

    def _follow(self, average: Any, current: Any, count: Any) -> None:
        get_ema_multi_avg_fn(decay_at(self.ema, self.step))(average, current, count)

    @property
    def network(self) -> Network:
        """The network with averaged weights."""
        return cast(Network, self._average.module)

    def update(self, network: Network, step: int) -> None:
        """Take in the weights of now, with the decay of ``step``."""
        self.step = step
        self._average.update_parameters(network)

    def state_dict(self) -> dict[str, Tensor]:
        """The averaged weights under the network's own names, as checkpoints hold them."""
        return dict(self.network.state_dict())

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Go on from averaged weights of a checkpoint."""
        with torch.no_grad():
            self.network.load_state_dict(state)
