"""Sessions whose texts, errors included, are those of TensorFlow 2.12; each file runs on TensorFlow itself too."""

import doctest
from pathlib import Path

import pytest

import swiftconv.tensorflow as tf
from swiftconv.dialects import load, unload

SESSIONS = sorted((Path(__file__).parent / "tensorflow_texts").glob("*.txt"))


@pytest.fixture
def dialect():
    tf.keras.backend.clear_session()
    load(tf.DIALECT)
    yield
    unload(tf.DIALECT)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_session_reads_as_in_tensorflow(path, dialect, capsys):
    failed, tried = doctest.testfile(str(path), module_relative=False, encoding="utf-8", verbose=False)
    assert tried and not failed, capsys.readouterr().out
