"""What the tests share. Run by ctest as python_test, with the built package on PYTHONPATH."""

import json
import os
import pathlib
import subprocess

import pytest
import torch

import det
import robiq

STRICT = os.environ.get("ROBIQ_TESTS_STRICT", "0") not in ("", "0")
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "tests" / "fixtures"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With ROBIQ_TESTS_STRICT=1 a skipped test has failed, but for want of a GPU."""
    report = (yield).get_result()
    if STRICT and report.skipped and not hasattr(report, "wasxfail") and "gpu" not in item.keywords:
        report.outcome = "failed"
        report.longrepr = f"skipped, which ROBIQ_TESTS_STRICT does not allow: {report.longrepr[2]}"


def pytest_configure(config):
    config.addinivalue_line("markers", "gpu: needs a GPU")


@pytest.fixture(autouse=True)
def silence():
    robiq.set_progress(False)


@pytest.fixture
def tiny():
    """TinyIQA, wrapped: ImageNet's normalisation is robiq's part."""
    return robiq.wrap(det.TinyIqa(), scale=(0, 100), normalize="imagenet", name="tiny")


@pytest.fixture
def fixture():
    """Reads a golden file."""
    return lambda name: json.loads((FIXTURES / "attacks" / name).read_text())


@pytest.fixture
def program():
    """Runs the program; returns its standard output."""
    path = os.environ.get("ROBIQ_PROGRAM")
    if not path:
        pytest.skip("ROBIQ_PROGRAM names no program")

    def run(*arguments):
        return subprocess.run(
            [path, *map(str, arguments)], check=True, capture_output=True, text=True
        ).stdout

    return run


@pytest.fixture
def weights(tmp_path_factory, program):
    """A small model that the program trained, once for all tests."""
    out = tmp_path_factory.getbasetemp() / "trained"
    if not out.exists():
        program("train", "--model", "cnniqa", "--data", "builtin:scenes=12,size=64", "--epochs", "1",
                "--max-steps", "2", "--threads", "1", "--out", out)
    return out / "checkpoints" / "best.safetensors"


@pytest.fixture
def pictures():
    """Two pictures whose scores differ."""
    return torch.cat([det.picture({"name": "a", "h": 40, "w": 40, "mul": 128, "add": 64}),
                      det.picture({"name": "b", "h": 40, "w": 40, "mul": 64, "add": 180})])
