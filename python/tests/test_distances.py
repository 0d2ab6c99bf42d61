"""LPIPS and DISTS give what their authors' code gave: trunks made from names under the authors' own
heads, which are no part of robiq (skipped where they are missing)."""

import os
import pathlib

import pytest
import torch

import det
import robiq

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ROBIQ_SHARED") or ROOT.parent / "shared")

ALEX = [("0", 3, 64, 11), ("3", 64, 192, 5), ("6", 192, 384, 3), ("8", 384, 256, 3),
        ("10", 256, 256, 3)]
VGG = [("0", 3, 64, 3), ("2", 64, 64, 3), ("5", 64, 128, 3), ("7", 128, 128, 3),
       ("10", 128, 256, 3), ("12", 256, 256, 3), ("14", 256, 256, 3), ("17", 256, 512, 3),
       ("19", 512, 512, 3), ("21", 512, 512, 3), ("24", 512, 512, 3), ("26", 512, 512, 3),
       ("28", 512, 512, 3)]
FIRES = [(3, 64, 16), (4, 128, 16), (6, 128, 32), (7, 256, 32), (9, 256, 48), (10, 384, 48),
         (11, 384, 64), (12, 512, 64)]
SQUEEZE = [("0", 3, 64, 3)] + [
    layer for place, inputs, squeezed in FIRES
    for layer in ((f"{place}.squeeze", inputs, squeezed, 1),
                  (f"{place}.expand1x1", squeezed, 4 * squeezed, 1),
                  (f"{place}.expand3x3", squeezed, 4 * squeezed, 3))]
LAYERS = {"alex": ALEX, "vgg": VGG, "squeeze": SQUEEZE}


def authors_file(name):
    file = SHARED / "weights" / name
    if not file.exists():
        pytest.skip(f"no {name} here")
    return file


@pytest.fixture(scope="module")
def trunk(tmp_path_factory):
    """The file of a network's convolutions, made once."""
    folder = tmp_path_factory.mktemp("trunks")

    def file(net):
        path = folder / f"{net}.pth"
        if not path.exists():
            tensors = {}
            for name, inputs, outputs, kernel in LAYERS[net]:
                for part, shape in (("weight", (outputs, inputs, kernel, kernel)),
                                    ("bias", (outputs,))):
                    key = f"features.{name}.{part}"
                    tensors[key] = det.weight(key, shape)
            torch.save(tensors, path)
        return path

    return file


def pair(case):
    first, spec = det.picture(case["x"]), case["y"]
    if "const" in spec:
        second = (first + spec["const"]).clamp(0, 1)
    elif "lo" in spec:
        noise = det.noise(spec["name"], spec["lo"], spec["hi"], first.shape)
        second = (first + noise).clamp(0, 1)
    else:
        second = det.picture(spec)
    return first, second.requires_grad_()


def expect_gradient(case, value, second, relative):
    (gradient,) = torch.autograd.grad(value.sum(), second)
    largest = case.get("grad_linf", gradient.abs().max().item())
    assert gradient.abs().max().item() == pytest.approx(largest, rel=relative)
    assert gradient.abs().sum().item() == pytest.approx(case["grad_l1"], rel=0.01)
    samples = gradient.flatten()[torch.tensor(case["sample_index_chw"])]
    assert samples.tolist() == pytest.approx(case["sample_grad"], abs=relative * largest)


@pytest.mark.parametrize("net", ["alex", "squeeze", "vgg"])
def test_lpips_is_its_authors(net, trunk, fixture):
    heads = authors_file(f"lpips_{net}.pth")
    measure = robiq.Distance("lpips", net=net, heads=heads, trunk=trunk(net))
    golden = fixture("lpips.json")
    cases = [case for case in golden["cases"] if case["net"] == net]
    assert len(cases) == 3
    for case in cases:
        first, second = pair(case)
        value = measure(first, second)
        assert value.item() == pytest.approx(case["lpips"], rel=golden["tolerance"]["value_rel"])
        expect_gradient(case, value, second, golden["tolerance"]["grad_rel_to_linf"])
    once = robiq.lpips(first, second, heads=heads, trunk=trunk(net), net=net)
    assert torch.equal(once, value)


def test_dists_is_its_authors(trunk, fixture):
    files = {"weights": authors_file("dists_weights.pt"), "trunk": trunk("vgg")}
    golden = fixture("dists.json")
    measure = robiq.Distance("dists", **files)
    assert len(golden["cases"]) == 3
    for case in golden["cases"]:
        first, second = pair(case)
        value = measure(first, second)
        assert value.item() == pytest.approx(case["dists"], abs=golden["tolerance"]["value_abs"])
        expect_gradient(case, value, second, golden["tolerance"]["grad_rel_to_linf"])
    assert torch.equal(robiq.dists(first, second, **files), value)
