"""``mxnet.image``: image files."""

from __future__ import annotations

from typing import Any

import numpy

from .. import _core
from ..data._images import pillow
from ..dialects.switch import missing
from ._values import wrap
from .array import ndarray


def imread(filename: str, flag: int = 1, to_rgb: bool = True, **_: Any) -> ndarray:
    """Return an image file as uint8 ``(H, W, 3)``, or ``(H, W, 1)`` with flag 0."""
    from PIL import Image

    pillow()
    with Image.open(filename) as image:
        pixels = numpy.array(image.convert("RGB" if flag else "L"))
    pixels = pixels if flag else pixels[..., None]
    return wrap(_core.from_buffer(pixels if to_rgb else numpy.ascontiguousarray(pixels[..., ::-1])))


__getattr__ = missing("mxnet", "mxnet.image", globals())
