"""Losses as modules, and what their functions promise beyond one formula per row of the table."""

import math

import numpy as np
import pytest

import references as ref
import swiftconv as sc
from swiftconv import nn
from swiftconv.nn import functional as F

SCORES = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0], [2.0, 2.0, 2.0], [-1.0, 4.0, 0.0]])
CLASSES = np.array([1, 2, 0, 1])


def scores():
    return sc.tensor(SCORES)


def classes():
    return sc.tensor(CLASSES)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    ("make", "function"),
    [
        (nn.MSELoss, F.mse_loss),
        (nn.L1Loss, F.l1_loss),
        (nn.HuberLoss, F.huber_loss),
        (nn.SmoothL1Loss, F.smooth_l1_loss),
        (nn.BCEWithLogitsLoss, F.binary_cross_entropy_with_logits),
    ],
)
def test_modules_are_their_functions(make, function, reduction):
    x, target = sc.randn(3, 4), sc.rand(3, 4)
    np.testing.assert_array_equal(
        make(reduction=reduction)(x, target).numpy(), function(x, target, reduction=reduction).numpy()
    )
    with pytest.raises(ValueError, match=f"{make.__name__}: reduction must be 'mean', 'sum' or 'none', got 'average'"):
        make(reduction="average")


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cross_entropy(reduction):
    expected = ref.nll_loss(ref.log_softmax(SCORES, 1), CLASSES, reduction=reduction)
    np.testing.assert_allclose(nn.CrossEntropyLoss(reduction=reduction)(scores(), classes()).numpy(), expected)
    logarithms = F.log_softmax(scores(), dim=1)
    np.testing.assert_allclose(nn.NLLLoss(reduction=reduction)(logarithms, classes()).numpy(), expected)


def test_class_weights():
    weight = np.array([1.0, 2.0, 0.5])
    expected = ref.nll_loss(ref.log_softmax(SCORES, 1), CLASSES, weight)
    layer = nn.CrossEntropyLoss(weight=sc.tensor(weight))
    np.testing.assert_allclose(layer(scores(), classes()).numpy(), expected)
    assert list(layer.state_dict()) == ["weight"]
    np.testing.assert_allclose(
        nn.NLLLoss(sc.tensor(weight))(F.log_softmax(scores(), dim=1), classes()).numpy(), expected
    )


def test_ignored_class():
    target = sc.tensor([1, -100, 0, -100])
    expected = ref.nll_loss(ref.log_softmax(SCORES, 1)[[0, 2]], CLASSES[[0, 2]])
    x = scores().requires_grad_()
    loss = nn.CrossEntropyLoss()(x, target)
    np.testing.assert_allclose(loss.item(), expected)
    loss.backward()
    assert (x.grad.numpy()[[1, 3]] == 0).all()
    assert math.isnan(F.cross_entropy(scores(), sc.full((4,), -100)).item())
    assert F.cross_entropy(scores(), sc.full((4,), 2), ignore_index=2, reduction="sum").item() == 0


def test_one_sample_and_many_pixels():
    np.testing.assert_allclose(
        F.cross_entropy(scores()[0], classes()[0]).item(), F.cross_entropy(scores()[:1], classes()[:1]).item()
    )
    x, target = np.random.default_rng(0).normal(size=(2, 3, 4, 5)), np.random.default_rng(1).integers(0, 3, (2, 4, 5))
    flat = np.moveaxis(x, 1, -1).reshape(-1, 3)
    expected = ref.nll_loss(ref.log_softmax(flat, 1), target.reshape(-1), reduction="none").reshape(2, 4, 5)
    np.testing.assert_allclose(F.cross_entropy(sc.tensor(x), sc.tensor(target), reduction="none").numpy(), expected)


def test_label_smoothing_is_a_mixture():
    smooth = F.cross_entropy(scores(), classes(), label_smoothing=0.3).item()
    target = np.full((4, 3), 0.1)
    target[np.arange(4), CLASSES] += 0.7
    np.testing.assert_allclose(smooth, F.cross_entropy(scores(), sc.tensor(target)).item())


def test_large_scores():
    x = sc.tensor([[1e4, 0.0], [-1e4, 0.0]], requires_grad=True)
    loss = F.cross_entropy(x, sc.tensor([1, 0]), reduction="none")
    assert loss.tolist() == [1e4, 1e4]
    loss.sum().backward()
    assert x.grad.tolist() == [[1, -1], [-1, 1]]
    x = sc.tensor([1e4, -1e4], requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(x, sc.tensor([0.0, 1.0]), reduction="none")
    assert loss.tolist() == [1e4, 1e4]
    loss.sum().backward()
    assert x.grad.tolist() == [1, -1]


def test_positive_weight():
    x, target = sc.randn(5, 2), (sc.rand(5, 2) > 0.5).float()
    layer = nn.BCEWithLogitsLoss(pos_weight=sc.tensor([3.0, 1.0]))
    plain = F.binary_cross_entropy_with_logits(x, target, reduction="none")
    weighted = plain * sc.where(target > 0, sc.tensor([3.0, 1.0]), 1.0)
    np.testing.assert_allclose(layer(x, target).item(), weighted.mean().item(), rtol=1e-6)
    assert list(layer.state_dict()) == ["pos_weight"]


def test_empty_batches():
    assert math.isnan(nn.MSELoss()(sc.ones(0), sc.ones(0)).item())
    assert nn.L1Loss(reduction="sum")(sc.ones(0), sc.ones(0)).item() == 0
    assert nn.HuberLoss(reduction="none")(sc.ones(0, 2), sc.ones(0, 2)).shape == (0, 2)
    target = sc.tensor(np.zeros(0, np.int64))
    assert math.isnan(nn.CrossEntropyLoss()(sc.ones(0, 3), target).item())


def test_huber_and_smooth_l1_agree():
    x, target = sc.randn(20) * 3, sc.randn(20)
    for size in (0.5, 1.0, 2.0):
        huber = nn.HuberLoss(delta=size)(x, target).item()
        np.testing.assert_allclose(huber, size * nn.SmoothL1Loss(beta=size)(x, target).item(), rtol=1e-5)
    np.testing.assert_allclose(nn.SmoothL1Loss(beta=0)(x, target).item(), nn.L1Loss()(x, target).item(), rtol=1e-6)


def test_losses_of_tensors_that_do_not_fit():
    for loss in (nn.MSELoss(), nn.L1Loss(), nn.HuberLoss(), nn.SmoothL1Loss(), nn.BCEWithLogitsLoss()):
        with pytest.raises(ValueError, match=r"input has shape \(3, 1\) and target \(3,\)"):
            loss(sc.ones(3, 1), sc.ones(3))


def test_classes_that_change_behind_the_back():
    classes = np.array([0, 1, 2])
    scores = sc.ones(3, 4, requires_grad=True)
    loss = F.cross_entropy(scores, sc.from_numpy(classes))
    classes[1] = 10**9
    with pytest.raises(IndexError, match="classes were changed"):
        loss.backward()
    classes[1] = -100
    F.cross_entropy(scores, sc.from_numpy(classes)).backward()
    assert not scores.grad[1].any()
