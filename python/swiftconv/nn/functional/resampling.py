"""Images in another size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..._arguments import repeated
from ..._core import apply, operators

if TYPE_CHECKING:
    from ...tensor import Tensor

__all__ = ["interpolate", "pixel_shuffle", "pixel_unshuffle"]

_NEAREST = operators["upsample_nearest"]
_LINEAR = operators["upsample_linear"]
_ADAPTIVE_AVG_POOL = operators["adaptive_avg_pool"]

# The modes that interpolate linearly, and the number of axes each is for.
_LINEAR_MODES = {"linear": 1, "bilinear": 2, "trilinear": 3}


def _new_sizes(
    old: tuple[int, ...], size: Any, scale_factor: Any, recompute: bool | None
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The new size of each axis, and the step between read positions, or 0 for the old size over the new one."""
    rank = len(old)
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor")
    if size is not None:
        return repeated(size, rank, "interpolate: size"), (0.0,) * rank
    factors = tuple(scale_factor) if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * rank
    if len(factors) != rank:
        raise ValueError(f"interpolate: expected one scale_factor or {rank}, got {factors}")
    for factor in factors:
        if not (factor > 0 and math.isfinite(factor)):
            raise ValueError(f"interpolate: scale_factor must be positive, got {scale_factor}")
    sizes = tuple(math.floor(each * factor) for each, factor in zip(old, factors, strict=True))
    return sizes, (0.0,) * rank if recompute else tuple(1.0 / factor for factor in factors)


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """Return images in another size.

    Parameters
    ----------
    input : Tensor
        ``(N, C, ...)`` with one to three spatial axes.
    size : int or tuple of int, optional
        The new sizes of the spatial axes.
    scale_factor : float or tuple of float, optional
        By how much the sizes grow, instead of `size`.
    mode : {"nearest", "linear", "bilinear", "trilinear", "area"}
        Take the nearest element; interpolate between neighbours along one, two or three axes; or take means.
    align_corners : bool, optional
        For the linear modes: the corners of the old and the new image are the centres of their pixels (True), or the
        images' outer edges coincide (False, the default).
    recompute_scale_factor : bool, optional
        Place the pixels by the new size, which is rounded, instead of by `scale_factor`.

    Raises
    ------
    ValueError
        When the mode does not go with the number of axes, or a size would be 0.

    Source
    ------
    Dive into Deep Learning, section 14.10.3.

    Example
    -------
    >>> F.interpolate(sc.tensor([[[0.0, 1.0]]]), scale_factor=2)
    tensor([[[0., 0., 1., 1.]]])
    >>> F.interpolate(sc.tensor([[[0.0, 1.0]]]), size=3, mode="linear", align_corners=True)
    tensor([[[0.0000, 0.5000, 1.0000]]])
    """
    rank = input.ndim - 2
    if not 1 <= rank <= 3:
        raise ValueError(
            f"interpolate: input has shape {tuple(input.shape)}, expected (N, C, ...) with 1 to 3 more axes"
        )
    if mode not in ("nearest", "area", *_LINEAR_MODES):
        raise NotImplementedError(
            f"interpolate: mode {mode!r} is not available; "
            "there are 'nearest', 'area', 'linear', 'bilinear' and 'trilinear'"
        )
    if align_corners is not None and mode not in _LINEAR_MODES:
        raise ValueError(f"interpolate: align_corners is for the linear modes, not {mode!r}")
    if _LINEAR_MODES.get(mode, rank) != rank:
        raise ValueError(f"interpolate: mode {mode!r} is for {_LINEAR_MODES[mode]} spatial axes, input has {rank}")
    sizes, steps = _new_sizes(tuple(input.shape)[2:], size, scale_factor, recompute_scale_factor)
    if mode == "area":
        return apply(_ADAPTIVE_AVG_POOL, input, sizes)
    if mode == "nearest":
        return apply(_NEAREST, input, sizes, *steps)
    return apply(_LINEAR, input, sizes, bool(align_corners), *steps)


def _checked_factor(factor: int, name: str) -> int:
    if not isinstance(factor, int) or factor < 1:
        raise ValueError(f"{name}: the factor must be a positive whole number, got {factor!r}")
    return factor


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Return images whose pixels are made of groups of channels: fewer channels, more pixels.

    Parameters
    ----------
    input : Tensor
        ``(..., C * r * r, H, W)``.
    upscale_factor : int
        ``r``.

    Returns
    -------
    Tensor
        ``(..., C, H * r, W * r)``.

    Source
    ------
    Shi et al., arXiv:1609.05158.

    Example
    -------
    >>> F.pixel_shuffle(sc.arange(4.0).reshape(1, 4, 1, 1), 2)
    tensor([[[[0., 1.],
              [2., 3.]]]])
    """
    r = _checked_factor(upscale_factor, "pixel_shuffle")
    if input.ndim < 3 or input.shape[-3] % r**2:
        raise ValueError(
            f"pixel_shuffle: input has shape {tuple(input.shape)}, expected (..., C * {r**2}, H, W) for the factor {r}"
        )
    *lead, channels, height, width = input.shape
    parts = input.reshape((*lead, channels // r**2, r, r, height, width))
    first = len(lead)
    order = (*range(first + 1), first + 3, first + 1, first + 4, first + 2)
    return parts.permute(order).reshape((*lead, channels // r**2, height * r, width * r))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Return images whose channels are made of pixels: the reverse of `pixel_shuffle`.

    Parameters
    ----------
    input : Tensor
        ``(..., C, H * r, W * r)``.
    downscale_factor : int
        ``r``.

    Returns
    -------
    Tensor
        ``(..., C * r * r, H, W)``.

    Example
    -------
    >>> F.pixel_unshuffle(sc.arange(4.0).reshape(1, 1, 2, 2), 2).shape
    swiftconv.Size([1, 4, 1, 1])
    """
    r = _checked_factor(downscale_factor, "pixel_unshuffle")
    if input.ndim < 3 or input.shape[-1] % r or input.shape[-2] % r:
        raise ValueError(f"pixel_unshuffle: input has shape {tuple(input.shape)}, expected (..., C, H * {r}, W * {r})")
    *lead, channels, height, width = input.shape
    parts = input.reshape((*lead, channels, height // r, r, width // r, r))
    first = len(lead)
    order = (*range(first + 1), first + 2, first + 4, first + 1, first + 3)
    return parts.permute(order).reshape((*lead, channels * r**2, height // r, width // r))
