"""The engine: accumulation, graphs walked twice, writes in place, views, and graphs a million operations deep."""

import gc
import threading

import numpy as np
import pytest

import swiftconv as sc
from subprocesses import check_python


def leaf(*values):
    return sc.tensor(values if len(values) != 1 else values[0], requires_grad=True)


# ---- Backward --------------------------------------------------------------------------------------------------------


def test_gradients_add_up():
    x = leaf(1.0, 2.0)
    for times in (1, 2, 3):
        (x * x).sum().backward()
        assert x.grad.tolist() == [2.0 * times, 4.0 * times]
    x.grad = None
    assert x.grad is None
    (3 * x).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_a_tensor_used_twice():
    x = leaf(3.0)
    y = x * x
    (y + y * x).backward()
    assert x.grad.item() == 2 * 3 + 3 * 9


def test_the_first_gradient_is_not_shared():
    x, y = leaf(1.0, 1.0), leaf(1.0, 1.0)
    (x + y).sum().backward()
    x.grad.mul_(5)
    assert y.grad.tolist() == [1, 1]
    g = sc.ones(2)
    z = leaf(0.0, 0.0)
    z.clone().backward(g)
    z.clone().backward(g)
    assert g.tolist() == [1, 1]
    assert z.grad.tolist() == [2, 2]


def test_broadcast_operands_get_summed_gradients():
    x, y = sc.ones(2, 3, requires_grad=True), sc.ones(3, requires_grad=True)
    z = sc.tensor(2.0, requires_grad=True)
    (x * y * z).sum().backward()
    assert x.grad.shape == (2, 3)
    assert y.grad.tolist() == [4, 4, 4]
    assert z.grad.item() == 6


def test_gradient_of_an_empty_broadcast_is_zero():
    y = sc.ones(3, requires_grad=True)
    (sc.ones(0, 3) * y).sum().backward()
    assert y.grad.tolist() == [0, 0, 0]


def test_gradients_have_the_dtype_of_their_tensor():
    x = sc.ones(2, requires_grad=True)
    (x.double() * sc.tensor([1.0, 2.0], dtype=sc.float64)).sum().backward()
    assert x.grad.dtype is sc.float32


def test_only_what_requires_grad_gets_one():
    x, y = leaf(1.0), sc.tensor(2.0)
    (x * y).backward()
    assert y.grad is None


def test_non_scalar():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"implicitly only for one element.*\(2,\).*sum\(\)\.backward\(\)"):
        (x * x).backward()
    (x * x).backward(gradient=sc.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2, 40]
    with pytest.raises(RuntimeError, match=r"gradient has shape \(3,\), expected the tensor's shape \(2,\)"):
        (x * x).backward(sc.ones(3))
    with pytest.raises(TypeError, match="gradient has dtype int64, expected float32"):
        (x * x).backward(sc.ones(2).long())


def test_nothing_recorded():
    with pytest.raises(RuntimeError, match="does not require grad.*requires_grad=True"):
        sc.ones(1).sum().backward()


def test_second_backward():
    x = leaf(2.0)
    y = x**3
    y.backward()
    with pytest.raises(RuntimeError, match=r"pow saved were freed.*backward\(retain_graph=True\)"):
        y.backward()
    y = x**3
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 3 * 12


def test_second_backward_where_nothing_was_saved():
    x = leaf([1.0, 2.0])
    y = x.sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2, 2]


def test_backward_into_a_freed_graph():
    x = leaf(2.0)
    carried = x**3
    carried.backward()
    assert str(carried) == "tensor(8., grad_fn=<PowBackward0>)" and carried.requires_grad
    for call in [
        lambda y: y.backward(),
        lambda y: sc.autograd.grad(y, x),
        lambda y: sc.autograd.grad(y, [carried, x]),
        lambda y: sc.autograd.grad(y, [carried, x], allow_unused=True),
    ]:
        with pytest.raises(RuntimeError, match=r"pow saved were freed"):
            call(carried * x)
    # Up to the freed graph there is a way.
    assert sc.autograd.grad(carried * 5, carried)[0].item() == 5
    kept = x**3
    kept.backward(retain_graph=True)
    x.grad = None
    (kept * x).backward()
    assert x.grad.item() == 4 * 8


def test_grad_leaves_leaves_alone():
    x = leaf(3.0)
    y = x * x
    (found,) = sc.autograd.grad(y, x)
    assert found.item() == 6
    assert x.grad is None


def test_grad_of_results_in_between():
    x = leaf(3.0)
    y = x * x
    z = y * 5
    assert [each.item() for each in sc.autograd.grad(z, (y, x))] == [5, 30]


def test_grad_of_what_was_not_used():
    x, y = leaf(1.0), leaf(1.0)
    with pytest.raises(RuntimeError, match="allow_unused=True"):
        sc.autograd.grad(x * 2, (x, y))
    assert sc.autograd.grad(x * 2, (x, y), allow_unused=True)[1] is None


def test_higher_derivatives():
    x = leaf(2.0)
    slope = x**4
    for wanted in (4 * 8, 12 * 4, 24 * 2, 24):
        (slope,) = sc.autograd.grad(slope, x, create_graph=True)
        assert slope.item() == pytest.approx(wanted)


def test_retain_grad():
    x = leaf(2.0)
    y = x * 3
    y.retain_grad()
    (y * y).backward()
    assert y.grad.item() == 12
    assert x.grad.item() == 36


# ---- Leaves, modes, names --------------------------------------------------------------------------------------------


def test_requires_grad():
    x = sc.ones(2)
    assert x.is_leaf and not x.requires_grad
    x.requires_grad_()
    y = x * 2
    assert y.requires_grad and not y.is_leaf and x.is_leaf
    assert not y.detach().requires_grad
    with pytest.raises(RuntimeError, match=r"only leaves.*detach\(\)"):
        y.requires_grad_(False)
    with pytest.raises(RuntimeError, match=r"only floating-point tensors.*int64"):
        sc.arange(3).requires_grad_()


def test_names():
    x = leaf(2.0)
    assert x.grad_fn is None
    assert repr((x * 2).grad_fn) == "<MulBackward0>"
    assert (x * 2).grad_fn.name() == "MulBackward0"
    assert repr(x + 1) == "tensor(3., grad_fn=<AddBackward0>)"


def test_no_grad():
    x = leaf(1.0)

    @sc.no_grad()
    def decorated():
        return x * 2

    @sc.no_grad
    def without_parentheses():
        return x * 2

    assert not decorated().requires_grad
    assert not without_parentheses().requires_grad
    with sc.no_grad():
        assert not sc.is_grad_enabled()
        assert not (x * 2).requires_grad
        with sc.enable_grad():
            assert (x * 2).requires_grad
        assert not sc.is_grad_enabled()
    assert sc.is_grad_enabled()
    with pytest.raises(KeyError), sc.no_grad():
        raise KeyError
    assert sc.is_grad_enabled()


def test_set_grad_enabled():
    with sc.set_grad_enabled(False):
        assert not sc.is_grad_enabled()
        with sc.set_grad_enabled(True):
            assert sc.is_grad_enabled()
        assert not sc.is_grad_enabled()
    assert sc.is_grad_enabled()
    sc.set_grad_enabled(False)
    assert not sc.is_grad_enabled()
    sc.set_grad_enabled(True)


def test_mode_is_per_thread():
    seen = []
    with sc.no_grad():
        thread = threading.Thread(target=lambda: seen.append(sc.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_recursive_decorated_function():
    @sc.no_grad()
    def down(n):
        assert not sc.is_grad_enabled()
        return down(n - 1) if n else 0

    down(5)
    assert sc.is_grad_enabled()


def test_backward_inside_no_grad():
    x = leaf(2.0)
    y = x * x
    with sc.no_grad():
        y.backward()
    assert x.grad.item() == 4


# ---- In place --------------------------------------------------------------------------------------------------------


def test_a_leaf_cannot_be_modified():
    x = leaf(1.0, 2.0)
    for modify in (
        lambda: x.add_(1),
        lambda: x.mul_(2),
        lambda: x.zero_(),
        lambda: x.__setitem__(0, 5.0),
        lambda: x[0].mul_(2),
    ):
        with pytest.raises(RuntimeError, match="leaf that requires grad cannot be modified in place"):
            modify()
    with sc.no_grad():
        x.add_(1)
        x[0] = 7
    assert x.tolist() == [7, 3]
    assert x.is_leaf and x.requires_grad
    x.data[:] -= 1
    assert x.tolist() == [6, 2]


def test_identity_is_kept():
    x = sc.ones(2)
    before = id(x)
    x += 1
    x *= 2
    x -= 1
    x /= 3
    x[:] = x + 1
    assert id(x) == before
    assert x.tolist() == [2, 2]


def test_result_modified_in_place():
    x = leaf(1.0, 2.0)
    y = x * 1
    y += x
    y *= 3
    y.sum().backward()
    assert x.grad.tolist() == [6, 6]


def test_modified_after_it_was_saved():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y * y
    y.add_(1)
    with pytest.raises(
        RuntimeError, match=r"of shape \(2,\) that mul needs for its gradient was modified by an in-place"
    ):
        z.sum().backward()
    y = x.exp()
    y.detach().zero_()
    with pytest.raises(RuntimeError, match="exp needs for its gradient was modified"):
        y.sum().backward()


def test_data_is_not_tracked():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = (y * y).sum()
    y.data.zero_()
    z.backward()
    assert x.grad.tolist() == [0, 0]


def test_writing_to_views():
    """Into a buffer without gradient, element by element, as the chapter's loop does."""
    k = leaf(2.0)
    y = sc.zeros(2, 2)
    for i in range(2):
        for j in range(2):
            y[i, j] = k * (i + 2 * j)
    assert repr(y).endswith("grad_fn=<CopySlices>)")
    (y * sc.tensor([[1.0, 10.0], [100.0, 1000.0]])).sum().backward()
    assert k.grad.item() == 0 + 2 * 10 + 1 * 100 + 3 * 1000


def test_overwritten_elements_lose_their_gradient():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 2
    y[1] = 0
    y.sum().backward()
    assert x.grad.tolist() == [2, 0, 2]


def test_views_see_writes_to_their_base():
    x = leaf(1.0, 2.0)
    y = x * 1
    view = y[0]
    y.mul_(5)
    view.backward()
    assert x.grad.tolist() == [5, 0]


def test_write_through_a_view_of_a_view():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    y = (x * 1).reshape(2, 2)
    y.t()[0].mul_(10)
    (y * sc.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert x.grad.tolist() == [10, 2, 30, 4]


def test_masks_and_lists():
    x = leaf(1.0, -2.0, 3.0)
    y = x * 2
    y[y < 0] = 0
    y[[0]] = y[[2]]
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 4]


# ---- Depth -----------------------------------------------------------------------------------------------------------


DEEP = """
    import resource, sys
    import swiftconv as sc

    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    x = sc.tensor(0.0, requires_grad=True)
    y = x
    for _ in range(int(sys.argv[1])):
        y = y + 1.0
    if sys.argv[2] == "backward":
        y.backward()
        assert x.grad.item() == 1
    del y
    print("released")
"""


@pytest.mark.parametrize("use", ["backward", "release"])
def test_a_million_operations(use):
    assert check_python(DEEP, 1_000_000, use) == "released\n"


def test_deep_and_wide():
    x = sc.ones(3, requires_grad=True)
    y = x
    for _ in range(10_000):
        y = y * 0.999 + x * 0.001
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1, rtol=1e-3)


def test_values_carried_from_step_to_step_hold_one_graph():
    weight, mean = sc.ones(8, 8, requires_grad=True), sc.zeros(8)
    used = []
    for step in range(200):
        hidden = (sc.full((4, 8), step / 200) @ weight) ** 2
        mean = 0.9 * mean + 0.1 * hidden.mean(0)
        ((hidden - hidden.mean(0)) ** 2).sum().backward()
        used.append(sc._core.info()["memory_current"])
    assert max(used[5:]) == min(used[5:])
    with pytest.raises(RuntimeError, match="freed by an earlier backward"):
        mean.sum().backward()


def test_graphs_are_freed():
    def one():
        x = sc.ones(100_000, requires_grad=True)
        y = (x * 2).exp().sum()
        y.backward()
        with_graph = sc.autograd.grad((x * x * x).sum(), x, create_graph=True)[0]
        with_graph.sum().backward()

    one()
    gc.collect()
    before = sc._core.info()["memory_current"]
    for _ in range(20):
        one()
    gc.collect()
    assert sc._core.info()["memory_current"] <= before + 100_000
