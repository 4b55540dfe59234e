"""Seeded random numbers: PyTorch's own, as its CPU generator draws them."""

import numpy
import pytest

import swiftconv as sc
from swiftconv import torch


@pytest.fixture(autouse=True)
def own_generator_again():
    yield
    sc.manual_seed(0)


def test_uniform():
    torch.manual_seed(0)
    assert repr(torch.rand(3)) == "tensor([0.4963, 0.7682, 0.0885])"
    torch.manual_seed(0)
    numpy.testing.assert_array_equal(torch.rand(2, 2).reshape(-1)[:3].numpy(), torch_rand_of_seed_0())


def torch_rand_of_seed_0():
    torch.manual_seed(0)
    return torch.rand(3).numpy()


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_uniform_numbers_are_24_bits_of_the_twister(seed):
    twister = numpy.random.MT19937()
    twister._legacy_seeding(seed)
    wanted = (twister.random_raw(100) & 0xFFFFFF) / 2**24
    torch.manual_seed(seed)
    numpy.testing.assert_array_equal(torch.rand(100).numpy(), wanted.astype(numpy.float32))


KNOWN = {
    "randn(3)": (0, lambda: torch.randn(3), "tensor([ 1.5410, -0.2934, -2.1788])"),
    "randperm": (0, lambda: torch.randperm(5), "tensor([4, 0, 1, 3, 2])"),
    "randint": (0, lambda: torch.randint(0, 10, (5,)), "tensor([4, 9, 3, 0, 3])"),
    "Generator": (1, lambda: torch.rand(2, generator=torch.Generator().manual_seed(0)), "tensor([0.4963, 0.7682])"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_numbers(name):
    seed, call, wanted = KNOWN[name]
    torch.manual_seed(seed)
    assert repr(call()) == wanted


def test_layers_and_initialisers_use_the_stream():
    torch.manual_seed(0)
    bound = 1 / 3
    wanted = (torch.rand(9) * (2 * bound) - bound).reshape(1, 1, 3, 3)
    torch.manual_seed(0)
    numpy.testing.assert_allclose(torch.nn.Conv2d(1, 1, 3).weight.detach().numpy(), wanted.numpy(), atol=1e-7)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 31, 32, 33, 1000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_normal_numbers(count, dtype):
    torch.manual_seed(0)
    values = torch.randn(count, dtype=dtype)
    assert values.dtype == dtype and bool(torch.isfinite(values).all())
    if count == 1000:
        assert abs(float(values.mean())) < 0.1 and abs(float((values**2).mean()) - 1) < 0.1


def test_seeds():
    generator = torch.manual_seed(7)
    assert torch.initial_seed() == generator.initial_seed() == 7
    assert torch.seed() == torch.initial_seed()
    assert sorted(torch.randperm(100).tolist()) == list(range(100))
    assert torch.randperm(0).tolist() == []
