"""``mxnet.gluon.utils``: helpers of training."""

from __future__ import annotations

from typing import Any

from ...dialects.switch import missing
from .. import context
from .. import numpy as np
from ..array import ndarray


def split_and_load(data: Any, ctx_list: Any, batch_axis: int = 0, even_split: bool = True) -> list[ndarray]:
    """Return the batch in a list: there is one device.

    Example
    -------
    >>> from swiftconv.mxnet import cpu, gluon, np
    >>> gluon.utils.split_and_load(np.ones(2), [cpu()])
    [array([1., 1.])]
    """
    context.check(ctx_list)
    whole = data if isinstance(data, ndarray) else np.array(data)
    count = len(ctx_list)
    return [whole] if count == 1 else np.split(whole, count, batch_axis)


def clip_global_norm(arrays: list[ndarray], max_norm: float, check_isfinite: bool = True) -> float:
    """Scale arrays in place so that their common Euclidean length is at most `max_norm`; returns the length before."""
    length = float(np.sqrt(sum((each * each).sum() for each in arrays)))
    if length > max_norm:
        for each in arrays:
            each *= max_norm / (length + 1e-8)
    return length


__getattr__ = missing("mxnet", "mxnet.gluon.utils", globals())
