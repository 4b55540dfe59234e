"""Pooling, normalization, dropout, borders, resampling and transposed convolution as layers."""

import copy

import numpy as np
import pytest

import references as ref
import swiftconv as sc
from swiftconv import nn
from swiftconv.nn import functional as F

# ---- Text ------------------------------------------------------------------------------------------------------------

TEXTS = {
    "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)": lambda: nn.MaxPool2d(3, 2, 1),
    "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=True)": lambda: nn.MaxPool1d(
        2, ceil_mode=True
    ),
    "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))": lambda: nn.AvgPool1d(2),
    "AvgPool2d(kernel_size=2, stride=1, padding=0)": lambda: nn.AvgPool2d(2, 1),
    "AdaptiveAvgPool2d(output_size=(1, None))": lambda: nn.AdaptiveAvgPool2d((1, None)),
    "AdaptiveMaxPool3d(output_size=2)": lambda: nn.AdaptiveMaxPool3d(2),
    "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)": lambda: nn.BatchNorm2d(
        3
    ),
    "LazyBatchNorm1d(0, eps=1e-05, momentum=None, affine=False, bias=False, track_running_stats=True)": (
        lambda: nn.LazyBatchNorm1d(momentum=None, affine=False)
    ),
    "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)": (
        lambda: nn.InstanceNorm2d(3)
    ),
    "LayerNorm((3, 4), eps=1e-05, elementwise_affine=True, bias=False)": lambda: nn.LayerNorm((3, 4), bias=False),
    "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)": lambda: nn.GroupNorm(2, 4),
    "Dropout(p=0.3, inplace=True)": lambda: nn.Dropout(0.3, True),
    "Dropout2d(p=0.5, inplace=False)": lambda: nn.Dropout2d(),
    "ConvTranspose2d(2, 4, kernel_size=(3, 2), stride=(2, 2), output_padding=(1, 1), groups=2, bias=False)": (
        lambda: nn.ConvTranspose2d(2, 4, (3, 2), 2, 0, 1, 2, False)
    ),
    "LazyConvTranspose1d(0, 3, kernel_size=(2,), stride=(1,))": lambda: nn.LazyConvTranspose1d(3, 2),
    "Conv2d(2, 3, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), padding_mode=reflect)": (
        lambda: nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect")
    ),
    "ZeroPad2d((1, 1, 1, 1))": lambda: nn.ZeroPad2d(1),
    "ReflectionPad2d((1, 2, 3, 4))": lambda: nn.ReflectionPad2d((1, 2, 3, 4)),
    "ConstantPad1d(padding=(1, 1), value=2)": lambda: nn.ConstantPad1d(1, 2),
    "Upsample(size=(3, 4), mode='bilinear')": lambda: nn.Upsample((3, 4), mode="bilinear"),
    "Upsample(scale_factor=(2.0, 1.5), mode='nearest')": lambda: nn.Upsample(scale_factor=(2, 1.5)),
    "PixelShuffle(upscale_factor=2)": lambda: nn.PixelShuffle(2),
    "Unfold(kernel_size=2, dilation=1, padding=0, stride=1)": lambda: nn.Unfold(2),
    "Fold(output_size=(3, 4), kernel_size=2, dilation=1, padding=1, stride=1)": lambda: nn.Fold((3, 4), 2, padding=1),
    "ELU(alpha=0.5, inplace=True)": lambda: nn.ELU(0.5, True),
    "Hardtanh(min_val=-2, max_val=2)": lambda: nn.Hardtanh(-2, 2),
    "ReLU6(inplace=True)": lambda: nn.ReLU6(True),
    "LeakyReLU(negative_slope=0.1, inplace=True)": lambda: nn.LeakyReLU(0.1, True),
    "SiLU()": lambda: nn.SiLU(),
    "Softplus(beta=1.0, threshold=20.0)": lambda: nn.Softplus(),
    "SmoothL1Loss()": lambda: nn.SmoothL1Loss(),
    "ModuleList(\n  (0-1): 2 x ReLU()\n  (2): Tanh()\n)": lambda: nn.ModuleList([nn.ReLU(), nn.ReLU(), nn.Tanh()]),
    "ModuleList()": lambda: nn.ModuleList(),
}


@pytest.mark.parametrize("text", TEXTS)
def test_text(text):
    assert repr(TEXTS[text]()) == text


# ---- Layers are their functions --------------------------------------------------------------------------------------

IMAGES = (2, 4, 6, 6)
CALLS = {
    "max": (nn.MaxPool2d(3, 2, 1), lambda x: F.max_pool2d(x, 3, 2, 1), IMAGES),
    "max1": (nn.MaxPool1d(2, dilation=2), lambda x: F.max_pool1d(x, 2, dilation=2), (2, 3, 9)),
    "max3": (nn.MaxPool3d(2, ceil_mode=True), lambda x: F.max_pool3d(x, 2, ceil_mode=True), (1, 2, 5, 4, 3)),
    "avg1": (
        nn.AvgPool1d(3, 1, 1, count_include_pad=False),
        lambda x: F.avg_pool1d(x, 3, 1, 1, False, False),
        (2, 3, 9),
    ),
    "avg2": (nn.AvgPool2d(2, divisor_override=3), lambda x: F.avg_pool2d(x, 2, divisor_override=3), IMAGES),
    "avg3": (nn.AvgPool3d(2, ceil_mode=True), lambda x: F.avg_pool3d(x, 2, ceil_mode=True), (1, 2, 5, 4, 3)),
    "adaptive avg1": (nn.AdaptiveAvgPool1d(4), lambda x: F.adaptive_avg_pool1d(x, 4), (2, 3, 9)),
    "adaptive avg2": (nn.AdaptiveAvgPool2d((2, None)), lambda x: F.adaptive_avg_pool2d(x, (2, 6)), IMAGES),
    "adaptive avg3": (nn.AdaptiveAvgPool3d(2), lambda x: F.adaptive_avg_pool3d(x, (2, 2, 2)), (1, 2, 5, 4, 3)),
    "adaptive max1": (nn.AdaptiveMaxPool1d(4), lambda x: F.adaptive_max_pool1d(x, 4), (2, 3, 9)),
    "adaptive max2": (nn.AdaptiveMaxPool2d(3), lambda x: F.adaptive_max_pool2d(x, 3), IMAGES),
    "adaptive max3": (nn.AdaptiveMaxPool3d(2), lambda x: F.adaptive_max_pool3d(x, 2), (1, 2, 5, 4, 3)),
    "zeros": (nn.ZeroPad2d((1, 0, 2, 3)), lambda x: F.pad(x, (1, 0, 2, 3)), IMAGES),
    "constant": (nn.ConstantPad3d(1, 2.5), lambda x: F.pad(x, (1,) * 6, value=2.5), (1, 2, 3, 4, 5)),
    "reflect": (nn.ReflectionPad1d((2, 1)), lambda x: F.pad(x, (2, 1), "reflect"), (2, 3, 5)),
    "replicate": (nn.ReplicationPad2d(2), lambda x: F.pad(x, (2, 2, 2, 2), "replicate"), IMAGES),
    "circular": (nn.CircularPad2d((1, 2, 3, 4)), lambda x: F.pad(x, (1, 2, 3, 4), "circular"), IMAGES),
    "upsample": (nn.Upsample(scale_factor=2), lambda x: F.interpolate(x, (12, 12)), IMAGES),
    "bilinear": (
        nn.Upsample((5, 9), mode="bilinear", align_corners=True),
        lambda x: F.interpolate(x, (5, 9), mode="bilinear", align_corners=True),
        IMAGES,
    ),
    "shuffle": (nn.PixelShuffle(2), lambda x: F.pixel_shuffle(x, 2), IMAGES),
    "unshuffle": (nn.PixelUnshuffle(3), lambda x: F.pixel_unshuffle(x, 3), IMAGES),
    "unfold": (nn.Unfold((2, 3), 1, 1, 2), lambda x: F.unfold(x, (2, 3), 1, 1, 2), IMAGES),
    "fold": (nn.Fold((5, 4), 2), lambda x: F.fold(x, (5, 4), 2), (2, 8, 12)),
    "elu": (nn.ELU(0.5), lambda x: F.elu(x, 0.5), (3, 4)),
    "relu6": (nn.ReLU6(), F.relu6, (3, 4)),
    "hardtanh": (nn.Hardtanh(-0.5, 0.25), lambda x: x.clamp(-0.5, 0.25), (3, 4)),
    "layer norm": (nn.LayerNorm(6, elementwise_affine=False), lambda x: F.layer_norm(x, (6,)), IMAGES),
    "group norm": (nn.GroupNorm(2, 4, affine=False), lambda x: F.group_norm(x, 2), IMAGES),
    "instance norm": (nn.InstanceNorm2d(4), F.instance_norm, IMAGES),
}


@pytest.mark.parametrize("name", CALLS)
def test_layer_is_its_function(name):
    layer, function, shape = CALLS[name]
    x = sc.randn(shape)
    np.testing.assert_array_equal(layer(x).numpy(), function(x).numpy())


def test_indices_of_pooling():
    x = sc.tensor([[[1.0, 3.0, 2.0, 0.0]]])
    values, positions = nn.MaxPool1d(2, return_indices=True)(x)
    assert positions.dtype is sc.int64
    np.testing.assert_array_equal(x.take_along_dim(positions, -1).numpy(), values.numpy())
    values, positions = nn.AdaptiveMaxPool1d(1, return_indices=True)(x)
    assert (values.item(), positions.item()) == (3, 1)


def test_padding_is_minus_infinity_in_max_pooling():
    assert nn.MaxPool2d(3, 1, 1)(sc.full((1, 1, 2, 2), -5.0)).tolist() == [[[[-5.0, -5.0], [-5.0, -5.0]]]]


def test_pooling_without_a_batch():
    x = sc.randn(3, 6, 6)
    for layer in (nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(2), nn.AdaptiveMaxPool2d(2)):
        np.testing.assert_array_equal(layer(x).numpy(), layer(x.unsqueeze(0))[0].numpy())


def test_pooling_passes_not_a_number_on():
    x = sc.tensor([[[1.0, float("nan"), 2.0, 3.0]]])
    assert np.isnan(nn.MaxPool1d(2)(x).numpy()).tolist() == [[[True, False]]]


# ---- Batch normalization ---------------------------------------------------------------------------------------------


def test_running_statistics(rng):
    layer = nn.BatchNorm2d(3, momentum=0.2).double()
    mean, variance = np.zeros(3), np.ones(3)
    for _ in range(3):
        x = rng.normal(2, 3, (4, 3, 2, 5))
        result = layer(sc.from_numpy(x))
        expected = ref.batch_norm(x, None, None, np.ones(3), np.zeros(3), training=True)
        np.testing.assert_allclose(result.detach().numpy(), expected, rtol=1e-10, atol=1e-12)
        mean = 0.8 * mean + 0.2 * x.mean((0, 2, 3))
        variance = 0.8 * variance + 0.2 * x.var((0, 2, 3), ddof=1)
    assert layer.num_batches_tracked.item() == 3
    np.testing.assert_allclose(layer.running_mean.numpy(), mean)
    np.testing.assert_allclose(layer.running_var.numpy(), variance)
    expected = ref.batch_norm(x, mean, variance, np.ones(3), np.zeros(3))
    np.testing.assert_allclose(layer.eval()(sc.from_numpy(x)).detach().numpy(), expected)
    assert layer.num_batches_tracked.item() == 3


def test_running_statistics_as_means(rng):
    layer = nn.BatchNorm1d(2, momentum=None).double()
    batches = rng.normal(size=(4, 5, 2))
    for batch in batches:
        layer(sc.from_numpy(batch))
    np.testing.assert_allclose(layer.running_mean.numpy(), batches.mean((0, 1)))
    np.testing.assert_allclose(layer.running_var.numpy(), batches.var(1, ddof=1).mean(0))
    layer.reset_running_stats()
    assert layer.running_mean.tolist() == [0, 0]
    assert layer.num_batches_tracked.item() == 0


def test_batch_norm_without_parts():
    layer = nn.BatchNorm2d(3, affine=False, track_running_stats=False)
    assert list(layer.state_dict()) == []
    x = sc.randn(4, 3, 2, 2)
    # Without running statistics, evaluation uses the batch's own.
    np.testing.assert_array_equal(layer(x).numpy(), layer.eval()(x).numpy())
    assert list(nn.BatchNorm2d(3, bias=False).state_dict())[0:2] == ["weight", "running_mean"]
    assert list(nn.BatchNorm1d(3).state_dict()) == [
        "weight",
        "bias",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]


def test_statistics_are_not_part_of_the_graph():
    layer = nn.BatchNorm1d(2)
    for _ in range(2):
        layer(sc.randn(4, 2).requires_grad_()).sum().backward()
    assert not layer.running_mean.requires_grad


def test_batch_norm_errors():
    with pytest.raises(ValueError, match=r"BatchNorm2d: input has rank 3 \(2, 3, 4\), expected \(N, C, H, W\)"):
        nn.BatchNorm2d(3)(sc.ones(2, 3, 4))
    with pytest.raises(ValueError, match="BatchNorm1d: input has 4 channels.*num_features=3"):
        nn.BatchNorm1d(3)(sc.ones(2, 4))
    with pytest.raises(ValueError, match="expected more than one value per channel"):
        nn.BatchNorm1d(3)(sc.ones(1, 3))
    with pytest.raises(ValueError, match="InstanceNorm2d: input has rank 2"):
        nn.InstanceNorm2d(3)(sc.ones(2, 3))
    with pytest.raises(ValueError, match="num_features must not be negative"):
        nn.BatchNorm1d(-1)
    with pytest.raises(ValueError, match="GroupNorm: num_channels=3 must be a multiple"):
        nn.GroupNorm(2, 3)
    with pytest.raises(ValueError, match="LayerNorm: normalized_shape"):
        nn.LayerNorm(())
    with pytest.raises(ValueError, match="layer_norm: x has shape"):
        nn.LayerNorm(4)(sc.ones(2, 3))


def test_instance_norm_statistics(rng):
    layer = nn.InstanceNorm2d(2, momentum=0.5, affine=True, track_running_stats=True).double()
    x = rng.normal(size=(3, 2, 4, 5))
    layer(sc.from_numpy(x))
    np.testing.assert_allclose(layer.running_mean.numpy(), 0.5 * x.mean((0, 2, 3)))
    np.testing.assert_allclose(layer.running_var.numpy(), 0.5 + 0.5 * x.var((2, 3), ddof=1).mean(0))
    expected = ref.batch_norm(x, layer.running_mean.numpy(), layer.running_var.numpy(), np.ones(2), np.zeros(2))
    np.testing.assert_allclose(layer.eval()(sc.from_numpy(x)).detach().numpy(), expected)


# ---- Dropout ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_frequency(p):
    x = sc.ones(40_000, requires_grad=True)
    y = nn.Dropout(p)(x)
    kept = y.detach().numpy() != 0
    assert abs(kept.mean() - (1 - p)) < 5 * np.sqrt(p * (1 - p) / x.numel())
    np.testing.assert_allclose(y.detach().numpy()[kept], 1 / (1 - p), rtol=1e-6)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


def test_dropout_limits():
    x = sc.ones(5)
    assert nn.Dropout(0.0)(x) is x
    assert nn.Dropout(0.5).eval()(x) is x
    assert nn.Dropout(1.0)(x).tolist() == [0] * 5
    assert F.dropout(sc.ones(0)).shape == (0,)
    for bad in (-0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="p must be a probability"):
            nn.Dropout(bad)
        with pytest.raises(ValueError, match="dropout: p must be a probability"):
            F.dropout(x, bad)
    with pytest.raises(TypeError, match="dropout: expected a floating-point tensor, got swiftconv.int64"):
        F.dropout(sc.arange(3))


def test_dropout_in_place():
    x = sc.ones(100)
    y = nn.Dropout(0.5, inplace=True)(x)
    assert y is x
    assert set(x.tolist()) == {0.0, 2.0}


def test_dropout_is_repeatable():
    first = (sc.manual_seed(7), F.dropout(sc.ones(50)))[1]
    assert (first == F.dropout(sc.ones(50))).all().item() is False
    sc.manual_seed(7)
    assert (first == F.dropout(sc.ones(50))).all().item() is True


@pytest.mark.parametrize(
    ("layer", "shape", "channels"),
    [
        (nn.Dropout1d(0.5), (20, 30, 4), (20, 30)),
        (nn.Dropout1d(0.5), (400, 4), (400,)),
        (nn.Dropout2d(0.5), (20, 30, 2, 3), (20, 30)),
        (nn.Dropout2d(0.5), (20, 30, 4), (20, 30)),
        (nn.Dropout3d(0.5), (20, 30, 2, 1, 2), (20, 30)),
        (nn.Dropout3d(0.5), (400, 2, 1, 2), (400,)),
    ],
)
def test_channel_dropout(layer, shape, channels):
    planes = layer(sc.ones(shape)).numpy().reshape(*channels, -1)
    assert (planes == planes[..., :1]).all()
    assert set(np.unique(planes)) == {0.0, 2.0}
    with pytest.raises(ValueError, match=r"dropout\dd: input has shape \(3,\)"):
        layer(sc.ones(3))


# ---- Convolutions ----------------------------------------------------------------------------------------------------


def test_conv_transpose(rng):
    layer = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2, dilation=1).double()
    assert layer.weight.shape == (4, 3, 3, 3)
    x = rng.normal(size=(2, 4, 5, 3))
    expected = ref.conv_transpose(x, layer.weight.detach().numpy(), layer.bias.detach().numpy(), 2, 1, 1, 2)
    np.testing.assert_allclose(layer(sc.from_numpy(x)).detach().numpy(), expected, atol=1e-12)


def test_conv_transpose_output_size():
    layer = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)
    x = sc.ones(1, 1, 4, 4)
    assert layer(x).shape == (1, 1, 7, 7)
    assert layer(x, output_size=8).shape == (1, 1, 8, 8)
    assert layer(x, output_size=(7, 8)).shape == (1, 1, 7, 8)
    assert layer(x, (1, 1, 8, 7)).shape == (1, 1, 8, 7)
    with pytest.raises(ValueError, match=r"output_size \(9, 9\) is not possible; it must be from \(7, 7\) to \(8, 8\)"):
        layer(x, output_size=9)
    with pytest.raises(ValueError, match="padding must be numbers"):
        nn.ConvTranspose2d(1, 1, 3, padding="same")
    with pytest.raises(ValueError, match="padding_mode must be 'zeros'"):
        nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect")


def test_a_transposed_convolution_undoes_sizes():
    for rank, transposed in ((1, nn.ConvTranspose1d), (2, nn.ConvTranspose2d), (3, nn.ConvTranspose3d)):
        convolution = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1](2, 3, 3, stride=2, padding=1)
        x = sc.ones(1, 2, *(7, 9, 5)[:rank])
        assert transposed(3, 2, 3, stride=2, padding=1)(convolution(x)).shape == x.shape


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [2, (1, 0), "same", "valid"])
def test_padding_modes(mode, padding, rng):
    layer = nn.Conv2d(2, 3, (3, 2), padding=padding, padding_mode=mode).double()
    x = rng.normal(size=(2, 2, 5, 6))
    if padding == "same":
        around = [(1, 1), (0, 1)]
    else:
        around = {2: [(2, 2)] * 2, (1, 0): [(1, 1), (0, 0)], "valid": [(0, 0)] * 2}[padding]
    bordered = np.pad(
        x, [(0, 0), (0, 0), *around], {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode]
    )
    expected = ref.convolution(bordered, layer.weight.detach().numpy(), layer.bias.detach().numpy())
    np.testing.assert_allclose(layer(sc.from_numpy(x)).detach().numpy(), expected, atol=1e-12)


def test_unknown_padding_mode():
    with pytest.raises(ValueError, match="padding_mode must be 'zeros', 'reflect', 'replicate' or 'circular'"):
        nn.Conv2d(1, 1, 1, padding_mode="mirror")


# ---- Lazy layers -----------------------------------------------------------------------------------------------------

LAZY = {
    "BatchNorm1d": (lambda: nn.LazyBatchNorm1d(), (4, 3)),
    "BatchNorm2d": (lambda: nn.LazyBatchNorm2d(momentum=0.3), (4, 3, 2, 2)),
    "BatchNorm3d": (lambda: nn.LazyBatchNorm3d(), (4, 3, 2, 2, 2)),
    "ConvTranspose1d": (lambda: nn.LazyConvTranspose1d(2, 3), (4, 3, 5)),
    "ConvTranspose2d": (lambda: nn.LazyConvTranspose2d(2, 3, stride=2, output_padding=1), (4, 3, 5, 5)),
    "ConvTranspose3d": (lambda: nn.LazyConvTranspose3d(6, 3, groups=3), (4, 3, 5, 5, 5)),
}


@pytest.mark.parametrize("name", LAZY)
def test_lazy_layers(name):
    make, shape = LAZY[name]
    layer = make()
    assert type(layer).__name__ == "Lazy" + name
    before = {key: id(value) for key, value in layer.named_parameters()}
    x = sc.randn(shape)
    assert layer(x).shape[0] == 4
    assert type(layer) is getattr(nn, name)
    assert {key: id(value) for key, value in layer.named_parameters()} == before
    assert all(type(value) is nn.Parameter for value in layer.parameters())
    assert all(type(value) is sc.Tensor for value in layer.buffers())

    loaded = make()
    loaded.load_state_dict(layer.state_dict())
    assert type(loaded).__name__ == "Lazy" + name
    np.testing.assert_array_equal(loaded.eval()(x).detach().numpy(), layer.eval()(x).detach().numpy())
    assert repr(loaded) == repr(layer)


def test_lazy_batch_norm_before_the_first_input():
    layer = nn.LazyBatchNorm2d()
    assert repr(layer.running_mean) == "<UninitializedBuffer>"
    with pytest.raises(RuntimeError, match="not known yet"):
        _ = layer.running_var.shape
    twin = copy.deepcopy(layer)
    assert twin(sc.randn(2, 5, 3, 3)).shape == (2, 5, 3, 3)
    assert layer.has_uninitialized_params()
    with pytest.raises(ValueError, match="BatchNorm2d: input has rank 2"):
        layer(sc.ones(2, 3))
    # A failed first call changes nothing.
    assert type(layer) is nn.LazyBatchNorm2d
    assert layer(sc.randn(2, 3, 4, 4)).shape == (2, 3, 4, 4)


def test_dtype_of_lazy_layers():
    net = nn.Sequential(nn.LazyConv2d(3, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(1)).double()
    assert net(sc.randn(4, 1, 6, 6, dtype=sc.float64)).dtype is sc.float64
    assert {each.dtype for each in (*net.parameters(), net[1].running_var)} == {sc.float64}


def test_an_optimizer_made_before_the_first_input():
    net = nn.Sequential(nn.LazyConv2d(3, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(1))
    optimizer = sc.optim.SGD(net.parameters(), lr=0.1)
    net(sc.randn(4, 1, 6, 6)).sum().backward()
    before = [parameter.detach().clone() for parameter in net.parameters()]
    optimizer.step()
    assert any((old != new).any().item() for old, new in zip(before, net.parameters(), strict=True))


# ---- Gradients of whole layers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.BatchNorm2d(2), (3, 2, 2, 2)),
        (lambda: nn.BatchNorm2d(2).eval(), (3, 2, 2, 2)),
        (lambda: nn.LayerNorm((3, 2)), (2, 3, 2)),
        (lambda: nn.GroupNorm(2, 4), (2, 4, 3)),
        (lambda: nn.InstanceNorm1d(2, affine=True), (2, 2, 4)),
        (lambda: nn.ConvTranspose2d(2, 2, 2, stride=2), (1, 2, 2, 3)),
        (lambda: nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"), (1, 1, 4, 4)),
        (lambda: nn.Sequential(nn.Conv2d(1, 2, 2), nn.ELU(inplace=True), nn.AvgPool2d(2)), (1, 1, 5, 5)),
        (lambda: nn.Upsample(scale_factor=1.5, mode="bilinear"), (1, 1, 3, 3)),
    ],
)
def test_gradients(make, shape):
    layer = make().double()
    x = sc.randn(shape, dtype=sc.float64).requires_grad_()
    names = [name for name, _ in layer.named_parameters()]

    def call(x, *values):
        for name, value in zip(names, values, strict=True):
            path, _, last = name.rpartition(".")
            layer.get_submodule(path)._parameters[last] = value
        return layer(x)

    leaves = [parameter.detach().clone().requires_grad_() for parameter in layer.parameters()]
    assert sc.autograd.gradcheck(call, (x, *leaves))
    assert sc.autograd.gradgradcheck(call, (x, *leaves), fast_mode=True)


def test_group_norm_of_an_empty_batch_has_gradients():
    x, weight, bias = (sc.ones(*shape, requires_grad=True) for shape in ((0, 4, 3), (4,), (4,)))
    y = F.group_norm(x, 2, weight, bias)
    y.sum().backward()
    assert y.shape == x.grad.shape == (0, 4, 3)
    assert weight.grad.tolist() == bias.grad.tolist() == [0, 0, 0, 0]
