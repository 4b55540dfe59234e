"""JAX's arrays, functions of functions and random numbers: values, types and printing."""

import numpy
import pytest

import swiftconv.jax as jax
from swiftconv.jax import numpy as jnp
from swiftconv.jax import random


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (lambda: jnp.array([[19.0, 25.0], [37.0, 43.0]]), "Array([[19., 25.],\n       [37., 43.]], dtype=float32)"),
        (lambda: jnp.array(3.0), "Array(3., dtype=float32, weak_type=True)"),
        (lambda: jnp.array(3.0) + jnp.array(2), "Array(5., dtype=float32, weak_type=True)"),
        (lambda: jnp.float32(3), "Array(3., dtype=float32)"),
        (lambda: jnp.arange(3) * 1.5, "Array([0. , 1.5, 3. ], dtype=float32, weak_type=True)"),
        (lambda: jnp.arange(3) / 2, "Array([0. , 0.5, 1. ], dtype=float32)"),
        (lambda: jnp.arange(3).sum(), "Array(3, dtype=int32)"),
        (lambda: jnp.arange(3).mean(), "Array(1., dtype=float32)"),
        (lambda: jnp.array([1, 2]) == jnp.array([1, 3]), "Array([ True, False], dtype=bool)"),
        (lambda: jnp.array([True, False]).sum(), "Array(1, dtype=int32)"),
        (lambda: jnp.arange(6).reshape((2, 3)).T, "Array([[0, 3],\n       [1, 4],\n       [2, 5]], dtype=int32)"),
        (lambda: jnp.array([]), "Array([], dtype=float32)"),
        (lambda: 1 - jnp.ones(2, jnp.int32), "Array([0, 0], dtype=int32)"),
        (lambda: jnp.array([2.0, 1.0])[::-1], "Array([1., 2.], dtype=float32)"),
        (lambda: jnp.arange(5)[jnp.array([0, -1])], "Array([0, 4], dtype=int32)"),
        (lambda: jnp.arange(5)[7], "Array(4, dtype=int32)"),
        (lambda: jnp.ones(3).at[1].set(5), "Array([1., 5., 1.], dtype=float32)"),
        (lambda: jnp.zeros(3).at[jnp.array([1, 1])].add(2), "Array([0., 4., 0.], dtype=float32)"),
        (lambda: jnp.ones(3).at[1:].multiply(4), "Array([1., 4., 4.], dtype=float32)"),
        (lambda: jnp.pad(jnp.ones((1, 2)), ((0, 0), (1, 0))), "Array([[0., 1., 1.]], dtype=float32)"),
        (lambda: jnp.concatenate((jnp.ones((1, 1)), jnp.zeros((1, 1))), axis=1), "Array([[1., 0.]], dtype=float32)"),
        (lambda: jnp.stack([jnp.ones(1), jnp.zeros(1)], 1), "Array([[1., 0.]], dtype=float32)"),
        (lambda: jnp.einsum("ij,j->i", jnp.ones((2, 3)), jnp.arange(3.0)), "Array([3., 3.], dtype=float32)"),
        (lambda: numpy.ones(2) + jnp.ones(2), "Array([2., 2.], dtype=float32)"),
        (lambda: jnp.array([jnp.float32(1), 2.0]), "Array([1., 2.], dtype=float32)"),
    ],
)
def test_prints(value, text):
    assert repr(value()) == text


def test_a_line_that_is_too_long_goes_on_after_six_spaces():
    text = repr(jnp.arange(16, dtype=jnp.float32) + 0.5)
    assert text.splitlines()[0].endswith("11.5,") or "dtype=float32)" in text
    text = repr(jnp.array([0.5] * 12))
    assert text == "Array([" + ", ".join(["0.5"] * 12) + "],      dtype=float32)"


def test_is_immutable():
    x = jnp.ones(2)
    with pytest.raises(TypeError, match="JAX arrays are immutable"):
        x[0] = 2
    x.at[0].set(5)
    assert x.tolist() == [1, 1]
    with pytest.raises(ValueError, match="read-only"):
        numpy.asarray(x)[0] = 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)


def test_conversions():
    x = jnp.array([1.25])
    assert float(x.sum()) == 1.25
    assert f"{x.sum():.1f} {x}" == "1.2 [1.25]"
    assert x.shape == (1,)
    assert isinstance(x.shape, tuple)
    assert [type(each) for each in x] == [jax.Array]
    assert x.dtype == numpy.float32 == jnp.float32
    with pytest.raises(ValueError, match="ambiguous"):
        bool(jnp.ones(2))


@pytest.mark.section("autograd", "jax")
def test_gradients():
    assert repr(jax.grad(lambda x: x**2)(3.0)) == "Array(6., dtype=float32, weak_type=True)"
    value, grads = jax.value_and_grad(lambda p, x: (p["w"] * x).sum() + p["b"], argnums=(0, 1))(
        {"w": jnp.array([1.0, 2.0]), "b": jnp.float32(1)}, jnp.array([3.0, 4.0])
    )
    assert float(value) == 12
    assert repr(grads) == (
        "({'b': Array(1., dtype=float32), 'w': Array([3., 4.], dtype=float32)}, Array([1., 2.], dtype=float32))"
    )
    (value, aux), grads = jax.value_and_grad(lambda x: (x.sum(), {"x": x}), has_aux=True)(jnp.ones(2))
    assert not aux["x"]._tensor.requires_grad
    assert float(jax.grad(jax.grad(lambda x: x**3))(2.0)) == 12
    stopped = jax.grad(lambda x: (jax.lax.stop_gradient(x) * x).sum())(jnp.array([2.0]))
    assert stopped.tolist() == [2]
    with pytest.raises(TypeError, match="int32"):
        jax.grad(lambda x: x.sum())(jnp.arange(3))
    with pytest.raises(TypeError, match=r"Output had shape: \(2,\)"):
        jax.grad(lambda x: x)(jnp.ones(2))


def test_gradient_reaches_what_at_has_set():
    def total(k):
        y = jnp.zeros(2)
        for i in range(2):
            y = y.at[i].set((k * (i + 1)).sum())
        return y.sum()

    assert jax.grad(total)(jnp.ones(3)).tolist() == [3, 3, 3]


def test_jit_and_vmap():
    class Model:
        @jax.jit
        def twice(self, x):
            return 2 * x

    assert repr(jax.jit(lambda x: x + 1)(2)) == "Array(3, dtype=int32, weak_type=True)"
    assert Model().twice(jnp.ones(1)).tolist() == [2]
    assert jax.vmap(lambda a, b: (a * b).sum(), in_axes=(0, None))(jnp.ones((3, 2)), jnp.ones(2)).tolist() == [2, 2, 2]
    assert type(jax.nn.relu).__name__ == "custom_jvp"
    assert type(jax.nn.sigmoid).__name__ == "PjitFunction"
    assert type(jax.jit(lambda x: x)).__name__ == "PjitFunction"


def test_trees():
    tree = {"b": [jnp.ones(1), None], "a": (2,)}
    leaves, structure = jax.tree_util.tree_flatten(tree)
    assert leaves[0] == 2
    assert repr(structure) == "PyTreeDef({'a': (*,), 'b': [*, None]})"
    assert jax.tree_map(lambda x, y: x + y, {"a": 1}, {"a": 2}) == {"a": 3} == jax.tree.map(lambda x: x, {"a": 3})
    with pytest.raises(ValueError, match="mismatch"):
        jax.tree_map(lambda x, y: x, {"a": 1}, {"b": 2})


def test_random_numbers_are_those_of_threefry():
    key = random.PRNGKey(0)
    assert numpy.asarray(random.split(key)).tolist() == [[4146024105, 967050713], [2718843009, 1272950319]]
    assert str(random.normal(key, (1,))) == "[-0.20584226]"
    assert str(random.uniform(key)) == "0.41845703"
    expected = [-0.3721109, 0.26423115, -0.18252768, -0.7368197, -0.44030377]
    expected += [-0.1521442, -0.67135346, -0.5908641, 0.73168886, 0.5673026]
    assert numpy.asarray(random.normal(key, (10,))).tolist() == numpy.float32(expected).tolist()
    assert repr(random.PRNGKey(1)) == "Array([0, 1], dtype=uint32)"
    # The last digits of distributions depend on where XLA rounds.
    key = random.PRNGKey(42)
    assert str(random.normal(key, (5,))) == "[ 0.6122652  1.1225883 -0.8544134 -0.8127325 -0.890405 ]"
    assert str(random.exponential(key, (3,))) == "[0.85365486 0.10553633 0.06130229]"
    bounded = random.truncated_normal(key, -2, 2, (5,))
    assert str(bounded) == "[ 0.5809473   1.0467622  -0.80555373 -0.7672606  -0.83847183]"
    assert random.normal(key, (100_000,))[80_980] == numpy.float32(-4.889042)
    assert random.fold_in(key, 123456789).tolist() == [801338215, 1032655946]
    assert sorted(random.permutation(key, 7).tolist()) == list(range(7))
    numbers = numpy.asarray(random.randint(key, (1000,), 2, 5))
    assert set(numbers.tolist()) == {2, 3, 4}
    with pytest.raises(TypeError, match="integer"):
        random.PRNGKey(1.5)


@pytest.mark.parametrize("lossy", [float, numpy.asarray, lambda x: x.item(), lambda x: x.tolist()])
def test_no_gradient_is_lost_silently(lossy):
    with pytest.raises(TypeError, match="takes part in a gradient"):
        jax.grad(lambda x: x * lossy(x))(3.0)
    assert jax.grad(lambda x: x * float(jax.lax.stop_gradient(x)))(3.0) == 3
    # Which way to go is no value.
    assert jax.grad(lambda x: x * 2 if x > 0 else -x)(3.0) == 2


def test_errors_are_those_of_jax():
    a, b = jnp.ones((2, 3)), jnp.ones(2)
    for wrong, kind, text in (
        (lambda: a + b, ValueError, "Incompatible shapes for broadcasting: shapes=[(2, 3), (2,)]"),
        (lambda: a / jnp.ones((3, 3)), TypeError, "div got incompatible shapes for broadcasting: (2, 3), (3, 3)."),
        (lambda: jnp.maximum(a, a.T), TypeError, "max got incompatible shapes for broadcasting: (2, 3), (3, 2)."),
        (
            lambda: a @ a,
            TypeError,
            "dot_general requires contracting dimensions to have the same shape, got (3,) and (2,).",
        ),
        (lambda: jnp.dot(a, a), TypeError, "Incompatible shapes for dot: got (2, 3) and (2, 3)."),
        (lambda: jnp.stack([a, b]), ValueError, "All input arrays must have the same shape."),
        (
            lambda: jnp.concatenate([a, b]),
            TypeError,
            "Cannot concatenate arrays with different numbers of dimensions: got (2, 3), (2,).",
        ),
        (lambda: a.reshape((-1, 4)), Exception, "Cannot divide evenly the sizes of shapes (2, 3) and (-1, 4)"),
        (
            lambda: jnp.where(a > 0, a, b),
            ValueError,
            "Incompatible shapes for broadcasting: shapes=[(2, 3), (2, 3), (2,)]",
        ),
        (
            lambda: a.at[0].set(jnp.ones(7)),
            ValueError,
            "Incompatible shapes for broadcasting: (7,) and requested shape (3,)",
        ),
        (
            lambda: jax.tree_map(lambda x, y: x, [1], [1, 2]),
            ValueError,
            "List arity mismatch: 2 != 1; list: [1, 2].",
        ),
        (lambda: float(a), TypeError, "only size-1 arrays can be converted to Python scalars"),
    ):
        with pytest.raises(kind) as caught:
            wrong()
        assert str(caught.value) == text


def test_forward_derivatives():
    value, change = jax.jvp(lambda x, y: x * x * y, (jnp.array([1.0, 2.0]), 3.0), (jnp.array([1.0, 0.0]), 1.0))
    assert value.tolist() == [3, 12]
    assert change.tolist() == [7, 4]
