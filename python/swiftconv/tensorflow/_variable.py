"""``tf.Variable``: values that can be assigned, also part by part."""

from __future__ import annotations

from typing import Any

from ..autograd import no_grad
from ..tensor import Tensor as Native
from . import _dtypes
from ._index import normal_index, put, taken
from ._tape import recording
from ._tensor import EagerTensor, Operand, broadcastable, convert, native, numpy_text, sizes_text
from .errors import fault


class Cell:
    """The memory of a variable.

    An assignment writes in place as long as nobody has read the value; otherwise it goes to new memory, so that
    what was read and recorded keeps its value.
    """

    __slots__ = ("leaf", "shared", "variable")

    def __init__(self, value: Native, variable: Variable) -> None:
        self.variable = variable
        self.put(value)

    def put(self, value: Native) -> None:
        """Take a tensor that nobody else holds."""
        self.leaf = value.detach()
        if self.leaf.dtype.is_floating_point:
            self.leaf.requires_grad_()
        self.shared = False

    def own(self) -> Native:
        """Return memory to write to."""
        if self.shared:
            self.put(self.leaf.detach().clone())
        return self.leaf


class Variable(Operand):
    """A tensor whose value can change.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    >>> _ = v[0, 1].assign(9.0)
    >>> v
    <tf.Variable 'Variable:0' shape=(2, 2) dtype=float32, numpy=
    array([[1., 9.],
           [3., 4.]], dtype=float32)>
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        **_: Any,
    ) -> None:
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified except when you are not providing a "
                "`variable_def`. You provided neither."
            )
        if callable(initial_value) and not isinstance(initial_value, Operand):
            initial_value = initial_value()
        value = convert(initial_value, dtype)._plain()
        self._cell = Cell(value.detach().clone(), self)
        self._name = f"{name or 'Variable'}:0"
        self._trainable = trainable is None or bool(trainable)

    @property
    def name(self) -> str:
        """The name, with TensorFlow's ``:0`` at the end."""
        return self._name

    @property
    def trainable(self) -> bool:
        """Whether tapes watch the variable without being told."""
        return self._trainable

    def _value(self) -> Native:
        cell = self._cell
        cell.shared = True
        # Every tape has to be told, so there is no short cut after the first that watches.
        watching = [tape for tape in recording() if tape._reads(cell, self._trainable)]
        return cell.leaf if watching else cell.leaf.detach()

    def _plain(self) -> Native:
        return self._cell.leaf

    def numpy(self) -> Any:
        """Return a copy of the value as a NumPy array."""
        return self._cell.leaf.detach().clone().numpy()[()]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        array = self._array()
        return array.astype(dtype) if dtype is not None and array.dtype != dtype else array.copy()

    def value(self) -> EagerTensor:
        """Return the value as a tensor."""
        return EagerTensor(self._value())

    read_value = value

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, Operand) and index.dtype.is_bool:
            return super().__getitem__(index)
        cell = self._cell
        place = normal_index(index, cell.leaf.shape)
        watching = [tape for tape in recording() if tape._reads(cell, self._trainable)]
        # The copy does not share the variable's memory, which may then be assigned in place.
        part = taken(cell.leaf if watching else cell.leaf.detach(), place).clone()
        return VariableSlice(part, self, place)

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Replace the value; the shape stays.

        Raises
        ------
        ValueError
            When the shapes differ.
        """
        return self._assign(native(value, None if isinstance(value, Operand) else self.dtype))

    def _assign(self, value: Native) -> Any:
        if value.dtype is not self._cell.leaf.dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {self.dtype.name} for Tensor with dtype "
                f"{_dtypes.of_native(value.dtype).name}: {EagerTensor(value)!r}"
            )
        if tuple(value.shape) != tuple(self._cell.leaf.shape):
            raise ValueError(
                f"Cannot assign value to variable ' {self.name}': Shape mismatch.The variable shape {self.shape}, and "
                f"the assigned value shape {tuple(value.shape)} are incompatible."
            )
        self._cell.put(value.detach().clone())
        return self._unread()

    def assign_add(self, delta: Any, *_: Any, **__: Any) -> Any:
        """Add to the value."""
        return self._move(native(delta, None, self.dtype), 1)

    def assign_sub(self, delta: Any, *_: Any, **__: Any) -> Any:
        """Subtract from the value."""
        return self._move(native(delta, None, self.dtype), -1)

    def _move(self, delta: Native, sign: int) -> Any:
        with no_grad():
            if tuple(delta.shape) != tuple(self._cell.leaf.shape):
                raise fault(
                    "AssignAddVariableOp" if sign > 0 else "AssignSubVariableOp",
                    f"Cannot update variable with shape {sizes_text(self._cell.leaf.shape)} using a Tensor with shape "
                    f"{sizes_text(delta.shape)}, shapes must be equal.",
                )
            leaf = self._cell.leaf
            self._cell.put(leaf + delta if sign > 0 else leaf - delta)
        return self._unread()

    def _unread(self) -> Any:
        unread = Variable.__new__(UnreadVariable)
        unread._cell, unread._name, unread._trainable = self._cell, "UnreadVariable", self._trainable
        return unread

    def __repr__(self) -> str:
        text = numpy_text(self._array(), True)
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}, numpy={text}>"

    __str__ = __repr__

    def __deepcopy__(self, memo: Any) -> Variable:
        copy = Variable(EagerTensor(self._cell.leaf), trainable=self._trainable, dtype=self.dtype)
        copy._name = self._name
        return copy


class UnreadVariable(Variable):
    """What assignments return: the same variable, under the name TensorFlow shows then."""


class VariableSlice(EagerTensor):
    """A part of a variable: a tensor with its value, and `assign` to change the variable there."""

    __slots__ = ("_place", "_variable")

    def __init__(self, value: Native, variable: Variable, place: tuple[Any, ...]) -> None:
        super().__init__(value)
        self._variable = variable
        self._place = place

    def assign(self, value: Any, name: str | None = None) -> Any:
        """Write a value, or one that broadcasts, into this part of the variable."""
        new = native(value, None if isinstance(value, Operand) else self.dtype).detach()
        if new.dtype is not self._t.dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {self.dtype.name} for Tensor with dtype "
                f"{_dtypes.of_native(new.dtype).name}"
            )
        if not broadcastable(new.shape, self._t.shape):
            text = f"Cannot broadcast input shape {sizes_text(new.shape)} into final shape {sizes_text(self._t.shape)}"
            raise fault("ResourceStridedSliceAssign", text, "strided_slice/_assign")
        with no_grad():
            put(self._variable._cell.own(), self._place, new)
        return self._variable._unread()


Variable.__module__ = "tensorflow.python.ops.resource_variable_ops"
Variable.__qualname__ = Variable.__name__ = "ResourceVariable"
VariableSlice.__module__ = "tensorflow.python.framework.ops"
VariableSlice.__qualname__ = VariableSlice.__name__ = "EagerTensor"
