"""What transforms need to know about images: Pillow's, and tensors ``(..., H, W)``."""

from __future__ import annotations

from operator import index as as_index
from typing import Any

from ..tensor import Tensor


def pillow() -> Any:
    """Return the module ``PIL.Image``, or raise ImportError that says how to install it."""
    try:
        from PIL import Image
    except ImportError:
        raise ImportError('images need Pillow; install it with: pip install "swiftconv[data]"') from None
    return Image


def is_pillow(image: Any) -> bool:
    """Tell whether something is an image of Pillow, without importing it."""
    return hasattr(image, "getbands") and hasattr(image, "convert")


def check(image: Any, name: str) -> None:
    """Raise unless a transform can be applied to this image."""
    if is_pillow(image):
        return
    if not isinstance(image, Tensor):
        raise TypeError(f"{name}: expected an image of Pillow or a tensor (..., H, W), got {type(image).__name__}")
    if image.ndim < 2:
        raise ValueError(f"{name}: expected a tensor (..., H, W), got shape {tuple(image.shape)}")


def size_of(image: Any) -> tuple[int, int]:
    """The height and the width of an image."""
    if is_pillow(image):
        return image.height, image.width
    return image.shape[-2], image.shape[-1]


def crop(image: Any, top: int, left: int, height: int, width: int) -> Any:
    """A part of an image; a view for tensors."""
    if is_pillow(image):
        return image.crop((left, top, left + width, top + height))
    return image[..., top : top + height, left : left + width]


def padded(image: Any, padding: tuple[int, int, int, int], fill: float) -> Any:
    """An image with a border of one colour; `padding` is left, top, right, bottom."""
    left, top, right, bottom = padding
    height, width = size_of(image)
    if is_pillow(image):
        colour = tuple(int(fill) for _ in image.getbands()) if len(image.getbands()) > 1 else fill
        result = pillow().new(image.mode, (left + width + right, top + height + bottom), colour)
        if image.mode == "P":
            result.putpalette(image.getpalette())
        result.paste(image, (left, top))
        return result
    shape = (*image.shape[:-2], top + height + bottom, left + width + right)
    result = image.new_full(shape, fill)
    result[..., top : top + height, left : left + width] = image
    return result


def two_sizes(size: Any, name: str) -> tuple[int, int]:
    """A height and a width, from one number for both or from a pair."""
    numbers = list(size) if isinstance(size, (tuple, list)) else [size]
    if len(numbers) not in (1, 2):
        raise ValueError(f"{name}: expected one number or (height, width), got {size!r}")
    return positive(numbers[0], name), positive(numbers[-1], name)


def four_sides(padding: Any, name: str) -> tuple[int, int, int, int]:
    """Left, top, right, bottom; from one number, from two (left and right, top and bottom) or from four."""
    numbers = list(padding) if isinstance(padding, (tuple, list)) else [padding]
    if len(numbers) not in (1, 2, 4):
        raise ValueError(f"{name}: padding must be 1, 2 or 4 numbers, got {padding!r}")
    left, top, right, bottom = (positive(each, name, least=0) for each in (numbers * 4)[:4])
    return left, top, right, bottom


def positive(value: Any, name: str, least: int = 1) -> int:
    """A whole number that is large enough."""
    try:
        number = as_index(value)
    except TypeError:
        raise TypeError(f"{name}: expected whole numbers, got {value!r}") from None
    if number < least:
        raise ValueError(f"{name}: expected {least} or more, got {number}")
    return number
