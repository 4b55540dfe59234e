"""``tf.image``: images ``(N, H, W, C)`` or ``(H, W, C)``."""

from __future__ import annotations

from typing import Any

import numpy

from ..dialects import missing as _missing
from ..nn import functional as _F
from . import _dtypes
from ._create import sizes_of
from ._math import pad, reverse
from ._tensor import EagerTensor, native
from .nn import channels_first, channels_last

__all__ = ["ResizeMethod", "flip_left_right", "flip_up_down", "resize", "resize_with_pad"]


class ResizeMethod:
    """How new pixels are made from old ones."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"


def resize(images: Any, size: Any, method: str = ResizeMethod.BILINEAR, **_: Any) -> EagerTensor:
    """Return images in another size, as float32 if pixels are mixed."""
    given = native(images)
    single = given.ndim == 3
    x = given.unsqueeze(0) if single else given
    height, width = sizes_of(size)
    if method == "nearest":
        result = _F.interpolate(channels_first(x.to(_dtypes.float32.native)), (height, width), mode="nearest")
        result = result.to(given.dtype)
    elif method == "bilinear":
        result = channels_first(x.to(_dtypes.float32.native))
        if tuple(result.shape[2:]) != (height, width):
            result = _F.interpolate(result, (height, width), mode="bilinear", align_corners=False)
    else:
        raise ValueError(f"resize: method must be 'bilinear' or 'nearest', got {method!r}")
    result = channels_last(result)
    return EagerTensor(result.squeeze(0) if single else result)


def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: str = ResizeMethod.BILINEAR, antialias: bool = False
) -> EagerTensor:
    """Return images in another size that keep their proportions, with zeros around."""
    single = len(image.shape) == 3
    height, width = [int(each) for each in image.shape[-3:-1]]
    # TensorFlow computes in float32 here, and rounds down.
    ratio = max(
        numpy.float32(width) / numpy.float32(target_width), numpy.float32(height) / numpy.float32(target_height)
    )
    new_height = int(numpy.floor(numpy.float32(height) / ratio))
    new_width = int(numpy.floor(numpy.float32(width) / ratio))
    resized = resize(image, (new_height, new_width), method)
    top, left = max((target_height - new_height) // 2, 0), max((target_width - new_width) // 2, 0)
    rest = [(top, target_height - new_height - top), (left, target_width - new_width - left), (0, 0)]
    if not any(map(any, rest)):
        return resized
    return pad(resized, rest if single else [(0, 0), *rest])


def flip_left_right(image: Any) -> EagerTensor:
    """Return images with their columns in reverse order."""
    return reverse(image, [len(image.shape) - 2])


def flip_up_down(image: Any) -> EagerTensor:
    """Return images with their rows in reverse order."""
    return reverse(image, [len(image.shape) - 3])


__getattr__ = _missing("tensorflow", "tensorflow.image", globals())
