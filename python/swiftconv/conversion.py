"""Making tensors of what there is already: Python's numbers, arrays, buffers and tensors of other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from . import _core, _dtype
from ._device import check_device
from ._device import device as Device

if TYPE_CHECKING:
    from ._dtype import dtype as DType
    from .tensor import Tensor

__all__ = ["as_tensor", "from_dlpack", "from_numpy", "frombuffer", "tensor"]

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


def _with_arrays(data: Any) -> Any:
    """Nested lists with arrays in place of tensors and of other objects that can become arrays."""
    if isinstance(data, (list, tuple)):
        return [_with_arrays(each) for each in data] if set(map(type, data)) - _dtype.OF_NUMBER.keys() else data
    if isinstance(data, _core.TensorBase):
        return data.detach().numpy()
    is_array = isinstance(data, (numpy.ndarray, numpy.generic))
    return numpy.asarray(data) if _is_like_array(data) and not is_array else data


def _is_like_array(data: Any) -> bool:
    """Tell whether NumPy can see an object's memory: a picture, a column of a table, a buffer."""
    if hasattr(data, "__array__") or hasattr(data, "__array_interface__"):
        return True
    if isinstance(data, (str, bytes, bytearray, list, tuple, int, float)):
        return False
    try:
        memoryview(data).release()
    except TypeError:
        return False
    return True


def dtype_of(data: Any) -> DType | None:
    """The dtype that numbers in nested lists get; None for a list without elements."""
    if isinstance(data, (list, tuple)):
        kinds = set(map(type, data))
        if kinds <= _dtype.OF_NUMBER.keys():
            found = [_dtype.OF_NUMBER[kind] for kind in kinds]
        else:
            found = [each for each in map(dtype_of, data) if each is not None]
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
    found = dtype_of(data) or dtype or _dtype.float32
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
    data : number, nested sequence, numpy.ndarray, Tensor, or what NumPy can see as an array
        Python's floats become float32, integers int64 and bools bool. Arrays and tensors keep their dtype; so do
        pictures of Pillow, columns of pandas and Arrow, and objects with a buffer, such as ``array.array``.
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
    elif _is_like_array(data):
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


def frombuffer(buffer: Any, *, dtype: DType, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    r"""Return a tensor with one axis on the memory of an object that has a buffer, such as bytes or ``array.array``.

    Parameters
    ----------
    buffer : object with a buffer
        Its memory is shared. Where it is read-only, so is the tensor.
    dtype : dtype
        How to read the memory.
    count : int
        How many elements to take; -1 takes all.
    offset : int
        How many bytes to skip first.
    requires_grad : bool
        Whether gradients are wanted.

    Raises
    ------
    ValueError
        When the buffer is too short, or its length is no multiple of an element's.

    Example
    -------
    >>> sc.frombuffer(b"\x01\x02\x03", dtype=sc.uint8, offset=1)
    tensor([2, 3], dtype=swiftconv.uint8)
    """
    array = numpy.frombuffer(buffer, _dtype.to_dtype(dtype).numpy_dtype, count, offset)
    return finished(_core.from_buffer(array), None, None, requires_grad)


def from_dlpack(ext_tensor: Any) -> Tensor:
    """Return a tensor on the memory of another library's tensor, by the DLPack protocol.

    Parameters
    ----------
    ext_tensor : object with __dlpack__, or a DLPack capsule
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
