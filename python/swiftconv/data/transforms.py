"""Changing images before a network sees them, with torchvision's names.

Random transforms draw from the generator that `swiftconv.manual_seed` seeds.

Example
-------
>>> from swiftconv.data import transforms
>>> prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
>>> prepare(np.array([[0, 255]], dtype=np.uint8))
tensor([[[-1.,  1.]]])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy

from .._dtype import float32
from ..conversion import from_numpy, tensor
from ..random import default_generator
from ..tensor import Tensor
from . import _images

__all__ = [
    "CenterCrop",
    "Compose",
    "InterpolationMode",
    "Lambda",
    "Normalize",
    "RandomCrop",
    "RandomHorizontalFlip",
    "Resize",
    "ToTensor",
]


class InterpolationMode(Enum):
    """How `Resize` computes new pixels.

    Example
    -------
    >>> sc.data.transforms.InterpolationMode.BILINEAR.value
    'bilinear'
    """

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"


class Compose:
    """Several transforms, one after the other.

    Parameters
    ----------
    transforms : sequence of callable
        In order.

    Example
    -------
    >>> from swiftconv.data import transforms
    >>> transforms.Compose([transforms.CenterCrop(2), transforms.RandomHorizontalFlip()])
    Compose(
        CenterCrop(size=(2, 2))
        RandomHorizontalFlip(p=0.5)
    )
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return "\n".join(["Compose(", *(f"    {transform}" for transform in self.transforms), ")"])


class ToTensor:
    """Makes a tensor ``(C, H, W)`` of an image.

    The image is one of Pillow, or an array ``(H, W)`` or ``(H, W, C)``. Pixels of one byte become float32 between 0 and
    1; of other types, they keep their values and their dtype.

    Raises
    ------
    TypeError
        When it is no image.
    ValueError
        When the array has another number of axes.

    Example
    -------
    >>> from swiftconv.data import transforms
    >>> transforms.ToTensor()(np.full((2, 3, 1), 255, dtype=np.uint8))
    tensor([[[1., 1., 1.],
             [1., 1., 1.]]])
    """

    def __call__(self, pic: Any) -> Tensor:
        if _images.is_pillow(pic):
            pixels = self._pixels(pic)
        elif isinstance(pic, numpy.ndarray):
            pixels = pic
        else:
            raise TypeError(f"ToTensor: expected an image of Pillow or a numpy.ndarray, got {type(pic).__name__}")
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        if pixels.ndim != 3:
            raise ValueError(f"ToTensor: expected an array (H, W) or (H, W, C), got shape {pixels.shape}")
        image = from_numpy(pixels).permute(2, 0, 1)
        if pixels.dtype == numpy.uint8:
            return image.to(float32).contiguous().div_(255)
        # A copy, as the tensor must not change with the image.
        return image.clone().contiguous()

    @staticmethod
    def _pixels(image: Any) -> numpy.ndarray:
        if image.mode == "1":
            image = image.convert("L")
        elif image.mode.startswith("I;16"):
            image = image.convert("I")
        return numpy.asarray(image)

    def __repr__(self) -> str:
        return "ToTensor()"


class Resize:
    """Gives an image of Pillow another size.

    Parameters
    ----------
    size : int or (int, int)
        Height and width; one number is the length of the shorter side, the other one follows from the proportions.
    interpolation : InterpolationMode or str
        "nearest", "bilinear" or "bicubic".

    Raises
    ------
    TypeError
        For tensors: resize before `ToTensor`.

    Example
    -------
    >>> from PIL import Image
    >>> from swiftconv.data import transforms
    >>> transforms.Resize(10)(Image.new("L", (40, 20))).size
    (20, 10)
    """

    def __init__(
        self, size: int | Sequence[int], interpolation: InterpolationMode | str = InterpolationMode.BILINEAR
    ) -> None:
        _images.two_sizes(size, "Resize")
        self.size = size
        try:
            # By value, so that other libraries' enumerations of the same names are understood too.
            self.interpolation = InterpolationMode(getattr(interpolation, "value", interpolation))
        except ValueError:
            known = ", ".join(repr(mode.value) for mode in InterpolationMode)
            raise ValueError(f"Resize: interpolation must be one of {known}, got {interpolation!r}") from None

    def __call__(self, img: Any) -> Any:
        if not _images.is_pillow(img):
            raise TypeError(
                f"Resize: expected an image of Pillow, got {type(img).__name__}; put Resize before ToTensor, "
                "or use nn.functional.interpolate for tensors"
            )
        height, width = self._wanted(img)
        method = getattr(_images.pillow().Resampling, self.interpolation.name)
        return img if (height, width) == (img.height, img.width) else img.resize((width, height), method)

    def _wanted(self, img: Any) -> tuple[int, int]:
        if isinstance(self.size, (tuple, list)) and len(self.size) == 2:
            return _images.two_sizes(self.size, "Resize")
        short, _ = _images.two_sizes(self.size, "Resize")
        if img.height <= img.width:
            return short, max(1, int(short * img.width / img.height))
        return max(1, int(short * img.height / img.width)), short

    def __repr__(self) -> str:
        return f"Resize(size={self.size}, interpolation={self.interpolation.value})"


class CenterCrop:
    """Takes the middle of an image; where the image is too small, the rest is 0.

    Parameters
    ----------
    size : int or (int, int)
        Height and width.

    Example
    -------
    >>> from swiftconv.data import transforms
    >>> transforms.CenterCrop(1)(sc.arange(9).reshape(1, 3, 3))
    tensor([[[4]]])
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = _images.two_sizes(size, "CenterCrop")

    def __call__(self, img: Any) -> Any:
        _images.check(img, "CenterCrop")
        img = _at_least(img, self.size, 0)
        top, left = (round((have - want) / 2) for have, want in zip(_images.size_of(img), self.size, strict=True))
        return _images.crop(img, top, left, *self.size)

    def __repr__(self) -> str:
        return f"CenterCrop(size={self.size})"


def _at_least(img: Any, size: tuple[int, int], fill: float) -> Any:
    """The image with a border on all sides, if it is smaller than this."""
    height, width = _images.size_of(img)
    down, across = max(0, size[0] - height), max(0, size[1] - width)
    if down or across:
        img = _images.padded(img, (across // 2, down // 2, (across + 1) // 2, (down + 1) // 2), fill)
    return img


class RandomCrop:
    """Takes a part of an image at a random place.

    Parameters
    ----------
    size : int or (int, int)
        Height and width of the part.
    padding : int or sequence of int, optional
        A border put around the image first: for all sides, for (left and right, top and bottom), or for (left, top,
        right, bottom).
    pad_if_needed : bool
        Whether to widen an image that is too small, instead of raising.
    fill : float
        The value of the border's pixels.

    Raises
    ------
    ValueError
        When the image is smaller than the part.

    Example
    -------
    >>> from swiftconv.data import transforms
    >>> transforms.RandomCrop(28, padding=2)(sc.zeros(1, 28, 28)).shape
    swiftconv.Size([1, 28, 28])
    """

    def __init__(
        self, size: int | Sequence[int], padding: Any = None, pad_if_needed: bool = False, fill: float = 0
    ) -> None:
        self.size = _images.two_sizes(size, "RandomCrop")
        self.padding = None if padding is None else _images.four_sides(padding, "RandomCrop")
        self.pad_if_needed = pad_if_needed
        self.fill = fill

    def __call__(self, img: Any) -> Any:
        _images.check(img, "RandomCrop")
        if self.padding is not None:
            img = _images.padded(img, self.padding, self.fill)
        if self.pad_if_needed:
            img = _at_least(img, self.size, self.fill)
        spare = [have - want for have, want in zip(_images.size_of(img), self.size, strict=True)]
        if min(spare) < 0:
            raise ValueError(
                f"RandomCrop: the part {self.size} is larger than the image {_images.size_of(img)}; "
                "give padding, or pad_if_needed=True"
            )
        generator = default_generator()
        top, left = (int(generator.integers(each + 1)) for each in spare)
        return _images.crop(img, top, left, *self.size)

    def __repr__(self) -> str:
        return f"RandomCrop(size={self.size}, padding={self.padding})"


class RandomHorizontalFlip:
    """Mirrors an image, left to right, with probability `p`.

    Example
    -------
    >>> from swiftconv.data import transforms
    >>> transforms.RandomHorizontalFlip(p=1)(sc.tensor([[1, 2, 3]]))
    tensor([[3, 2, 1]])
    """

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"RandomHorizontalFlip: p must be between 0 and 1, got {p}")
        self.p = p

    def __call__(self, img: Any) -> Any:
        _images.check(img, "RandomHorizontalFlip")
        if default_generator().random() >= self.p:
            return img
        if _images.is_pillow(img):
            return img.transpose(_images.pillow().Transpose.FLIP_LEFT_RIGHT)
        return img.flip(-1)

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(p={self.p})"


class Normalize:
    r"""Computes :math:`(x - \mu_c) / \sigma_c` for every channel :math:`c`.

    Parameters
    ----------
    mean, std : sequence of float
        One number per channel, or one for all.
    inplace : bool
        Whether to store the result in the input.

    Raises
    ------
    TypeError
        When the input is not a floating-point tensor.
    ValueError
        When the numbers do not fit its channels, or a standard deviation is 0.

    Example
    -------
    >>> from swiftconv.data import transforms
    >>> transforms.Normalize(mean=[1.0, 2.0], std=[1.0, 2.0])(sc.ones(2, 1, 1)).flatten()
    tensor([ 0.0000, -0.5000])
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        self.mean, self.std, self.inplace = mean, std, inplace
        if 0 in numpy.asarray(std, dtype=float):
            raise ValueError(f"Normalize: a standard deviation is 0, in {std!r}")

    def __call__(self, tensor: Tensor) -> Tensor:
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            found = tensor.dtype if isinstance(tensor, Tensor) else type(tensor).__name__
            raise TypeError(f"Normalize: expected a floating-point tensor, got {found}; put ToTensor before it")
        if tensor.ndim < 3:
            raise ValueError(f"Normalize: expected a tensor (..., C, H, W), got shape {tuple(tensor.shape)}")
        mean, std = self._per_channel(self.mean, tensor), self._per_channel(self.std, tensor)
        return tensor.sub_(mean).div_(std) if self.inplace else (tensor - mean).div_(std)

    @staticmethod
    def _per_channel(values: Any, image: Tensor) -> Tensor:
        numbers = tensor(numpy.asarray(values, dtype=image.dtype.numpy_dtype).reshape(-1))
        if numbers.numel() not in (1, image.shape[-3]):
            raise ValueError(
                f"Normalize: {numbers.numel()} numbers for {image.shape[-3]} channels, shape {tuple(image.shape)}"
            )
        return numbers.reshape(-1, 1, 1)

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


class Lambda:
    """Calls a function with the image.

    Example
    -------
    >>> from swiftconv.data import transforms
    >>> transforms.Lambda(lambda image: image * 2)(sc.ones(1))
    tensor([2.])
    """

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise TypeError(f"Lambda: expected a function, got {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        return self.lambd(img)

    def __repr__(self) -> str:
        return "Lambda()"
