"""JAX's array: immutable, with NumPy's printing and JAX's types."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy

import swiftconv as sc

from .._core import TensorBase
from . import _errors
from ._dtypes import canonical, stored

if TYPE_CHECKING:
    from ._at import At

_NUMBERS = (bool, int, float)
_KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}


class Array:
    """An immutable array. Made by ``jnp.array``, ``jnp.zeros`` and the like.

    Attributes
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    weak_type : bool
        Whether the dtype comes from Python numbers only, and yields to others.
    at
        ``x.at[index].set(value)`` gives a changed copy.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> jnp.ones((2, 3)).at[:, 1:].set(0)
    Array([[1., 0., 0.],
           [1., 0., 0.]], dtype=float32)
    """

    __slots__ = ("__weakref__", "_tensor", "dtype", "weak_type")
    __array_priority__ = 100
    __hash__ = None

    def __init__(self, tensor: Any, dtype: numpy.dtype | None = None, weak_type: bool = False) -> None:
        self._tensor = tensor
        self.dtype = tensor.dtype.numpy_dtype if dtype is None else dtype
        self.weak_type = weak_type

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes."""
        return tuple(self._tensor.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._tensor.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._tensor.numel()

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.size * self.dtype.itemsize

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self.dtype.itemsize

    @property
    def T(self) -> Array:
        """The array with its axes in reverse order."""
        return Array(self._tensor.T, self.dtype, self.weak_type)

    @property
    def at(self) -> At:
        """What gives changed copies: ``x.at[index].set(value)``, ``add``, ``multiply`` and others."""
        from ._at import At

        return At(self)

    @property
    def _value(self) -> numpy.ndarray:
        values = self._tensor.detach().numpy()
        values = values.astype(self.dtype) if values.dtype != self.dtype else values.view()
        values.flags.writeable = False
        return values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> numpy.ndarray:
        if self._tensor.requires_grad:
            raise _errors.TracerArrayConversionError(self._value)
        values = self._value
        if dtype is not None and values.dtype != dtype:
            return values.astype(dtype)
        return values.copy() if copy else values

    def __repr__(self) -> str:
        width = numpy.get_printoptions()["linewidth"]
        text = numpy.array2string(self._value, prefix="Array(", suffix=",", separator=", ", max_line_width=width)
        kind = f"dtype={self.dtype.name}{', weak_type=True' if self.weak_type else ''})"
        # JAX means to break a line that grows too long, and puts six spaces instead.
        too_long = len(text) - text.rfind("\n") + 1 + len(kind) + 1 > width
        return f"Array({text},{' ' * len('Array(') if too_long else ' '}{kind}"

    def __str__(self) -> str:
        return str(self._value)

    def __format__(self, specification: str) -> str:
        return format(self._value[()] if self.ndim == 0 else self._value, specification)

    def item(self, *index: Any) -> Any:
        """Return the only element as a Python number."""
        return self._known(bool(index)).item(*index)

    def tolist(self) -> Any:
        """Return the elements as nested lists."""
        return self._known(any_size=True).tolist()

    def __float__(self) -> float:
        return float(self._known().item())

    def __int__(self) -> int:
        return int(self._known().item())

    def __complex__(self) -> complex:
        return complex(self._known().item())

    def __index__(self) -> int:
        return operator.index(self._known()[()] if self.ndim == 0 else self._known().item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
            )
        return bool(self._value)

    def _known(self, any_size: bool = False) -> numpy.ndarray:
        """The value as a number of Python's or NumPy's, which no gradient could go through."""
        if self._tensor.requires_grad:
            raise _errors.ConcretizationTypeError(self._value)
        if self.size != 1 and not any_size:
            raise TypeError("only size-1 arrays can be converted to Python scalars")
        return self._value

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Array]:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (Array(each, self.dtype, self.weak_type) for each in self._tensor)

    def __getitem__(self, index: Any) -> Array:
        places, turned = native_index(index, self.shape)
        tensor = self._tensor.flip(turned) if turned else self._tensor
        return Array(tensor[places], self.dtype, self.weak_type)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            f"'{type(self)}' object does not support item assignment. JAX arrays are immutable. Instead of ``x[idx] = "
            "y``, use ``x = x.at[idx].set(y)`` or another .at[] method: "
            "https://jax.readthedocs.io/en/latest/_autosummary/jax.numpy.ndarray.at.html"
        )

    def astype(self, dtype: Any) -> Array:
        """Return the array in another dtype."""
        return cast(self, canonical(dtype))

    def copy(self) -> Array:
        """Return the array."""
        return Array(self._tensor.clone(), self.dtype, self.weak_type)

    def __copy__(self) -> Array:
        return self

    def __deepcopy__(self, memo: Any) -> Array:
        return self.copy()

    def __reduce__(self) -> Any:
        return array, (numpy.array(self._value),)

    def block_until_ready(self) -> Array:
        """Return the array, which is ready."""
        return self

    def device(self) -> Any:
        """Return the device that holds the array."""
        from ._devices import CPU

        return CPU

    def devices(self) -> set[Any]:
        """Return the devices that hold the array."""
        return {self.device()}

    def __neg__(self) -> Array:
        return unary(operator.neg, self)

    def __pos__(self) -> Array:
        return self

    def __divmod__(self, other: Any) -> tuple[Array, Array]:
        return self // other, self % other

    def __round__(self, digits: int | None = None) -> Any:
        return int(self.round()) if digits is None else self.round(digits)

    def __abs__(self) -> Array:
        return unary(operator.abs, self)

    def __invert__(self) -> Array:
        return unary(operator.invert, self)


def _native_entry(entry: Any, size: int | None) -> Any:
    if isinstance(entry, Array):
        return entry._tensor if entry.ndim or entry.dtype.kind == "b" else _native_entry(int(entry), size)
    if isinstance(entry, numpy.ndarray):
        return sc.tensor(entry)
    if isinstance(entry, slice):
        bounds = (entry.start, entry.stop, entry.step)
        return slice(*(each if each is None else operator.index(each) for each in bounds))
    if isinstance(entry, (int, numpy.integer)) and not isinstance(entry, bool) and size:
        # Places beyond the ends are those at the ends.
        place = int(entry)
        return min(max(place + size if place < 0 else place, 0), size - 1)
    return entry


def _axes_taken(entry: Any) -> int:
    """How many axes an entry of an index is about."""
    if entry is None or isinstance(entry, (bool, numpy.bool_)):
        return 0
    is_mask = getattr(getattr(entry, "dtype", None), "kind", "") == "b"
    return entry.ndim if is_mask else 1


def _turned_slice(entry: slice, size: int) -> slice:
    """What a slice that walks backward is along an axis in reverse order."""
    places = range(*entry.indices(size))
    return slice(size - 1 - places[0], size - places[-1], -places.step) if places else slice(0, 0)


def native_index(index: Any, shape: tuple[int, ...]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """Return what a native tensor takes for an index of an array, and which of its axes must be reversed before."""
    entries = index if isinstance(index, tuple) else (index,)
    plain = all(entry is not None and entry is not Ellipsis and not hasattr(entry, "ndim") for entry in entries)
    left = len(shape) - sum(_axes_taken(entry) for entry in entries if entry is not Ellipsis)
    found, turned, axis = [], [], 0
    for entry in entries:
        native = _native_entry(entry, shape[axis] if plain and axis < len(shape) else None)
        # What native slices do not do: walk backward.
        if isinstance(native, slice) and (native.step or 1) < 0 and axis < len(shape):
            native = _turned_slice(native, shape[axis])
            turned.append(axis)
        found.append(native)
        axis += left if entry is Ellipsis else _axes_taken(entry)
    if any(isinstance(native, TensorBase) and native.ndim for native in found):
        # Beside arrays a number counts as one, and decides with them where their axes come.
        found = [sc.tensor([each]) if type(each) is int else each for each in found]
    return tuple(found), tuple(turned)


def wrapped(tensor: Any, weak_type: bool = False) -> Array:
    """Return a native result as an array, with 32 bits for each element."""
    if tensor.dtype is sc.int64:
        tensor = tensor.to(sc.int32)
    elif tensor.dtype is sc.float64:
        tensor = tensor.to(sc.float32)
    return Array(tensor, None, weak_type)


def cast(source: Array, dtype: numpy.dtype, weak_type: bool = False) -> Array:
    """Return an array in a canonical dtype."""
    if source.dtype == dtype:
        return source if source.weak_type == weak_type else Array(source._tensor, dtype, weak_type)
    if dtype.kind in "iu" and source.dtype.kind in "iuf" and dtype.name not in ("int32",):
        # Types that wrap around differently from what stores them. Numbers with a fraction end at the type's limits.
        values = source._value
        if source.dtype.kind == "f":
            limits = numpy.iinfo(dtype)
            values = numpy.nan_to_num(values.astype(numpy.float64), nan=0).clip(limits.min, limits.max)
        return array(values.astype(dtype), dtype)
    return Array(source._tensor.to(stored(dtype)), dtype, weak_type)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value._value if isinstance(value, Array) else value


def _has_array(value: Any) -> bool:
    return isinstance(value, Array) or (isinstance(value, (list, tuple)) and any(_has_array(each) for each in value))


def array(value: Any, dtype: Any = None) -> Array:
    """Return a new array with the values of numbers, nested sequences or arrays.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> jnp.array([1, 2.5])
    Array([1. , 2.5], dtype=float32)
    """
    if isinstance(value, Array):
        return value if dtype is None else value.astype(dtype)
    if isinstance(value, TensorBase):
        return wrapped(value) if dtype is None else wrapped(value).astype(dtype)
    if isinstance(value, (list, tuple)) and value and _has_array(value):
        # Through `stack`, so that gradients reach the elements.
        parts = [array(each) for each in value]
        kind = max((each.dtype for each in parts), key=lambda each: _KINDS[each.kind])
        joined = Array(sc.stack([each._tensor.to(stored(kind)) for each in parts]), kind)
        return joined if dtype is None else joined.astype(dtype)
    if not isinstance(value, (*_NUMBERS, list, tuple, numpy.ndarray, numpy.generic)) and not hasattr(
        value, "__array__"
    ):
        raise TypeError(
            f"Value '{value!r}' with dtype object is not a valid JAX array type. Only arrays of numeric "
            "types are supported by JAX."
        )
    values = numpy.asarray(value)
    wanted = canonical(values.dtype if dtype is None else dtype)
    with numpy.errstate(over="ignore", invalid="ignore"):
        held = values.astype(wanted).astype(stored(wanted).numpy_dtype)
    return Array(
        sc.tensor(numpy.ascontiguousarray(held).reshape(values.shape)),
        wanted,
        dtype is None and isinstance(value, (int, float)) and not isinstance(value, (bool, numpy.generic)),
    )


def as_array(value: Any) -> Array:
    """Return the value itself if it is an array, else a new one of it."""
    return value if isinstance(value, Array) else array(value)


def is_weak(*operands: Any) -> bool:
    """Tell whether the result computed from operands is weak: no strong one has a kind as high as the highest."""
    strong = weak = -1
    for each in operands:
        if isinstance(each, Array):
            kind, yields = _KINDS[each.dtype.kind], each.weak_type
        elif isinstance(each, _NUMBERS):
            kind, yields = (0 if isinstance(each, bool) else 1 if isinstance(each, int) else 2), True
        else:
            kind, yields = _KINDS.get(numpy.asarray(each).dtype.kind, 2), False
        if yields:
            weak = max(weak, kind)
        else:
            strong = max(strong, kind)
    return weak > strong


def native(value: Any) -> Any:
    """Return the tensor of an array, or a Python number as it is."""
    if isinstance(value, Array):
        return value._tensor
    return value if isinstance(value, _NUMBERS) else array(value)._tensor


def unary(operation: Callable[[Any], Any], x: Any) -> Array:
    """Return a native operation of one array."""
    x = as_array(x)
    return _typed(operation(x._tensor), x, x.weak_type)


def _typed(result: Any, like: Array, weak_type: bool) -> Array:
    """The result in the dtype of an operand that a native dtype only stores."""
    if like.dtype.name in ("uint32", "int8", "int16", "uint16") and result.dtype is stored(like.dtype):
        return array(result.detach().numpy().astype(like.dtype), like.dtype)
    return wrapped(result, weak_type)


def binary(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Array:
    """Return a native operation of two arrays or numbers."""
    if isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS):
        a = array(a)
    like = a if isinstance(a, Array) and not a.weak_type else b
    try:
        result = operation(native(a), native(b))
    except ValueError as error:
        raise _errors.of_operands(operation, error, a, b) from None
    weak = is_weak(a, b)
    return _typed(result, like, weak) if isinstance(like, Array) else wrapped(result, weak)


def _operator(operation: Callable[[Any, Any], Any], is_reversed: bool = False) -> Callable[[Array, Any], Any]:
    def method(self: Array, other: Any) -> Any:
        if not isinstance(other, (Array, *_NUMBERS, numpy.ndarray, numpy.generic)):
            if isinstance(other, (list, tuple)) and operation in _SIGNS:
                # Python would go on to compare the objects themselves.
                raise TypeError(
                    f"unsupported operand type(s) for {_SIGNS[operation]}: 'ArrayImpl' and {type(other).__name__!r}"
                )
            return NotImplemented
        return binary(operation, other, self) if is_reversed else binary(operation, self, other)

    return method


_SIGNS = {operator.eq: "==", operator.ne: "!="}
_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor")
for _name in _OPERATORS:
    _operation = getattr(operator, f"{_name}_" if _name in ("and", "or") else _name)
    setattr(Array, f"__{_name}__", _operator(_operation))
    setattr(Array, f"__r{_name}__", _operator(_operation, is_reversed=True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Array, f"__{_name}__", _operator(getattr(operator, _name)))
Array.__hash__ = None
