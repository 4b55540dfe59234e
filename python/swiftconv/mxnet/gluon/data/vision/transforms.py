"""``mxnet.gluon.data.vision.transforms``: changes of images of shape ``(H, W, C)``."""

from __future__ import annotations

from typing import Any

from .....dialects.switch import missing
from .....nn import functional
from .... import _values
from .... import numpy as np
from ....array import ndarray
from ....autograd import run
from ...block import Block
from ...nn import HybridSequential, Sequential


class _Transform(Block):
    """A change of one image, or of a batch ``(N, H, W, C)``."""

    def change_batch(self, images: ndarray) -> ndarray:
        """Change a batch; subclasses say how."""
        # Abstract: each transform below has its own.
        raise NotImplementedError

    def forward(self, x: ndarray) -> ndarray:
        """Change an image or a batch."""
        return self.change_batch(x) if x.ndim == 4 else self.change_batch(x.expand_dims(0))[0]


class Compose(Sequential):
    """Transforms one after the other.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> from swiftconv.mxnet.gluon.data.vision import transforms
    >>> change = transforms.Compose([transforms.Resize(2), transforms.ToTensor()])
    >>> change(np.full((4, 4, 1), 255, dtype="uint8")).shape
    (1, 2, 2)
    """

    def __init__(self, transforms: Any) -> None:
        super().__init__()
        self.add(*transforms)

    @property
    def change_batch(self) -> Any:
        """A function for whole batches; None if one of the transforms is for single images only."""
        steps = list(self._children.values())
        return self.forward if all(isinstance(each, _Transform) for each in steps) else None


HybridCompose = HybridSequential


class ToTensor(_Transform):
    """Bytes ``(H, W, C)`` to float32 numbers ``(C, H, W)`` between 0 and 1."""

    def change_batch(self, images: ndarray) -> ndarray:
        """Change a batch."""
        return images.transpose(0, 3, 1, 2).astype("float32") / 255


class Cast(_Transform):
    """Another dtype."""

    def __init__(self, dtype: Any = "float32") -> None:
        super().__init__()
        self._dtype = dtype

    def change_batch(self, images: ndarray) -> ndarray:
        """Change a batch."""
        return images.astype(self._dtype)

    def forward(self, x: ndarray) -> ndarray:
        """Change any array."""
        return x.astype(self._dtype)


class Resize(_Transform):
    """Another size, by interpolation between neighbouring pixels.

    Parameters
    ----------
    size : int or (int, int)
        Width and height; one number for both, or for the shorter side with `keep_ratio`.
    keep_ratio : bool
        Whether one number keeps the shape of images.
    interpolation : {1, 0}
        1 interpolates, 0 takes the nearest pixel.
    """

    def __init__(self, size: Any, keep_ratio: bool = False, interpolation: int = 1) -> None:
        super().__init__()
        self._size, self._keep, self._interpolation = size, keep_ratio, interpolation

    def _wanted(self, height: int, width: int) -> tuple[int, int]:
        if isinstance(self._size, (tuple, list)):
            return int(self._size[1]), int(self._size[0])
        if not self._keep:
            return int(self._size), int(self._size)
        if height > width:
            return int(height * self._size / width), int(self._size)
        return int(self._size), int(width * self._size / height)

    def change_batch(self, images: ndarray) -> ndarray:
        """Change a batch."""
        _, height, width, _ = images.shape
        wanted = self._wanted(height, width)
        if wanted == (height, width):
            return images
        mode = {"mode": "bilinear", "align_corners": False} if self._interpolation else {"mode": "nearest"}
        planes = images.transpose(0, 3, 1, 2).astype("float32")
        scaled = _values.wrap(run(functional.interpolate, planes._value, wanted, **mode)).transpose(0, 2, 3, 1)
        is_float = images._value.dtype.is_floating_point
        return scaled if is_float else scaled.round().astype(images.dtype)


class Normalize(_Transform):
    """Subtracts a mean and divides by a standard deviation, on float32 images ``(C, H, W)``."""

    def __init__(self, mean: Any = 0.0, std: Any = 1.0) -> None:
        super().__init__()
        self._mean, self._std = (np.array(each).reshape(-1, 1, 1) for each in (mean, std))

    def change_batch(self, images: ndarray) -> ndarray:
        """Change a batch."""
        return (images - self._mean) / self._std


class RandomFlipLeftRight(Block):
    """Mirrors an image with probability `p`."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self._p = p

    def forward(self, x: ndarray) -> ndarray:
        """Change an image."""
        return np.flip(x, 1) if np.random.stream.other.random_sample() < self._p else x


__getattr__ = missing("mxnet", "mxnet.gluon.data.vision.transforms", globals())
