"""The layer that the chapter builds by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._arguments import repeated
from ..correlation import corr2d
from ..creation import zeros
from ..sampling import rand
from .module import Module
from .parameter import Parameter

if TYPE_CHECKING:
    from ..tensor import Tensor


class Conv2D(Module):
    r"""The chapter's convolutional layer: one image in, one image out.

    .. math:: Y = \text{corr2d}(X, W) + b

    Parameters
    ----------
    kernel_size : int or (int, int)
        ``(h, w)``.

    Attributes
    ----------
    weight : Parameter
        ``(h, w)``, drawn uniformly from [0, 1).
    bias : Parameter
        ``(1,)``, zero at first.

    Source
    ------
    Dive into Deep Learning, section 7.2.2.

    Example
    -------
    >>> layer = sc.Conv2D((1, 2))
    >>> layer(sc.ones(6, 8)).shape
    swiftconv.Size([6, 7])
    """

    def __init__(self, kernel_size: int | tuple[int, int]) -> None:
        super().__init__()
        self.kernel_size = repeated(kernel_size, 2, "Conv2D: kernel_size")
        self.weight = Parameter(rand(self.kernel_size))
        self.bias = Parameter(zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(H - h + 1, W - w + 1)`` for an image ``(H, W)``, a tensor or an array."""
        return corr2d(x, self.weight) + self.bias

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}"
