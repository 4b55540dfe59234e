"""Changing images."""

import numpy
import pytest

import swiftconv as sc
from swiftconv.data import transforms

Image = pytest.importorskip("PIL.Image", reason="needs Pillow")


@pytest.fixture
def photo(rng):
    """Colours ``(7, 5, 3)``."""
    return rng.integers(0, 256, (7, 5, 3), dtype=numpy.uint8)


def both_kinds(pixels):
    """The same picture as an image of Pillow and as a tensor ``(C, H, W)``."""
    return Image.fromarray(pixels), sc.tensor(numpy.moveaxis(pixels, -1, 0).copy())


def pixels_of(image):
    """A picture of either kind as an array ``(H, W, C)``."""
    return numpy.moveaxis(image.numpy(), 0, -1) if isinstance(image, sc.Tensor) else numpy.asarray(image)


# ---- ToTensor --------------------------------------------------------------------------------------------------------


def test_to_tensor_of_bytes(photo):
    expected = numpy.moveaxis(photo, -1, 0).astype(numpy.float32) / 255
    for picture in (photo, Image.fromarray(photo), numpy.asfortranarray(photo), photo[::-1][::-1]):
        tensor = transforms.ToTensor()(picture)
        assert tensor.dtype is sc.float32 and tensor.is_contiguous()
        numpy.testing.assert_array_equal(tensor.numpy(), expected)


@pytest.mark.parametrize(
    "mode, channels, dtype",
    [
        ("L", 1, sc.float32),
        ("1", 1, sc.float32),
        ("RGBA", 4, sc.float32),
        ("F", 1, sc.float32),
        ("I", 1, sc.int32),
        ("I;16", 1, sc.int32),
    ],
)
def test_to_tensor_of_modes(mode, channels, dtype):
    tensor = transforms.ToTensor()(Image.new(mode, (3, 2), 1 if channels == 1 else (255,) * 4))
    assert tuple(tensor.shape) == (channels, 2, 3) and tensor.dtype is dtype
    expected = {"L": 1 / 255, "1": 1, "RGBA": 1, "F": 1, "I": 1, "I;16": 1}[mode]
    numpy.testing.assert_allclose(tensor.numpy(), expected, rtol=1e-6)


def test_to_tensor_keeps_other_numbers_and_copies():
    array = numpy.array([[1.5, 300.0]])
    tensor = transforms.ToTensor()(array)
    array[:] = 0
    assert tensor.dtype is sc.float64 and tensor.tolist() == [[[1.5, 300.0]]]


@pytest.mark.parametrize(
    "picture, error, text",
    [
        (numpy.zeros(3, numpy.uint8), ValueError, r"\(H, W\) or \(H, W, C\), got shape \(3,\)"),
        (numpy.zeros((1, 2, 3, 4), numpy.uint8), ValueError, "got shape"),
        ([[1, 2]], TypeError, "expected an image of Pillow or a numpy.ndarray, got list"),
        (numpy.zeros((2, 2), numpy.float16), TypeError, "float16"),
        (numpy.zeros((2, 2), object), TypeError, "copy"),
    ],
)
def test_to_tensor_errors(picture, error, text):
    with pytest.raises(error, match=text):
        transforms.ToTensor()(picture)


# ---- Resize ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size, expected", [(14, (14, 19)), ([14], (14, 19)), ((10, 30), (10, 30)), (1, (1, 1)), (28, (28, 39))]
)
def test_resize_sizes(size, expected):
    tall = Image.new("L", (28, 20))
    resized = transforms.Resize(size)(tall)
    assert (resized.height, resized.width) == expected
    turned = transforms.Resize(size)(Image.new("L", (20, 28)))
    assert (turned.width, turned.height) == (expected if not isinstance(size, tuple) else expected[::-1])


def test_resize_is_that_of_pillow(photo):
    image = Image.fromarray(photo)
    for name in ("NEAREST", "BILINEAR", "BICUBIC"):
        mode = transforms.InterpolationMode[name]
        expected = numpy.asarray(image.resize((11, 13), Image.Resampling[name]))
        for choice in (mode, mode.value):
            numpy.testing.assert_array_equal(transforms.Resize((13, 11), choice)(image), expected)
    assert transforms.Resize((7, 5))(image) is image


@pytest.mark.parametrize(
    "make, error, text",
    [
        (lambda: transforms.Resize(0), ValueError, "Resize: expected 1 or more"),
        (lambda: transforms.Resize(1.5), TypeError, "Resize: expected whole numbers"),
        (lambda: transforms.Resize((1, 2, 3)), ValueError, r"one number or \(height, width\)"),
        (lambda: transforms.Resize(3, "lanczos"), ValueError, "'nearest', 'bilinear', 'bicubic'"),
        (lambda: transforms.Resize(3)(sc.zeros(1, 4, 4)), TypeError, "put Resize before ToTensor"),
    ],
)
def test_resize_errors(make, error, text):
    with pytest.raises(error, match=text):
        make()


# ---- Crops and flips -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 5, (7, 5), (2, 3), (9, 3), (4, 8), 10])
def test_center_crop(photo, size):
    height, width = (size, size) if isinstance(size, int) else size
    frame = numpy.zeros((max(height, 7), max(width, 5), 3), numpy.uint8)
    # An odd margin has the smaller half above and to the left when the picture is widened.
    top, left = (max(0, height - 7)) // 2, (max(0, width - 5)) // 2
    frame[top : top + 7, left : left + 5] = photo
    top, left = round((frame.shape[0] - height) / 2), round((frame.shape[1] - width) / 2)
    expected = frame[top : top + height, left : left + width]
    for picture in both_kinds(photo):
        numpy.testing.assert_array_equal(pixels_of(transforms.CenterCrop(size)(picture)), expected)


@pytest.mark.parametrize("padding", [None, 2, (1, 2), (0, 1, 2, 3)])
@pytest.mark.parametrize("fill", [0, 9])
def test_random_crop_takes_parts_of_the_padded_image(photo, padding, fill):
    left, top, right, bottom = {None: (0,) * 4, 2: (2,) * 4, (1, 2): (1, 2, 1, 2)}.get(padding, padding)
    frame = numpy.pad(photo, ((top, bottom), (left, right), (0, 0)), constant_values=fill)
    windows = numpy.lib.stride_tricks.sliding_window_view(frame, (4, 3), axis=(0, 1)).transpose(0, 1, 3, 4, 2)
    crop = transforms.RandomCrop((4, 3), padding=padding, fill=fill)
    places = set()
    for _ in range(60):
        state = sc.random.default_generator().bit_generator.state
        parts = []
        for picture in both_kinds(photo):
            sc.random.default_generator().bit_generator.state = state
            parts.append(pixels_of(crop(picture)))
        numpy.testing.assert_array_equal(*parts)
        found = numpy.argwhere((windows == parts[0]).all(axis=(2, 3, 4)))
        assert len(found)
        places.add(tuple(found[0]))
    assert len(places) > 5


def test_random_crop_of_small_images(photo):
    with pytest.raises(ValueError, match="pad_if_needed=True"):
        transforms.RandomCrop(8)(Image.fromarray(photo))
    widened = transforms.RandomCrop((8, 9), pad_if_needed=True)
    for picture in both_kinds(photo):
        assert pixels_of(widened(picture)).shape == (8, 9, 3)


def test_grey_and_palette_images_can_be_padded():
    for mode in ("L", "1", "P", "F", "I"):
        crop = transforms.RandomCrop(6, padding=2)(Image.new(mode, (4, 4), 1))
        assert crop.mode == mode and crop.size == (6, 6)


def test_flip(photo):
    for picture in both_kinds(photo):
        flipped = transforms.RandomHorizontalFlip(p=1)(picture)
        numpy.testing.assert_array_equal(pixels_of(flipped), photo[:, ::-1])
        assert transforms.RandomHorizontalFlip(p=0)(picture) is picture
    some = [transforms.RandomHorizontalFlip()(sc.tensor([[1, 2]])).tolist() for _ in range(40)]
    assert 5 < some.count([[2, 1]]) < 35


def test_the_seed_decides():
    augment = transforms.Compose([transforms.RandomCrop(20, padding=4), transforms.RandomHorizontalFlip()])
    image = sc.rand(1, 20, 20)

    def results(seed):
        sc.manual_seed(seed)
        return [augment(image).tolist() for _ in range(3)]

    assert results(1) == results(1) != results(2)


@pytest.mark.parametrize(
    "make, error, text",
    [
        (lambda: transforms.CenterCrop((1, 0)), ValueError, "CenterCrop: expected 1 or more"),
        (lambda: transforms.RandomCrop(3, padding=-1), ValueError, "RandomCrop: expected 0 or more"),
        (lambda: transforms.RandomCrop(3, padding=(1, 2, 3)), ValueError, "padding must be 1, 2 or 4 numbers"),
        (lambda: transforms.RandomHorizontalFlip(1.5), ValueError, "p must be between 0 and 1"),
        (lambda: transforms.RandomHorizontalFlip()(numpy.zeros((2, 2))), TypeError, "got ndarray"),
        (lambda: transforms.CenterCrop(2)(sc.zeros(3)), ValueError, r"expected a tensor \(..., H, W\)"),
        (lambda: transforms.Lambda(3), TypeError, "expected a function"),
    ],
)
def test_crop_and_flip_errors(make, error, text):
    with pytest.raises(error, match=text):
        make()


# ---- Normalize and the rest ------------------------------------------------------------------------------------------


def test_normalize(rng):
    values = rng.standard_normal((2, 3, 4, 5)).astype(numpy.float32)
    mean, std = [0.1, 0.2, 0.3], [1.0, 2.0, 4.0]
    expected = (values - numpy.reshape(mean, (3, 1, 1))) / numpy.reshape(std, (3, 1, 1))
    image = sc.from_numpy(values.copy())
    normalized = transforms.Normalize(mean, std)(image)
    assert normalized.dtype is sc.float32
    numpy.testing.assert_allclose(normalized.numpy(), expected, rtol=1e-5, atol=1e-6)
    numpy.testing.assert_array_equal(image.numpy(), values)
    assert transforms.Normalize(mean, std, inplace=True)(image) is image
    numpy.testing.assert_allclose(image.numpy(), expected, rtol=1e-5, atol=1e-6)
    assert transforms.Normalize(0.5, 0.5)(sc.ones(2, 1, 1)).flatten().tolist() == [1, 1]


@pytest.mark.parametrize(
    "make, error, text",
    [
        (lambda: transforms.Normalize([0.0], [0.0]), ValueError, "a standard deviation is 0"),
        (lambda: transforms.Normalize([0.0] * 2, [1.0] * 2)(sc.ones(3, 1, 1)), ValueError, "2 numbers for 3 channels"),
        (lambda: transforms.Normalize([0.0], [1.0])(sc.ones(3, 1)), ValueError, r"\(..., C, H, W\)"),
        (lambda: transforms.Normalize([0.0], [1.0])(sc.ones(1, 2, 2).long()), TypeError, "put ToTensor before it"),
        (lambda: transforms.Normalize([0.0], [1.0])(Image.new("L", (2, 2))), TypeError, "got Image"),
    ],
)
def test_normalize_errors(make, error, text):
    with pytest.raises(error, match=text):
        make()


def test_text():
    pipeline = transforms.Compose(
        [
            transforms.Resize((8, 8)),
            transforms.RandomCrop(8, padding=1),
            transforms.ToTensor(),
            transforms.Normalize((0.5,), (0.5,)),
            transforms.Lambda(lambda image: image),
        ]
    )
    assert repr(pipeline) == (
        "Compose(\n"
        "    Resize(size=(8, 8), interpolation=bilinear)\n"
        "    RandomCrop(size=(8, 8), padding=(1, 1, 1, 1))\n"
        "    ToTensor()\n"
        "    Normalize(mean=(0.5,), std=(0.5,))\n"
        "    Lambda()\n"
        ")"
    )
    assert tuple(pipeline(Image.new("L", (9, 11), 255)).shape) == (1, 8, 8)


def test_without_pillow():
    from subprocesses import check_python

    code = """
        import sys
        sys.modules["PIL"] = None
        import numpy
        from swiftconv.data import MNIST, transforms
        print(transforms.ToTensor()(numpy.zeros((2, 2), numpy.uint8)).shape)
        try:
            from swiftconv.data import _images
            _images.pillow()
        except ImportError as error:
            print(error)
    """
    shape, message = check_python(code).splitlines()
    assert shape == "swiftconv.Size([1, 2, 2])"
    assert message == 'images need Pillow; install it with: pip install "swiftconv[data]"'
