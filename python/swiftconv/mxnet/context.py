"""``mxnet.context``: where arrays live. Here that is the CPU alone."""

from __future__ import annotations

import threading
from typing import Any

from ..dialects.switch import missing
from .base import MXNetError

_local = threading.local()


class Context:
    """A device: ``cpu(0)``, or ``gpu(i)``, of which there are none.

    Parameters
    ----------
    device_type : {"cpu", "gpu"} or Context
        The kind of device.
    device_id : int
        Its number.

    Example
    -------
    >>> from swiftconv.mxnet import context
    >>> context.cpu(), context.cpu() == context.Context("cpu", 0)
    (cpu(0), True)
    """

    def __init__(self, device_type: Any, device_id: int = 0) -> None:
        if isinstance(device_type, Context):
            device_type, device_id = device_type.device_type, device_type.device_id
        self.device_type = device_type
        self.device_id = device_id

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Context) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return f"{self.device_type}({self.device_id})"

    def __enter__(self) -> Context:
        check(self)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def empty_cache(self) -> None:
        """Do nothing; there is no cache of a graphics card."""


def cpu(device_id: int = 0) -> Context:
    """Return the CPU."""
    return Context("cpu", device_id)


def gpu(device_id: int = 0) -> Context:
    """Return the name of a graphics card; arrays cannot be put on it."""
    return Context("gpu", device_id)


def num_gpus() -> int:
    """Return how many graphics cards can be used: none.

    Example
    -------
    >>> from swiftconv.mxnet import npx
    >>> npx.num_gpus()
    0
    """
    return 0


def current_context() -> Context:
    """Return where new arrays are made."""
    return cpu()


def check(ctx: Any) -> None:
    """Refuse every place but the CPU; a list of places is checked one by one."""
    for each in ctx if isinstance(ctx, (list, tuple)) else [ctx]:
        if each is not None and each.device_type not in ("cpu", "cpu_pinned", "cpu_shared"):
            raise MXNetError(f"{each} is not there: swiftconv computes on the CPU; use cpu(), or try_gpu() of d2l")


__getattr__ = missing("mxnet", "mxnet.context", globals())
