"""Making tensors: from Python's numbers, from arrays, or filled with a value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from . import _core, _dtype
from ._arguments import creation_size
from ._device import check_device
from ._device import device as Device

if TYPE_CHECKING:
    from .tensor import Tensor

    DType = _dtype.dtype

__all__ = [
    "arange",
    "as_tensor",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]

_FULL = _core.operators["full"]
_CAST = _core.operators["cast"]
_CLONE = _core.operators["clone"]


def finished(result: Tensor, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    """Convert a new tensor and mark it as a leaf, as the keywords that all functions here share say."""
    check_device(device)
    if dtype is not None:
        result = _core.apply(_CAST, result, _dtype.to_dtype(dtype).code)
    if requires_grad:
        result.requires_grad = True
    return result


# ---- From data -------------------------------------------------------------------------------------------------------


def _with_arrays(data: Any) -> Any:
    """Nested lists with arrays in place of tensors and of other objects that can become arrays."""
    if isinstance(data, (list, tuple)):
        return [_with_arrays(each) for each in data] if set(map(type, data)) - _dtype.OF_NUMBER.keys() else data
    if isinstance(data, _core.TensorBase):
        return data.detach().numpy()
    is_array = isinstance(data, (numpy.ndarray, numpy.generic))
    return numpy.asarray(data) if hasattr(data, "__array__") and not is_array else data


def _dtype_of(data: Any) -> DType | None:
    """The dtype that numbers in nested lists get; None for a list without elements."""
    if isinstance(data, (list, tuple)):
        kinds = set(map(type, data))
        if kinds <= _dtype.OF_NUMBER.keys():
            found = [_dtype.OF_NUMBER[kind] for kind in kinds]
        else:
            found = [each for each in map(_dtype_of, data) if each is not None]
        return max(found, key=lambda each: each.code, default=None)
    if isinstance(data, (numpy.ndarray, numpy.generic)):
        return _dtype.from_numpy_dtype(data.dtype)
    for kind, dtype in _dtype.OF_NUMBER.items():
        if isinstance(data, kind):
            return dtype
    raise TypeError(
        f"tensor: cannot make a tensor of {type(data).__name__}; expected numbers, nested lists or an array"
    )


def _array_of(data: Any, dtype: DType | None) -> numpy.ndarray:
    """A new array with the values of nested lists; in their own dtype where `dtype` would lose something."""
    data = _with_arrays(data)
    found = _dtype_of(data) or dtype or _dtype.float32
    wanted = found if dtype is None or dtype.code < found.code else dtype
    try:
        values = numpy.array(data, dtype=wanted.numpy_dtype)
    except OverflowError:
        raise ValueError(f"tensor: a number in the data does not fit {wanted}") from None
    except ValueError:
        raise ValueError("tensor: the nested lists have different lengths; all rows must be equally long") from None
    if dtype in (_dtype.uint8, _dtype.int32) and found is _dtype.int64 and values.size:
        limits = numpy.iinfo(dtype.numpy_dtype)
        if values.min() < limits.min or values.max() > limits.max:
            raise ValueError(f"tensor: a number in the data does not fit {dtype}, {limits.min} to {limits.max}")
    return values


def tensor(
    data: Any, *, dtype: DType | None = None, device: Device | str | None = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor with a copy of the data.

    Parameters
    ----------
    data : number, nested sequence, numpy.ndarray or Tensor
        Python's floats become float32, integers int64 and bools bool; arrays and tensors keep their dtype.
    dtype : dtype, optional
        Another dtype for the elements.
    device : device or str, optional
        Only "cpu".
    requires_grad : bool
        Whether gradients are wanted.

    Returns
    -------
    Tensor
        The shape of the data.

    Raises
    ------
    TypeError
        For data that is no numbers, and for dtypes that tensors do not have.
    ValueError
        When nested sequences have different lengths, or a number does not fit.

    Example
    -------
    >>> sc.tensor([[0.0, 1.0], [2.0, 3.0]])
    tensor([[0., 1.],
            [2., 3.]])
    >>> sc.tensor([1, 2], dtype=sc.float64)
    tensor([1., 2.], dtype=swiftconv.float64)
    """
    wanted = None if dtype is None else _dtype.to_dtype(dtype)
    if isinstance(data, _core.TensorBase):
        result = _core.apply(_CLONE, data.detach())
    elif isinstance(data, (numpy.ndarray, numpy.generic)):
        result = _core.apply(_CLONE, _core.from_buffer(numpy.asarray(data)))
    elif hasattr(data, "__array__") and not isinstance(data, (list, tuple)):
        result = _core.apply(_CLONE, _core.from_buffer(numpy.asarray(data)))
    else:
        result = _core.from_buffer(_array_of(data, wanted))
    return finished(result, wanted, device, requires_grad)


def as_tensor(data: Any, dtype: DType | None = None, device: Device | str | None = None) -> Tensor:
    """Return the data as a tensor: itself if it is one, on the array's memory if it is an array, else a copy.

    Example
    -------
    >>> array = np.zeros(2)
    >>> x = sc.as_tensor(array)
    >>> array[0] = 1
    >>> x
    tensor([1., 0.], dtype=swiftconv.float64)
    """
    if isinstance(data, _core.TensorBase):
        check_device(device)
        return data if dtype is None else data.to(dtype)
    if isinstance(data, numpy.ndarray):
        return finished(_core.from_buffer(data), dtype, device, False)
    return tensor(data, dtype=dtype, device=device)


def from_numpy(ndarray: numpy.ndarray) -> Tensor:
    """Return a tensor on an array's memory: a change of one shows in the other.

    Parameters
    ----------
    ndarray : numpy.ndarray
        Any strides, also negative and zero ones; float32, float64, int64, int32, uint8 or bool. A read-only array makes
        a tensor that cannot be modified in place.

    Raises
    ------
    TypeError
        For arrays that would need a copy; the text names the cast to write.

    Example
    -------
    >>> array = np.array([1.0, 2.0], dtype=np.float32)
    >>> x = sc.from_numpy(array[::-1])
    >>> x[0] = 7
    >>> array.tolist()
    [1.0, 7.0]
    """
    if not isinstance(ndarray, numpy.ndarray):
        raise TypeError(f"from_numpy: expected a numpy.ndarray, got {type(ndarray).__name__}; use tensor() for a copy")
    return _core.from_buffer(ndarray)


def from_dlpack(ext_tensor: Any) -> Tensor:
    """Return a tensor on the memory of another library's tensor, by the DLPack protocol.

    Parameters
    ----------
    ext_tensor : object with ``__dlpack__``, or a DLPack capsule
        On the CPU.

    Raises
    ------
    TypeError
        When the object does not speak the protocol, or has a dtype that tensors do not have.
    BufferError
        When the memory is on another device or may not be shared.

    Example
    -------
    >>> sc.from_dlpack(np.array([1.0, 2.0]))
    tensor([1., 2.], dtype=swiftconv.float64)
    """
    if not hasattr(ext_tensor, "__dlpack__"):
        if type(ext_tensor).__name__ == "PyCapsule":
            return _core.from_dlpack(ext_tensor)
        raise TypeError(f"from_dlpack: {type(ext_tensor).__name__} has no __dlpack__ method")
    kind, _ = ext_tensor.__dlpack_device__()
    if int(kind) != 1:
        raise BufferError(f"from_dlpack: the data is on another device (DLPack type {int(kind)}); move it to the CPU")
    return _core.from_dlpack(ext_tensor.__dlpack__())


# ---- One value -------------------------------------------------------------------------------------------------------


def _filled(value: Any, shape: tuple[int, ...], dtype: Any, device: Any, requires_grad: bool, default: DType) -> Tensor:
    check_device(device)
    wanted = default if dtype is None else _dtype.to_dtype(dtype)
    result = _core.apply(_FULL, value, wanted.code, shape)
    if requires_grad:
        result.requires_grad = True
    return result


def zeros(
    *shape: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of zeros.

    Parameters
    ----------
    *shape : int
        The sizes, as several numbers or as one sequence.
    size : sequence of int, optional
        Another place for the sizes.
    dtype : dtype, optional
        float32 unless given.
    device, requires_grad
        As for `tensor`.

    Raises
    ------
    ValueError
        When a size is negative or the tensor would have more than 8 axes.
    MemoryError
        When there is no room.

    Example
    -------
    >>> sc.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    sizes = creation_size(shape, size, "zeros")
    return _filled(0, sizes, dtype, device, requires_grad, _dtype.float32)


def ones(
    *shape: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of ones; arguments as for `zeros`.

    Example
    -------
    >>> sc.ones((2,), dtype=sc.int64)
    tensor([1, 1])
    """
    sizes = creation_size(shape, size, "ones")
    return _filled(1, sizes, dtype, device, requires_grad, _dtype.float32)


def empty(
    *shape: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor whose elements are whatever the memory holds; arguments as for `zeros`.

    Example
    -------
    >>> sc.empty(2, 3).shape
    swiftconv.Size([2, 3])
    """
    sizes = creation_size(shape, size, "empty")
    wanted = _dtype.float32 if dtype is None else _dtype.to_dtype(dtype)
    return finished(_core.empty(sizes, wanted.code), None, device, requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor with the same value everywhere, by default in the dtype of that value.

    Example
    -------
    >>> sc.full((2,), 7)
    tensor([7, 7])
    """
    shape = creation_size((size,), None, "full")
    default = fill_value.dtype if isinstance(fill_value, _core.TensorBase) else _dtype_of(fill_value)
    if default is None:
        raise TypeError(f"full: expected a number, got {fill_value!r}")
    return _filled(fill_value, shape, dtype, device, requires_grad, default)


def zeros_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.zeros_like(sc.tensor([1, 2]))
    tensor([0, 0])
    """
    return _filled(0, tuple(input.shape), dtype, device, requires_grad, input.dtype)


def ones_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.ones_like(sc.tensor([1.5, 2.5]))
    tensor([1., 1.])
    """
    return _filled(1, tuple(input.shape), dtype, device, requires_grad, input.dtype)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return one value everywhere in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.full_like(sc.tensor([1.5, 2.5]), 3)
    tensor([3., 3.])
    """
    return _filled(fill_value, tuple(input.shape), dtype, device, requires_grad, input.dtype)


def empty_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return whatever the memory holds, in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.empty_like(sc.zeros(3)).shape
    swiftconv.Size([3])
    """
    return empty(tuple(input.shape), dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


# ---- Sequences -------------------------------------------------------------------------------------------------------


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the numbers from `start` up to but without `end`; int64 if all three are integers, else float32.

    Example
    -------
    >>> sc.arange(4), sc.arange(1, 2, 0.5)
    (tensor([0, 1, 2, 3]), tensor([1.0000, 1.5000]))
    """
    if end is None:
        start, end = 0, start
    first, last, distance = _number(start), _number(end), _number(step)
    if distance == 0 or not all(map(math.isfinite, (first, last, distance))):
        raise ValueError(f"arange: start, end and step must be finite and step not 0, got {start}, {end}, {step}")
    if (last - first) * distance < 0:
        raise ValueError(f"arange: a step of {step} does not lead from {start} to {end}")
    is_integer = all(isinstance(each, int) for each in (first, last, distance))
    values = numpy.arange(first, last, distance, dtype=numpy.int64 if is_integer else numpy.float64)
    default = _dtype.int64 if is_integer else _dtype.float32
    return finished(_core.from_buffer(values), dtype or default, device, requires_grad)


def _number(value: Any) -> Any:
    """A Python number, from one or from a tensor or array with one element."""
    return value.item() if hasattr(value, "item") else value


def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `steps` numbers from `start` to `end`, both included, at equal distances.

    Example
    -------
    >>> sc.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    (count,) = creation_size((steps,), None, "linspace")
    values = numpy.linspace(_number(start), _number(end), count)
    return finished(_core.from_buffer(values), dtype or _dtype.float32, device, requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a matrix ``(n, m)`` with ones on the diagonal and zeros elsewhere; square without `m`.

    Example
    -------
    >>> sc.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    shape = creation_size((n, n if m is None else m), None, "eye")
    result = _filled(0, shape, dtype, device, False, _dtype.float32)
    result.diagonal().fill_(1)
    if requires_grad:
        result.requires_grad = True
    return result
