"""NumPy, SciPy and OpenCV, which have `corr2d` and elementary operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from operations import Corr2d, Elementary, Linear

from .peer import Peer

Function = Callable[..., Any]


class NumPy(Peer):
    version = np.__version__

    def elementary(self, o: Elementary) -> Function | None:
        if o.tape:
            return None
        return {"add": lambda a, b: a + b, "mul": lambda a, b: a * b, "sum": lambda a, b: a.sum()}[o.name]

    def linear(self, o: Linear) -> Function:
        return (lambda x, w, b: x @ w.T + b) if o.bias else (lambda x, w: x @ w)


class SciPy(Peer):
    """Large kernels by FFT, with as many threads as the others have."""

    def __init__(self, threads: int) -> None:
        import scipy.fft
        import scipy.signal

        self.threads = threads
        self.fft, self.signal, self.version = scipy.fft, scipy.signal, scipy.__version__

    def corr2d(self, o: Corr2d) -> Function:
        def by_fft(x: np.ndarray, k: np.ndarray) -> np.ndarray:
            with self.fft.set_workers(self.threads):
                return self.signal.correlate(x, k, mode="valid", method="fft")

        def directly(x: np.ndarray, k: np.ndarray) -> np.ndarray:
            return self.signal.correlate2d(x, k, mode="valid")

        return directly if o.kernel[0] * o.kernel[1] < 100 else by_fft


class OpenCV(Peer):
    def __init__(self, threads: int) -> None:
        import cv2

        cv2.setNumThreads(threads)
        self.cv2, self.version = cv2, cv2.__version__

    def corr2d(self, o: Corr2d) -> Function:
        h, w = o.output
        # The result has the input's size; the anchor in the corner puts what is wanted at its beginning.
        return lambda x, k: self.cv2.filter2D(x, -1, k, anchor=(0, 0))[:h, :w]
