"""Normalising layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from .... import _core, ops
from ....autograd import no_grad
from ....nn import functional
from ..._values import unwrap, wrap
from ...array import ndarray
from ...autograd import is_training, run
from ..block import HybridBlock

_BATCH_NORM = _core.operators["batch_norm"]


class BatchNorm(HybridBlock):
    """Brings every channel to mean `beta` and standard deviation `gamma`.

    Within ``autograd.record()`` it uses the batch's own mean and variance, and ``backward`` moves the running ones
    towards them; otherwise it uses the running ones.

    Parameters
    ----------
    axis : int
        The axis of the channels.
    momentum : float
        How much of the running values stays.
    epsilon : float
        Added to the variance.
    center, scale : bool
        Whether there are `beta` and `gamma`.
    use_global_stats : bool
        Whether the running values are used in training as well.
    in_channels : int
        The number of channels; found with the first batch if 0.

    Source
    ------
    Dive into Deep Learning, section 8.5. Ioffe, Szegedy, arXiv:1502.03167.
    """

    def __init__(
        self,
        axis: int = 1,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._axis, self._momentum, self._epsilon = axis, momentum, epsilon
        self._scale, self._use_global_stats = scale, use_global_stats

        def make(name: str, init: Any, learned: bool) -> Any:
            request = "write" if learned else "null"
            return self.params.get(
                name,
                grad_req=request,
                shape=(in_channels,),
                init=init,
                allow_deferred_init=True,
                differentiable=learned,
            )

        self.gamma = make("gamma", gamma_initializer, scale)
        self.beta = make("beta", beta_initializer, center)
        self.running_mean = make("running_mean", running_mean_initializer, False)
        self.running_var = make("running_var", running_variance_initializer, False)

    def infer_shape(self, x: ndarray, *_: Any) -> None:
        """Find the number of channels."""
        for each in (self.gamma, self.beta, self.running_mean, self.running_var):
            each.shape = (x.shape[self._axis],)

    def forward(self, x: ndarray) -> ndarray:
        """Normalise the batch."""
        self._ready(x)
        axis = self._axis % x.ndim
        values = [each.data()._value for each in (self.gamma, self.beta, self.running_mean, self.running_var)]
        return wrap(run(self._normalised, x._value if axis == 1 else ops.transpose(x._value, 1, axis), axis, *values))

    def _normalised(self, x: Any, axis: int, gamma: Any, beta: Any, mean: Any, var: Any) -> Any:
        if is_training() and not self._use_global_stats:
            result, batch_mean, batch_var = _core.apply(_BATCH_NORM, x, gamma, beta, None, None, float(self._epsilon))
            if result.requires_grad:
                result.register_hook(self._move(((mean, batch_mean.detach()), (var, batch_var.detach()))))
        else:
            result = functional.batch_norm(x, mean, var, gamma, beta, eps=self._epsilon)
        return result if axis == 1 else ops.transpose(result, 1, axis)

    def _move(self, pairs: Any) -> Callable[[Any], None]:
        """What `backward` calls: the framework moves the running values then, not in the forward pass."""

        # The framework subtracts in float32, and its running variance is the biased one.
        share = float(numpy.float32(1) - numpy.float32(self._momentum))

        def hook(_: Any) -> None:
            with no_grad():
                for running, batch in pairs:
                    running.mul_(self._momentum).add_(batch, alpha=share)

        return hook

    def __repr__(self) -> str:
        shape = self.gamma.shape
        return (
            f"{self.__class__.__name__}(axis={self._axis}, eps={self._epsilon}, momentum={self._momentum}, "
            f"fix_gamma={not self._scale}, use_global_stats={self._use_global_stats}, in_channels={shape[0]})"
        )


class LayerNorm(HybridBlock):
    """Brings the last axis of every sample to mean `beta` and standard deviation `gamma`."""

    def __init__(
        self,
        axis: int = -1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        in_channels: int = 0,
        **kw: Any,
    ) -> None:
        super().__init__(**kw)
        if axis != -1:
            raise NotImplementedError(f"LayerNorm: axis is {axis}, expected -1")
        self._epsilon, self._center, self._scale = epsilon, center, scale
        common = {"shape": (in_channels,), "allow_deferred_init": True}
        self.gamma = self.params.get("gamma", grad_req="write" if scale else "null", init="ones", **common)
        self.beta = self.params.get("beta", grad_req="write" if center else "null", init="zeros", **common)

    def infer_shape(self, x: ndarray, *_: Any) -> None:
        """Find the size of the last axis."""
        self.gamma.shape = self.beta.shape = (x.shape[-1],)

    def forward(self, x: ndarray) -> ndarray:
        """Normalise every sample."""
        self._ready(x)
        gamma, beta = unwrap(self.gamma.data()), unwrap(self.beta.data())
        return wrap(run(functional.layer_norm, x._value, (x.shape[-1],), gamma, beta, self._epsilon))

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}(eps={self._epsilon}, axis=-1, center={self._center}, scale={self._scale}, "
            f"in_channels={self.gamma.shape[0]})"
        )
