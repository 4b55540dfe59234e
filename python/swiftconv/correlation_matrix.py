"""The chapter's operation as one matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from ._arguments import sizes
from ._core import TensorBase
from ._dtype import int64
from .conversion import as_tensor, from_numpy
from .creation import zeros

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from .tensor import Tensor


def corr2d_matrix(K: Tensor | numpy.ndarray, shape: tuple[int, int], *, sparse: bool = False) -> Tensor | csr_array:
    r"""Return the matrix that does to a flattened image what `corr2d` does to the image.

    .. math:: \operatorname{vec}(\text{corr2d}(X, K)) = M \operatorname{vec}(X), \qquad
              M_{(i,j),\,(i+a,\,j+b)} = K_{ab}

    Every row holds the kernel, moved to one position of the window, and zeros: a Toeplitz matrix of Toeplitz blocks. A
    fully connected layer is one whose matrix is free; sharing a few weights among mostly zeros is what makes a layer
    convolutional. The transposed matrix is the gradient with respect to the image, and the transposed convolution.

    Parameters
    ----------
    K : Tensor or numpy.ndarray
        The kernel, ``(h, w)``.
    shape : (int, int)
        The image's shape ``(H, W)``.
    sparse : bool
        Return a SciPy matrix that stores no zeros: ``(H - h + 1) * (W - w + 1) * h * w`` numbers.

    Returns
    -------
    Tensor or scipy.sparse.csr_array
        ``((H - h + 1) * (W - w + 1), H * W)`` in the kernel's dtype; int64 for integers and bools, as in `corr2d`.
        SciPy's matrix is for `sparse`. A tensor passes gradients on to a kernel that requires them.

    Raises
    ------
    ValueError
        When the kernel or the shape has not two axes, or the kernel is larger than the image.
    TypeError
        For `sparse` and a kernel that requires grad.
    ImportError
        For `sparse` without SciPy.

    Source
    ------
    Dive into Deep Learning, section 7.2.8, exercise 4, and section 14.10.3. Dumoulin, Visin, "A guide to convolution
    arithmetic for deep learning", arXiv:1603.07285, section 4.1.

    Example
    -------
    >>> X, K = sc.arange(9.0).reshape(3, 3), sc.arange(4.0).reshape(2, 2)
    >>> M = sc.corr2d_matrix(K, X.shape)
    >>> M[0]
    tensor([0., 1., 0., 2., 3., 0., 0., 0., 0.])
    >>> (M @ X.reshape(-1)).reshape(2, 2)
    tensor([[19., 25.],
            [37., 43.]])
    """
    kernel = _kernel(K)
    height, width = _image_shape(shape)
    h, w = kernel.shape
    if h > height or w > width:
        raise ValueError(
            f"corr2d_matrix: the kernel {(h, w)} is larger than the image {(height, width)}; use a smaller kernel"
        )
    windows = (height - h + 1, width - w + 1)
    if sparse:
        if kernel.requires_grad:
            raise TypeError("corr2d_matrix: SciPy would lose the gradient of K; use K.detach(), or sparse=False")
        return _sparse(kernel.numpy(), windows, (height, width))
    matrix = zeros(windows[0] * windows[1], height * width, dtype=kernel.dtype)
    columns = _columns(windows, (h, w), width)
    rows = numpy.arange(matrix.shape[0])[:, None]
    matrix[from_numpy(rows), from_numpy(columns)] = kernel.reshape(1, h * w)
    return matrix


def _kernel(K: Any) -> Tensor:
    if not isinstance(K, (TensorBase, numpy.ndarray, list, tuple)):
        raise TypeError(f"corr2d_matrix: K must be a Tensor or a numpy.ndarray, got {type(K).__name__}")
    kernel = as_tensor(K)
    if kernel.ndim != 2 or 0 in kernel.shape:
        raise ValueError(f"corr2d_matrix: K has shape {tuple(kernel.shape)}, expected 2 axes (h, w) with elements")
    return kernel if kernel.dtype.is_floating_point else kernel.to(int64)


def _image_shape(shape: Any) -> tuple[int, int]:
    found = sizes((shape,), "corr2d_matrix: shape")
    if len(found) != 2:
        raise ValueError(f"corr2d_matrix: shape is {found}, expected the image's (H, W)")
    return found[0], found[1]


def _columns(windows: tuple[int, int], kernel: tuple[int, int], width: int) -> numpy.ndarray:
    """Where in a flattened image the elements of every window lie: one row per window, in increasing order."""
    first = numpy.add.outer(numpy.arange(windows[0]) * width, numpy.arange(windows[1])).reshape(-1, 1)
    within = numpy.add.outer(numpy.arange(kernel[0]) * width, numpy.arange(kernel[1])).reshape(1, -1)
    return first + within


def _sparse(kernel: numpy.ndarray, windows: tuple[int, int], shape: tuple[int, int]) -> csr_array:
    try:
        from scipy.sparse import csr_array
    except ImportError:
        raise ImportError("corr2d_matrix: sparse=True needs SciPy; install it with: pip install scipy") from None
    count = windows[0] * windows[1]
    # What the kernel has as a zero is not stored either.
    kept = numpy.flatnonzero(kernel)
    columns = _columns(windows, kernel.shape, shape[1])[:, kept]
    ends = numpy.arange(count + 1) * kept.size
    values = numpy.tile(kernel.reshape(-1)[kept], count)
    return csr_array((values, columns.reshape(-1), ends), shape=(count, shape[0] * shape[1]))
