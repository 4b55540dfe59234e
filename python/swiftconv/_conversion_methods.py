"""Methods of tensors that convert them: to other dtypes, other libraries and other places in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from . import _core, _dtype
from ._core import apply, operators
from ._device import check_device
from ._device import device as Device

if TYPE_CHECKING:
    from ._dtype import dtype as DType
    from .tensor import Tensor

_CAST = operators["cast"]
_CLONE = operators["clone"]
_CONTIGUOUS = operators["contiguous"]

# ---- Conversions -----------------------------------------------------------------------------------------------------


def to(
    self: Tensor,
    *args: Any,
    dtype: DType | None = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
) -> Tensor:
    """Return the tensor in another dtype or on another device; itself when nothing changes.

    Parameters
    ----------
    *args : dtype, device, str or Tensor
        What to convert to; a tensor stands for its dtype.
    copy : bool
        Copy also when nothing changes.

    Raises
    ------
    RuntimeError
        For any device but the CPU.

    Example
    -------
    >>> sc.tensor([1.7, -1.7]).to(sc.int64)
    tensor([ 1, -1])
    """
    flags = [each for each in args if isinstance(each, bool)]
    if len(flags) > 2:
        raise TypeError(f"to: expected at most non_blocking and copy after dtype and device, got {flags}")
    copy = copy or flags[1:] == [True]
    for each in args:
        if isinstance(each, _core.TensorBase):
            dtype = each.dtype
        elif isinstance(each, (str, Device)):
            device = each
        elif not isinstance(each, bool) and each is not None:
            dtype = each
    check_device(device)
    wanted = self.dtype if dtype is None else _dtype.to_dtype(dtype)
    if wanted is not self.dtype:
        return apply(_CAST, self, wanted.code)
    return apply(_CLONE, self) if copy else self


def as_type(self: Tensor, dtype: DType | None = None) -> Any:
    """Return the tensor in another dtype; without an argument, the name of the tensor's type.

    Example
    -------
    >>> sc.zeros(2).type(), sc.zeros(2).type(sc.int64)
    ('swiftconv.FloatTensor', tensor([0, 0]))
    """
    if dtype is None:
        library, _, name = str(self.dtype).rpartition(".")
        names = {
            "float32": "Float",
            "float64": "Double",
            "int64": "Long",
            "int32": "Int",
            "uint8": "Byte",
            "bool": "Bool",
        }
        return f"{library}.{names[name]}Tensor"
    return to(self, dtype)


def type_as(self: Tensor, other: Tensor) -> Tensor:
    """Return the tensor in the dtype of another one.

    Example
    -------
    >>> sc.tensor([1.7, -1.7]).type_as(sc.tensor(0))
    tensor([ 1, -1])
    """
    return to(self, other.dtype)


def as_float(self: Tensor) -> Tensor:
    """Return the tensor in float32.

    Example
    -------
    >>> sc.tensor([1, 2]).float()
    tensor([1., 2.])
    """
    return to(self, _dtype.float32)


def half(self: Tensor) -> Tensor:
    """Raise TypeError: there is no 16-bit floating point here.

    Raises
    ------
    TypeError
        Always.

    Example
    -------
    >>> sc.ones(2).half()
    Traceback (most recent call last):
    TypeError: half: float16 is not supported; use float32 (.float()) or float64 (.double())
    """
    raise TypeError("half: float16 is not supported; use float32 (.float()) or float64 (.double())")


def double(self: Tensor) -> Tensor:
    """Return the tensor in float64.

    Example
    -------
    >>> sc.tensor([1, 2]).double()
    tensor([1., 2.], dtype=swiftconv.float64)
    """
    return to(self, _dtype.float64)


def as_int(self: Tensor) -> Tensor:
    """Return the tensor in int32.

    Example
    -------
    >>> sc.tensor([1.7, -1.7]).int()
    tensor([ 1, -1], dtype=swiftconv.int32)
    """
    return to(self, _dtype.int32)


def long(self: Tensor) -> Tensor:
    """Return the tensor in int64.

    Example
    -------
    >>> sc.tensor([1.7, -1.7]).long()
    tensor([ 1, -1])
    """
    return to(self, _dtype.int64)


def byte(self: Tensor) -> Tensor:
    """Return the tensor in uint8.

    Example
    -------
    >>> sc.tensor([1.7, 255.0]).byte()
    tensor([  1, 255], dtype=swiftconv.uint8)
    """
    return to(self, _dtype.uint8)


def as_bool(self: Tensor) -> Tensor:
    """Return whether each element is nonzero, in dtype bool.

    Example
    -------
    >>> sc.tensor([0.0, 0.5, -1.0]).bool()
    tensor([False,  True,  True])
    """
    return to(self, _dtype.bool)


def cpu(self: Tensor) -> Tensor:
    """Return the tensor itself: it lives on the CPU.

    Example
    -------
    >>> x = sc.zeros(2)
    >>> x.cpu() is x
    True
    """
    return self


def cuda(self: Tensor, device: Any = None) -> Tensor:
    """Raise RuntimeError: there are no graphics cards here.

    Example
    -------
    >>> sc.zeros(2).cuda()
    Traceback (most recent call last):
    RuntimeError: cuda: swiftconv computes on the CPU; leave the call out, or use .to('cpu')
    """
    raise RuntimeError("cuda: swiftconv computes on the CPU; leave the call out, or use .to('cpu')")


def is_floating_point(self: Tensor) -> bool:
    """Tell whether the dtype is a floating-point one.

    Example
    -------
    >>> sc.zeros(2).is_floating_point(), sc.tensor([1]).is_floating_point()
    (True, False)
    """
    return self.dtype.is_floating_point


def tolist(self: Tensor) -> Any:
    """Return the elements as nested lists of Python numbers; one number for a tensor without axes.

    Example
    -------
    >>> sc.tensor([[1, 2], [3, 4]]).tolist()
    [[1, 2], [3, 4]]
    """
    return self.detach().numpy().tolist()


def tobytes(self: Tensor) -> bytes:
    """Return a copy of the elements' memory, in the order of the axes.

    Example
    -------
    >>> sc.tensor([1, 2], dtype=sc.uint8).tobytes()
    b'\\x01\\x02'
    """
    return self.numpy().tobytes()


def numpy_array(self: Tensor, *, force: bool = False) -> numpy.ndarray:
    """Return an array on the tensor's memory: a change of one shows in the other.

    Parameters
    ----------
    force : bool
        Leave the graph behind instead of raising.

    Raises
    ------
    RuntimeError
        When the tensor requires grad, as changes through the array could not be recorded.

    Example
    -------
    >>> x = sc.zeros(2)
    >>> x.numpy()[0] = 5
    >>> x
    tensor([5., 0.])
    """
    if self.requires_grad:
        if not force:
            raise RuntimeError("Can't call numpy() on a tensor that requires grad; use tensor.detach().numpy()")
        self = self.detach()
    return numpy.asarray(memoryview(self))


# ---- Memory ----------------------------------------------------------------------------------------------------------


def contiguous(self: Tensor) -> Tensor:
    """Return the tensor with its elements one after the other in memory: itself, or a copy.

    Example
    -------
    >>> x = sc.zeros(2, 3)
    >>> x.contiguous() is x, x.t().contiguous().stride()
    (True, (2, 1))
    """
    return apply(_CONTIGUOUS, self)


def is_contiguous(self: Tensor) -> bool:
    """Tell whether the elements lie one after the other in memory, the last axis fastest.

    Example
    -------
    >>> x = sc.zeros(2, 3)
    >>> x.is_contiguous(), x.t().is_contiguous()
    (True, False)
    """
    return self.is_contiguous_


def data_ptr(self: Tensor) -> Any:
    """Return the address of the first element.

    Example
    -------
    >>> x = sc.zeros(2, 3)
    >>> x[1].data_ptr() - x.data_ptr()
    12
    """
    return self._data_ptr


def element_size(self: Tensor) -> Any:
    """Return the bytes per element.

    Example
    -------
    >>> sc.zeros(2).element_size()
    4
    """
    return self.dtype.itemsize


def dlpack_device(self: Tensor) -> tuple[Any, Any]:
    """Return DLPack's code for the CPU."""
    return (1, 0)


def dlpack(
    self: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
) -> Any:
    """Return a DLPack capsule, with which another library takes the tensor over without a copy.

    Raises
    ------
    BufferError
        When the tensor requires grad or is read-only, or when another device than the CPU is wanted.
    """
    if dl_device is not None and tuple(dl_device) != (1, 0):
        raise BufferError(f"__dlpack__: the tensor is on the CPU and cannot be exported to device {tuple(dl_device)}")
    return _core.to_dlpack(apply(_CLONE, self.detach()) if copy and not self.requires_grad else self)
