"""Tensors, variables and tapes of the tensorflow dialect: texts, dtypes, assignments, gradients and errors."""

import numpy as np
import pytest

import swiftconv.tensorflow as tf

TEXTS = [
    (lambda: tf.constant(3.0), "<tf.Tensor: shape=(), dtype=float32, numpy=3.0>"),
    (lambda: tf.constant([1, 2]), "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>"),
    (lambda: tf.constant(True), "<tf.Tensor: shape=(), dtype=bool, numpy=True>"),
    (
        lambda: tf.ones((2, 2)),
        "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[1., 1.],\n       [1., 1.]], dtype=float32)>",
    ),
    (lambda: tf.Variable(1.5), "<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=1.5>"),
    (lambda: tf.ones((2, 3)).shape, "TensorShape([2, 3])"),
    (lambda: (1,) + tf.ones((2, 3)).shape + (1,), "TensorShape([1, 2, 3, 1])"),
    (lambda: tf.ones((2, 3)).shape[1:], "TensorShape([3])"),
    (lambda: tf.ones(2).dtype, "tf.float32"),
    (lambda: type(tf.ones(2)), "<class 'tensorflow.python.framework.ops.EagerTensor'>"),
    (lambda: tf.Variable([1, 2]).assign([3, 4]).name, "'UnreadVariable'"),
    (lambda: tf.zeros(2000)[:0], "<tf.Tensor: shape=(0,), dtype=float32, numpy=array([], dtype=float32)>"),
]


@pytest.mark.parametrize("make, text", TEXTS, ids=[text[:40] for _, text in TEXTS])
def test_repr(make, text):
    assert repr(make()) == text


def test_print():
    assert str(tf.constant(3.0)) == "tf.Tensor(3.0, shape=(), dtype=float32)"
    assert str(tf.constant([[1.0], [2.0]])) == "tf.Tensor(\n[[1.]\n [2.]], shape=(2, 1), dtype=float32)"
    assert str(tf.ones((2, 3)).shape) == "(2, 3)"
    assert f"{tf.constant(2.0):.3f}" == "2.000"
    assert "shape=(2000,), dtype=float32" in repr(tf.zeros(2000)) and "..." in repr(tf.zeros(2000))


def test_dtypes():
    assert (tf.constant(1) / 2).dtype == tf.float64
    assert (tf.constant([1], tf.uint8) / 2).dtype == tf.float32
    assert (tf.constant(1) * 2).dtype == tf.int32
    assert (tf.ones(2) + np.ones(2)).dtype == tf.float32
    assert tf.constant(np.ones(2)).dtype == tf.float64
    assert tf.constant(2**40).dtype == tf.int64
    assert tf.range(3).dtype == tf.int32 and tf.range(3, dtype=tf.float32).dtype == "float32"
    assert tf.argmax([[1.0, 2.0]], axis=1).dtype == tf.int64


ERRORS = [
    (
        lambda: tf.constant([1]) + tf.constant([1.0]),
        tf.errors.InvalidArgumentError,
        "int32 tensor but is a float tensor",
    ),
    (lambda: tf.constant([1]) * 1.5, TypeError, "Cannot convert 1.5 to EagerTensor of dtype int32"),
    (lambda: tf.ones(2) + tf.ones(3), tf.errors.InvalidArgumentError, r"Incompatible shapes: \[2\] vs. \[3\]"),
    (lambda: tf.reshape(tf.ones(6), (4, 2)), tf.errors.InvalidArgumentError, "6 values, but the requested shape has 8"),
    (lambda: tf.ones((2, 2))[2], tf.errors.InvalidArgumentError, "slice index 2 of dimension 0 out of bounds"),
    (lambda: tf.ones((2, 2))[[0, 1]], TypeError, "Only integers, slices"),
    (lambda: tf.Variable([1.0, 2.0]).assign([1.0]), ValueError, "Shape mismatch"),
    (lambda: tf.matmul(tf.ones((2, 3)), tf.ones((2, 3))), tf.errors.InvalidArgumentError, "Matrix size-incompatible"),
    (lambda: hash(tf.ones(2)), TypeError, "unhashable"),
    (lambda: tf.ones(2).reshape(1, 2), AttributeError, "reshape"),
    (lambda: list(tf.constant(1.0)), TypeError, "Cannot iterate over a scalar tensor"),
    (lambda: tf.squeeze(tf.ones((2, 2)), 0), tf.errors.InvalidArgumentError, "Can not squeeze"),
    (lambda: tf.constant("text"), TypeError, "numbers and booleans only"),
]


@pytest.mark.parametrize("call, kind, text", ERRORS, ids=[text[:30] for *_, text in ERRORS])
def test_error(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


INDICES = [
    np.s_[0],
    np.s_[-1],
    np.s_[1:, ::2],
    np.s_[::-1, ::-2],
    np.s_[..., 1],
    np.s_[None, 2:0:-1],
    np.s_[:, None, 1],
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_index(index):
    array = np.arange(20.0, dtype="float32").reshape(4, 5)
    np.testing.assert_array_equal(tf.constant(array)[index], array[index])
    variable = tf.Variable(array)
    variable[index].assign(np.zeros_like(array[index]))
    array[index] = 0
    np.testing.assert_array_equal(variable.numpy(), array)


def test_assignment_leaves_what_was_read():
    v = tf.Variable([1.0, 2.0])
    flat, part = tf.reshape(v, (1, 2)), v[0]
    v[0].assign(5.0)
    v.assign_add([1.0, 1.0])
    assert flat.numpy().tolist() == [[1.0, 2.0]] and float(part) == 1.0 and v.numpy().tolist() == [6.0, 3.0]


def test_operators():
    x = tf.constant([3.0, -2.0])
    for got, wanted in (
        (abs(x), [3, 2]),
        (2 - x, [-1, 4]),
        (x**2, [9, 4]),
        (2**x, [8, 0.25]),
        (x // 2, [1, -1]),
        (x % 2, [1, 0]),
        (6 / x, [2, -3]),
        (np.ones(2, "float32") * x, [3, -2]),
    ):
        assert got.numpy().tolist() == wanted
    assert (x == tf.constant([3.0, 0.0])).numpy().tolist() == [True, False]
    assert (x == None) is False  # noqa: E711
    assert bool(tf.constant(3) > 2) and len(x) == 2 and int(tf.constant(7)) == 7
    assert sum(tf.constant([1, 2])).dtype == tf.int32


@pytest.mark.section("autograd", "tensorflow")
def test_tape():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    assert float(tape.gradient(y, x)) == 6.0
    with pytest.raises(RuntimeError, match="non-persistent GradientTape"):
        tape.gradient(y, x)


@pytest.mark.section("autograd", "tensorflow")
def test_tape_watches_what_it_is_told():
    x, v = tf.constant([1.0, 2.0]), tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * v
    assert tape.gradient(y, x) is None and float(tape.gradient(y, v)) == 3.0
    with tf.GradientTape(watch_accessed_variables=False, persistent=True) as tape:
        tape.watch(x)
        y = x * v
        cut = tf.stop_gradient(y) * x
    after = x * x
    assert tape.gradient(y, v) is None
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 2.0]
    assert tape.gradient(cut, x).numpy().tolist() == [2.0, 4.0]
    assert tape.gradient(after, x) is None
    assert tape.gradient([y, cut], {"x": x})["x"].numpy().tolist() == [4.0, 6.0]


@pytest.mark.section("autograd", "tensorflow")
def test_tape_within_a_tape():
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**3
        slope = inner.gradient(y, x)
    assert float(slope) == 27.0 and float(outer.gradient(slope, x)) == 18.0


def test_tape_across_assignments():
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v * 2
        v.assign_add(1.0)
        y = y + v * v
    assert float(tape.gradient(y, v)) == 8.0


def test_assigned_parts_have_no_gradient():
    k = tf.Variable([1.0, 2.0])
    y = tf.Variable(tf.zeros(2))
    with tf.GradientTape() as tape:
        y[0].assign(tf.reduce_sum(k))
        total = tf.reduce_sum(y)
    assert tape.gradient(total, k) is None


def test_jacobian():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert tape.jacobian(y, x).numpy().tolist() == [[2.0, 0.0], [0.0, 4.0]]


def test_functions_against_numpy():
    a = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    for got, wanted in (
        (tf.reduce_mean(a, axis=[0], keepdims=True), a.mean(0, keepdims=True)),
        (tf.reduce_max(a), a.max()),
        (tf.math.reduce_variance(a, 1), a.var(1)),
        (tf.transpose(a), a.T),
        (tf.pad(a, [[1, 0], [0, 2]], constant_values=3), np.pad(a, [(1, 0), (0, 2)], constant_values=3)),
        (tf.concat((a, a), 1), np.concatenate((a, a), 1)),
        (tf.stack((a, a), 0), np.stack((a, a))),
        (tf.tensordot(a, a, [[1], [1]]), a @ a.T),
        (tf.repeat(a, 2, axis=1), a.repeat(2, 1)),
        (tf.math.squared_difference(a, 1.0), (a - 1) ** 2),
        (tf.gather(a, [2, 0]), a[[2, 0]]),
        (tf.cumsum(a, 1), a.cumsum(1)),
        (tf.norm(a), np.linalg.norm(a)),
        (tf.one_hot([1, 0], 3), [[0, 1, 0], [1, 0, 0]]),
    ):
        np.testing.assert_allclose(got, wanted, rtol=1e-5)
    assert tf.reduce_mean(tf.constant([1, 2])).numpy() == 1
