"""Tensors: how they are made from values, printed, indexed and combined by operators."""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from .. import ops
from ..conversion import from_numpy
from ..tensor import Tensor as Native
from . import _dtypes
from ._index import normal_index, taken
from ._shape import TensorShape
from ._tape import recording
from .errors import DEVICE, InvalidArgumentError, ending, fault

# What TensorFlow's errors call these dtypes.
_SPOKEN = {"float32": "float", "float64": "double"}


def _numpy_1_style() -> contextlib.AbstractContextManager[object]:
    """Print as NumPy 1 does: NumPy 2 would add the type to numbers and the shape to arrays that it cuts short."""
    if numpy.lib.NumpyVersion(numpy.__version__) < "2.0.0":
        return contextlib.nullcontext()
    return numpy.printoptions(legacy="1.25")


def numpy_text(array: numpy.ndarray, is_repr: bool = False) -> str:
    """Return an array as NumPy 1 prints it, which is what TensorFlow shows; several lines begin on a new one."""
    if array.dtype == numpy.int64:
        # NumPy has two names for these integers and shows the type of one of them only.
        array = array.view(numpy.int64)
    with _numpy_1_style():
        text = repr(array) if is_repr and array.ndim else str(array[()])
    return "\n" + text if "\n" in text else text


class Operand:
    """What tensors and variables share: operators and conversions."""

    __slots__ = ("__weakref__",)

    __array_priority__ = 100

    def _value(self) -> Native:
        """Return swiftconv's tensor, to compute with."""
        # Abstract, as `_plain` is: a tensor holds it, a variable gives what the tape watches.
        raise NotImplementedError

    def _plain(self) -> Native:
        """Return swiftconv's tensor, to look at."""
        # Abstract: see `_value`.
        raise NotImplementedError

    @property
    def shape(self) -> TensorShape:
        """The sizes."""
        return TensorShape(tuple(self._plain().shape))

    @property
    def dtype(self) -> _dtypes.DType:
        """The type of the elements."""
        return _dtypes.of_native(self._plain().dtype)

    @property
    def device(self) -> str:
        """Where the elements are: the CPU."""
        return DEVICE

    def get_shape(self) -> TensorShape:
        """Return the sizes."""
        return self.shape

    def numpy(self) -> Any:
        """Return the elements as a NumPy array, or as a NumPy number if there are no axes."""
        return self._plain().detach().numpy()[()]

    def _array(self) -> numpy.ndarray:
        return self._plain().detach().numpy()

    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> numpy.ndarray:
        array = self._array()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __len__(self) -> int:
        if not self.shape.rank:
            raise TypeError("Scalar tensor has no `len()`")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape.rank:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[index] for index in range(self.shape[0]))

    def __bool__(self) -> builtins.bool:
        return builtins.bool(self._array())

    def _single(self) -> Any:
        array = self._array()
        if array.size != 1:
            raise TypeError("only size-1 arrays can be converted to Python scalars")
        return array.reshape(())

    def __int__(self) -> int:
        return int(self._single())

    def __float__(self) -> float:
        return float(self._single())

    def __index__(self) -> int:
        return self._array().__index__()

    def __format__(self, specification: str) -> str:
        return self.numpy().__format__(specification) if self.shape.rank == 0 else self._formatted(specification)

    def _formatted(self, specification: str) -> str:
        return format(self._array(), specification) if specification else str(self)

    def __hash__(self) -> int:
        kind = "Tensor" if isinstance(self, Tensor) else "Variable"
        raise TypeError(f"{kind} is unhashable. Instead, use tensor.ref() as the key.")

    def ref(self) -> Reference:
        """Return something hashable that stands for this object."""
        return Reference(self)

    def __getitem__(self, index: Any) -> Any:
        value = self._value()
        if isinstance(index, (Operand, numpy.ndarray)) and native(index).dtype is _dtypes.bool.native:
            return EagerTensor(value[native(index)])
        return EagerTensor(taken(value, normal_index(index, value.shape)))

    def __neg__(self) -> Any:
        return EagerTensor(ops.neg(self._value()))

    def __abs__(self) -> Any:
        return EagerTensor(ops.abs(self._value()))

    def __invert__(self) -> Any:
        return EagerTensor(ops.logical_not(self._value()))


class Reference:
    """A hashable stand-in for a tensor or a variable; `deref` gives it back."""

    __slots__ = ("_object",)

    def __init__(self, held: Any) -> None:
        self._object = held

    def deref(self) -> Any:
        """Return the object."""
        return self._object

    def __eq__(self, other: Any) -> builtins.bool:
        return isinstance(other, Reference) and other._object is self._object

    def __hash__(self) -> int:
        return id(self._object)


class Tensor(Operand):
    """``tf.Tensor``, for isinstance; tensors are made by `constant` and other functions."""

    __slots__ = ()


class EagerTensor(Tensor):
    """A tensor, which cannot be changed.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.constant([[1.0, 2.0]]) * 2
    <tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[2., 4.]], dtype=float32)>
    >>> print(tf.constant(3.0))
    tf.Tensor(3.0, shape=(), dtype=float32)
    """

    __slots__ = ("_t",)

    def __init__(self, value: Native) -> None:
        self._t = value

    def _value(self) -> Native:
        return self._t if not self._t.requires_grad or recording() else self._t.detach()

    def _plain(self) -> Native:
        return self._t

    def _watch(self) -> None:
        self._t = self._t.detach().requires_grad_()

    def _unwatch(self) -> None:
        self._t = self._t.detach()

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._t.ndim

    def set_shape(self, shape: Any) -> None:
        """Check that the tensor has this shape."""
        self.shape.assert_is_compatible_with(shape)

    def __getattr__(self, name: str) -> Any:
        if name in ("T", "astype", "ravel", "transpose", "reshape", "clip", "size", "tolist", "data"):
            raise AttributeError(
                f"{type(self).__name__} object has no attribute '{name}'. \n        If you are looking for "
                "numpy-related methods, please run the following:\n"
                "        from tensorflow.python.ops.numpy_ops import np_config\n"
                "        np_config.enable_numpy_behavior()\n      "
            )
        raise AttributeError(f"'{type(self).__module__}.{type(self).__name__}' object has no attribute '{name}'")

    def __repr__(self) -> str:
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={numpy_text(self._array(), True)}>"

    def __str__(self) -> str:
        return f"tf.Tensor({numpy_text(self._array())}, shape={self.shape}, dtype={self.dtype.name})"

    def __setitem__(self, index: Any, value: Any) -> None:
        kind = type(self)
        raise TypeError(f"'{kind.__module__}.{kind.__name__}' object does not support item assignment")

    def __copy__(self) -> EagerTensor:
        return EagerTensor(self._t)

    def __deepcopy__(self, memo: Any) -> EagerTensor:
        return EagerTensor(self._t.detach().clone())

    def __reduce__(self) -> tuple[Any, ...]:
        return convert, (self._array(),)


EagerTensor.__module__ = Tensor.__module__ = "tensorflow.python.framework.ops"


def convert(value: Any, dtype: Any = None, hint: Any = None) -> EagerTensor:
    """Return a value as a tensor, with TensorFlow's rules for what may become what.

    Parameters
    ----------
    value : Tensor, Variable, array, number or nested list
        Python's ints become int32 and floats float32.
    dtype : DType, optional
        What the elements must be.
    hint : DType, optional
        What Python numbers and arrays become if they can.
    """
    wanted = None if dtype is None else _dtypes.as_dtype(dtype)
    if isinstance(value, Operand):
        if wanted is not None and value.dtype is not wanted:
            raise ValueError(
                f"Tensor conversion requested dtype {wanted.name} for Tensor with dtype {value.dtype.name}: {value!r}"
            )
        return value if isinstance(value, EagerTensor) else EagerTensor(value._value())
    if isinstance(value, Native):
        return EagerTensor(value)
    if isinstance(value, TensorShape):
        value = value.as_list()
    wanted = wanted or (None if hint is None else _dtypes.as_dtype(hint))
    if isinstance(value, (list, tuple)) and _has_tensor(value):
        parts = [convert(each, wanted) for each in value]
        return EagerTensor(ops.stack([each._value() for each in parts]))
    return EagerTensor(from_numpy(_array_of(value, wanted)))


def _has_tensor(value: Any) -> builtins.bool:
    return any(isinstance(each, Operand) or (isinstance(each, (list, tuple)) and _has_tensor(each)) for each in value)


def _array_of(value: Any, wanted: _dtypes.DType | None) -> numpy.ndarray:
    """Return a copy of a value as an array of a type that swiftconv has."""
    try:
        array = numpy.array(value)
    except ValueError as error:
        raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from error
    if value is None:
        raise ValueError("Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.")
    if array.dtype.kind in "USO" and wanted is not None:
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {spoken(wanted)}")
    if array.dtype.kind in "USO":
        raise TypeError(f"Cannot convert {value!r} to EagerTensor: swiftconv has numbers and booleans only")
    if wanted is not None:
        return _in_dtype(value, array, wanted)
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        _dtypes.as_dtype(array.dtype)
        return array
    if array.dtype.kind == "i":
        if array.size and not -(2**31) <= array.min() <= array.max() < 2**31:
            return array.astype(numpy.int64)
        return array.astype(numpy.int32)
    return array.astype(numpy.bool_ if array.dtype.kind == "b" else numpy.float32)


def _in_dtype(value: Any, array: numpy.ndarray, wanted: _dtypes.DType) -> numpy.ndarray:
    from_python = not isinstance(value, (numpy.ndarray, numpy.generic))
    narrows = array.dtype.kind == "f" and not wanted.is_floating and array.size
    # Python's True may stand for 1, but nothing stands for True.
    mixes = array.dtype.kind != "b" if wanted.is_bool else array.dtype.kind == "b" and not from_python
    if (from_python and narrows) or (mixes and array.size):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {spoken(wanted)}")
    return array.astype(wanted.as_numpy_dtype)


def native(value: Any, dtype: Any = None, hint: Any = None) -> Native:
    """Return swiftconv's tensor for a value, to compute with."""
    if isinstance(value, Operand) and dtype is None:
        return value._value()
    return convert(value, dtype, hint)._value()


def matched(name: str, x: Any, y: Any, kernel: str | None = None) -> tuple[Native, Native]:
    """Return the operands of a binary operation; a Python number or an array takes the other's dtype.

    Raises
    ------
    InvalidArgumentError
        When both are tensors and their dtypes differ.
    """
    if isinstance(x, Operand):
        a = x._value()
        b = native(y, None, _dtypes.of_native(a.dtype))
    elif isinstance(y, Operand):
        b = y._value()
        a = native(x, None, _dtypes.of_native(b.dtype))
    else:
        a = native(x)
        b = native(y, None, _dtypes.of_native(a.dtype))
    if a.dtype is not b.dtype:
        first, second = (spoken(_dtypes.of_native(each.dtype)) for each in (a, b))
        raise InvalidArgumentError(
            f"cannot compute {kernel or name} as input #1(zero-based) was expected to be a {first} tensor "
            f"but is a {second} tensor {ending(name)}"
        )
    return a, b


def binary(name: str, function: Callable[[Native, Native], Native], x: Any, y: Any) -> EagerTensor:
    """Return a function of two operands; the errors are TensorFlow's."""
    a, b = matched(name, x, y)
    try:
        return EagerTensor(function(a, b))
    except (ValueError, RuntimeError) as error:
        if not _broadcast(a.shape, b.shape):
            raise fault(name, f"Incompatible shapes: {sizes_text(a.shape)} vs. {sizes_text(b.shape)}") from None
        zero = "division by zero" in str(error)
        raise fault(name, "Integer division by zero" if zero else str(error)) from None


def spoken(dtype: _dtypes.DType) -> str:
    """Return what TensorFlow's errors call a dtype."""
    return _SPOKEN.get(dtype.name, dtype.name)


def broadcastable(source: Any, shape: Any) -> builtins.bool:
    """Return whether a tensor of one shape can be written over one of another."""
    pairs = zip(tuple(source)[::-1], tuple(shape)[::-1], strict=False)
    return len(source) <= len(shape) and all(m in (1, n) for m, n in pairs)


def _broadcast(a: Any, b: Any) -> builtins.bool:
    return all(m == n or m == 1 or n == 1 for m, n in zip(tuple(a)[::-1], tuple(b)[::-1], strict=False))


def sizes_text(shape: Any) -> str:
    """Return sizes as TensorFlow's errors show them."""
    return f"[{','.join(map(str, shape))}]"
