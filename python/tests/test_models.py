"""The networks: their parameters' names and shapes, and their outputs, are those of torchvision."""

import json
from pathlib import Path

import numpy
import pytest

import swiftconv as sc
from swiftconv import models, nn
from torchvision_weights import NETWORKS, OPTIONS, image, state_like

KNOWN = json.loads(Path(__file__).with_name("torchvision_models.json").read_text())


@pytest.fixture
def no_initial_values(monkeypatch):
    """New networks have undefined weights: drawing a hundred million numbers takes seconds."""
    for name in ("uniform_", "normal_", "trunc_normal_"):
        monkeypatch.setattr(nn.init, name, lambda tensor, *args, **kwargs: tensor)


def shapes_of(network):
    return {path: tuple(tensor.shape) for path, tensor in network.state_dict().items()}


# ---- torchvision's ---------------------------------------------------------------------------------------------------


def test_the_list_is_complete():
    makers = {name for name in models.__all__ if name.islower()}
    assert makers == set(NETWORKS) == set(KNOWN) - {"made by"}


@pytest.mark.parametrize("name", NETWORKS)
def test_names_and_shapes(name, no_initial_values):
    network = getattr(models, name)()
    expected = {path: tuple(shape) for path, shape in KNOWN[name]["state"].items()}
    assert list(shapes_of(network).items()) == list(expected.items())
    for path, tensor in network.state_dict().items():
        assert tensor.dtype is (sc.int64 if path.endswith("num_batches_tracked") else sc.float32)


# One of each kind; the other ones of VGG have the same parts.
@pytest.mark.parametrize("name", [name for name in NETWORKS if not name.startswith(("vgg13", "vgg16", "vgg19"))])
def test_scores(name, no_initial_values):
    network = getattr(models, name)(num_classes=10, **OPTIONS.get(name, {})).eval()
    network.load_state_dict(state_like(shapes_of(network)))
    with sc.no_grad():
        scores = network(sc.from_numpy(image(NETWORKS[name])))
    expected = numpy.array(KNOWN[name]["scores"])
    assert tuple(scores.shape) == (1, 10)
    numpy.testing.assert_allclose(scores[0].numpy(), expected, rtol=0, atol=1e-4 * abs(expected).max())


def torchvision_models():
    try:
        import torch  # noqa: F401
        import torchvision
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"compares with torchvision, which cannot be imported here: {error}")
    pytest.importorskip("safetensors", reason="needs the package safetensors")
    return torchvision.models


@pytest.mark.parametrize(
    "name, size", [("resnet18", 96), ("googlenet", 65), ("densenet121", 64), ("mobilenet_v2", 224)]
)
def test_a_file_of_torchvision(tmp_path, name, size):
    makers = torchvision_models()
    import torch
    from safetensors.torch import save_file

    options = OPTIONS.get(name, {})
    theirs = getattr(makers, name)(**options).train()
    x = torch.rand(4, 3, size, size)
    with torch.no_grad():
        # Running statistics and, through them, the normalization become those of the data.
        for _ in range(3):
            theirs(x)
        expected = theirs.eval()(x)
    save_file(theirs.state_dict(), tmp_path / "weights.safetensors")
    network = getattr(models, name)(**options).eval()
    assert repr(network.load_state_dict(sc.load(tmp_path / "weights.safetensors"))) == "<All keys matched successfully>"
    with sc.no_grad():
        scores = network(sc.from_numpy(x.numpy()))
    numpy.testing.assert_allclose(scores.numpy(), expected.numpy(), rtol=1e-4, atol=1e-4)


# ---- Training --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, shape",
    [
        (lambda: models.LeNet(), (2, 1, 28, 28)),
        (lambda: models.LeNet(activation="relu", in_channels=3), (2, 3, 28, 28)),
        (lambda: models.NiN(), (2, 1, 67, 67)),
        (lambda: models.resnet18(num_classes=10), (2, 3, 33, 33)),
        (lambda: models.resnet50(num_classes=10), (2, 3, 33, 33)),
        (lambda: models.densenet121(num_classes=10, drop_rate=0.1), (2, 3, 33, 33)),
        (lambda: models.mobilenet_v2(num_classes=10, width_mult=0.5), (2, 3, 33, 33)),
        (lambda: models.googlenet(num_classes=10), (2, 3, 33, 33)),
    ],
)
def test_gradients_reach_all_parameters(make, shape):
    network = make()
    loss = nn.functional.cross_entropy(network(sc.randn(shape)), sc.tensor([1, 2]))
    loss.backward()
    assert numpy.isfinite(loss.item())
    for path, parameter in network.named_parameters():
        assert parameter.grad is not None and numpy.isfinite(parameter.grad.numpy()).all(), path


def test_running_statistics_move():
    network = models.resnet18(num_classes=10)
    before = network.bn1.running_mean.tolist()
    network(sc.randn(2, 3, 33, 33))
    assert network.bn1.running_mean.tolist() != before and network.bn1.num_batches_tracked.item() == 1
    network.eval()
    before = {path: buffer.tolist() for path, buffer in network.named_buffers()}
    network(sc.randn(2, 3, 33, 33))
    assert {path: buffer.tolist() for path, buffer in network.named_buffers()} == before


def test_second_classifiers_of_googlenet():
    network = models.googlenet(num_classes=10, aux_logits=True)
    outputs = network(sc.randn(2, 3, 64, 64))
    assert isinstance(outputs, models.GoogLeNetOutputs)
    assert [tuple(each.shape) for each in outputs] == [(2, 10)] * 3
    sum(each.sum() for each in outputs).backward()
    assert network.aux1.fc2.weight.grad is not None and network.aux2.conv.conv.weight.grad is not None
    assert tuple(network.eval()(sc.randn(2, 3, 64, 64)).shape) == (2, 10)
    extra = set(shapes_of(network)) - set(KNOWN["googlenet"]["state"])
    assert extra and all(path.startswith(("aux1.", "aux2.")) for path in extra)


def test_images_for_the_trained_googlenet():
    plain = models.googlenet(num_classes=10).eval()
    changed = models.googlenet(num_classes=10, transform_input=True).eval()
    changed.load_state_dict(plain.state_dict())
    pixels = sc.rand(1, 3, 40, 40)
    mean, std = (sc.tensor(each).reshape(3, 1, 1) for each in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    with sc.no_grad():
        expected, found = plain((pixels - 0.5) / 0.5), changed((pixels - mean) / std)
    numpy.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)


# ---- Initial values --------------------------------------------------------------------------------------------------


def test_spread_of_initial_values():
    network = models.resnet18()
    weight = network.layer4[1].conv2.weight
    assert abs(weight.std().item() - (2 / (512 * 9)) ** 0.5) < 1e-4
    assert network.bn1.weight.tolist() == [1] * 64 and network.bn1.bias.tolist() == [0] * 64
    zeroed = models.resnet18(zero_init_residual=True)
    assert zeroed.layer1[0].bn2.weight.abs().sum().item() == 0 and zeroed.layer1[0].bn1.weight.sum().item() == 64
    mobile = models.mobilenet_v2()
    assert abs(mobile.classifier[1].weight.std().item() - 0.01) < 1e-4
    assert mobile.classifier[1].bias.abs().sum().item() == 0
    google = models.googlenet(num_classes=10)
    assert abs(google.fc.weight.std().item() - 0.01) < 1e-3


def test_lenet_is_that_of_the_book():
    net = models.LeNet()
    assert sum(parameter.numel() for parameter in net.parameters()) == 61706
    assert [type(layer).__name__ for layer in net.net] == (
        ["Conv2d", "Sigmoid", "AvgPool2d"] * 2 + ["Flatten"] + ["Linear", "Sigmoid"] * 2 + ["Linear"]
    )
    bound = (6 / (400 + 120)) ** 0.5
    weight = net.net[7].weight
    assert 0.9 * bound < weight.abs().max().item() <= bound
    with pytest.raises(ValueError, match="activation must be one of 'sigmoid', 'relu', 'tanh', got 'swish'"):
        models.LeNet(activation="swish")


def test_nin_is_that_of_the_book():
    net = models.NiN()
    assert sum(parameter.numel() for parameter in net.parameters()) == 1992166
    assert tuple(net.eval()(sc.zeros(1, 1, 224, 224)).shape) == (1, 10)
