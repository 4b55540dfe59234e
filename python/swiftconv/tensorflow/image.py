"""``tf.image``: images ``(N, H, W, C)`` or ``(H, W, C)``."""

from __future__ import annotations

from typing import Any

import numpy

from ..conversion import from_numpy as _from_numpy
from ..dialects import missing as _missing
from ..nn import functional as _F
from ..tensor import Tensor as _Native
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


def resize(
    images: Any,
    size: Any,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> EagerTensor:
    """Return images in another size, as float32 if pixels are mixed."""
    if preserve_aspect_ratio or antialias:
        raise ValueError("resize: preserve_aspect_ratio and antialias are not in swiftconv's tensorflow dialect")
    given = native(images)
    single = given.ndim == 3
    x = given.unsqueeze(0) if single else given
    height, width = sizes_of(size)
    if method == "nearest":
        rows, columns = _nearest(x.shape[1], height), _nearest(x.shape[2], width)
        result = channels_first(x.index_select(1, rows).index_select(2, columns))
    elif method == "bilinear":
        result = channels_first(x.to(_dtypes.float32.native))
        if tuple(result.shape[2:]) != (height, width):
            result = _F.interpolate(result, (height, width), mode="bilinear", align_corners=False)
    else:
        raise ValueError(f"resize: method must be 'bilinear' or 'nearest', got {method!r}")
    result = channels_last(result)
    return EagerTensor(result.squeeze(0) if single else result)


def _nearest(old: int, new: int) -> _Native:
    """The old places whose pixels have the middles of the new ones in them."""
    return _from_numpy(((numpy.arange(new) + 0.5) * (old / new)).astype(numpy.int64).clip(0, old - 1))


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
    exact = numpy.float32(height) / ratio, numpy.float32(width) / ratio
    new_height, new_width = (int(numpy.floor(each)) for each in exact)
    resized = resize(image, (new_height, new_width), method, antialias=antialias)
    # The border is halved before the size of the picture is rounded.
    top, left = (
        max(int(numpy.floor((target - each) / 2)), 0)
        for target, each in zip((target_height, target_width), exact, strict=True)
    )
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
