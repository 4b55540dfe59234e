"""The libraries that are compared, each behind the same few methods.

A peer that is not installed is skipped. Libraries with PyTorch's names share `TensorPeer`, so that both run the very
same lines of `cases.py`; those that only know arrays have `corr2d` and elementary operations.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

Call = Callable[[], Any]


class Peer:
    """A library under test."""

    name: str
    version: str

    def set_threads(self, count: int) -> None:
        """Use this many threads in one call, where the library has such a setting."""

    def arrays(self, results: Any) -> list[np.ndarray]:
        """Results as NumPy arrays, to be checked."""
        return [np.asarray(results)]

    def corr2d(self, x: np.ndarray, k: np.ndarray) -> Call | None:
        """The correlation of one plane with one kernel, without padding."""
        return None

    def elementary(self, operation: str, a: np.ndarray, b: np.ndarray) -> Call | None:
        """`a + b`, `a * b` or the sum of `a`."""
        return None


class TensorPeer(Peer):
    """A library with PyTorch's names."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.name = module.__name__
        self.version = module.__version__

    def set_threads(self, count: int) -> None:
        self.module.set_num_threads(count)

    def tensor(self, array: np.ndarray, requires_grad: bool = False) -> Any:
        """A tensor with a copy of the array."""
        result = self.module.tensor(array.copy())
        return result.requires_grad_() if requires_grad else result

    def arrays(self, results: Any) -> list[np.ndarray]:
        if not isinstance(results, (tuple, list)):
            results = [results]
        return [np.array(result.detach().numpy()) for result in results]

    def corr2d(self, x: np.ndarray, k: np.ndarray) -> Call:
        x_tensor, k_tensor = self.tensor(x), self.tensor(k)
        if hasattr(self.module, "corr2d"):
            return lambda: self.module.corr2d(x_tensor, k_tensor)
        conv2d = self.module.nn.functional.conv2d
        images, weight = x_tensor[None, None], k_tensor[None, None]
        return lambda: conv2d(images, weight)[0, 0]

    def elementary(self, operation: str, a: np.ndarray, b: np.ndarray) -> Call:
        x, y = self.tensor(a), self.tensor(b)
        return {"add": lambda: x + y, "mul": lambda: x * y, "sum": lambda: x.sum()}[operation]


class NumpyPeer(Peer):
    name = "numpy"
    version = np.__version__

    def corr2d(self, x: np.ndarray, k: np.ndarray) -> Call:
        # Shifted planes: the fastest that NumPy has for kernels of a few elements.
        (kh, kw), (h, w) = k.shape, (x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1)

        def run() -> np.ndarray:
            y = np.zeros((h, w), x.dtype)
            for i in range(kh):
                for j in range(kw):
                    y += k[i, j] * x[i : i + h, j : j + w]
            return y

        return run

    def elementary(self, operation: str, a: np.ndarray, b: np.ndarray) -> Call:
        return {"add": lambda: a + b, "mul": lambda: a * b, "sum": lambda: a.sum()}[operation]


class ScipyPeer(Peer):
    name = "scipy"

    def __init__(self, module: ModuleType) -> None:
        self.version = module.__version__
        self.signal = importlib.import_module("scipy.signal")

    def corr2d(self, x: np.ndarray, k: np.ndarray) -> Call:
        if k.size < 100:
            return lambda: self.signal.correlate2d(x, k, mode="valid")
        return lambda: self.signal.correlate(x, k, mode="valid", method="fft")


class OpenCVPeer(Peer):
    name = "opencv"

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.version = module.__version__

    def set_threads(self, count: int) -> None:
        self.module.setNumThreads(count)

    def corr2d(self, x: np.ndarray, k: np.ndarray) -> Call:
        h, w = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
        # The result has the input's size; the anchor in the corner puts what is wanted at its beginning.
        return lambda: self.module.filter2D(x, -1, k, anchor=(0, 0))[:h, :w]


_KNOWN: dict[str, tuple[str, Callable[[ModuleType], Peer]]] = {
    "swiftconv": ("swiftconv", TensorPeer),
    "torch": ("torch", TensorPeer),
    "numpy": ("numpy", lambda module: NumpyPeer()),
    "scipy": ("scipy", ScipyPeer),
    "opencv": ("cv2", OpenCVPeer),
}


def available(wanted: list[str] | None = None) -> tuple[list[Peer], list[str]]:
    """The peers that can be imported, swiftconv first, and the names of the others."""
    found, missing = [], []
    for name, (module, make) in _KNOWN.items():
        if wanted and name not in wanted and name != "swiftconv":
            continue
        try:
            found.append(make(importlib.import_module(module)))
        except ImportError:
            missing.append(name)
    return found, missing
