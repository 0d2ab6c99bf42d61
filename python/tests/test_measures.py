"""Measures, distances, certificates and readers."""

import pathlib
import pickle
import re
import subprocess
import sys

import pytest
import torch

import robiq


def test_metrics_are_the_programs(program, tmp_path):
    import json

    mos, before, after = [10, 20, 35, 60, 80], [12, 18, 40, 55, 90.5], [30, 10, 44, 12, 81.25]
    rows = ["mos,before,after"] + [f"{a},{b},{c}" for a, b, c in zip(mos, before, after)]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    wanted = json.loads(program("metrics", tmp_path / "t.csv", "--format", "json", "--seed", 3))
    made = robiq.metrics(mos=torch.tensor(mos), before=before, after=after, seed=3)
    assert made == wanted


@pytest.mark.parametrize("given, expected", [
    ({"mos": [1, 2]}, "cannot be compared"),
    ({"mos": [1, 2], "before": [1, 2, 3]}, "one score for each picture"),
    ({"mos": [1], "before": [1]}, "two pictures or more"),
])
def test_lists_that_cannot_be_compared_are_refused(given, expected):
    with pytest.raises(robiq.Error, match=expected) as error:
        robiq.metrics(**given)
    assert error.value.code == 3


class Net:
    pass


def attack_class(**facts):
    perturb = {"perturb": lambda self, model, images, context: images}
    return type("Said", (robiq.Attack,), {"name": "test-said", **perturb, **facts})


@pytest.mark.parametrize("use, expected", [
    (lambda m, x: m(x, seed="a"), "seed is 'a'"),
    (lambda m, x: m(x, seed=1.5), "seed is 1.5"),
    (lambda m, x: robiq.attack("fgsm", m, x, seed=2**70), "seed is"),
    (lambda m, x: robiq.attack("fgsm", m, x, mos=[1.0, 2.0]), "mos must be 1 numbers, one a picture; these are 2"),
    (lambda m, x: robiq.attack("fgsm", m, x, mos=5), "mos must be 1 numbers, .*; this is an int"),
    (lambda m, x: robiq.attack("fgsm", m, x, ids="a"), "ids must be a list of names; this is a str"),
    (lambda m, x: robiq.attack("fgsm", m, x, ids=["a", "b"]), "2 ids for 1 pictures"),
    (lambda m, x: robiq.attack(5, m, x), "spec must be a text; this is an int"),
    (lambda m, x: robiq.purify(None, x), "spec must be a text"),
    (lambda m, x: robiq.report(5), "run must be a path; this is an int"),
    (lambda m, x: robiq.read_picture(5), "file must be a path; this is an int"),
    (lambda m, x: robiq.load_weights(5), "file must be a path"),
    (lambda m, x: robiq.load_plugin(5), "file must be a path"),
    (lambda m, x: robiq.list_entries(5), "kind must be a text"),
    (lambda m, x: robiq.describe("attack", 5), "name must be a text"),
    (lambda m, x: robiq.Distance(5), "name must be a text"),
    (lambda m, x: robiq.Model.load(5), "model must be a text"),
    (lambda m, x: robiq.Model.load("cnniqa", weights=5), "weights must be a path"),
    (lambda m, x: robiq.Model.load("cnniqa", scale="0:1"), "scale is '0:1'"),
    (lambda m, x: m.load_state_dict([1]), "no tensors by name"),
    (lambda m, x: robiq.certify(m, x, radius="big"), "radius is 'big'"),
    (lambda m, x: robiq.certify(m, x, samples=1.5), "samples is 1.5"),
    (lambda m, x: robiq.metrics(mos=5, before=[1, 2]), "mos must be numbers; this is an int"),
    (lambda m, x: robiq.metrics(mos="12", before=[1, 2]), "mos must be numbers; this is a str"),
    (lambda m, x: robiq.metrics(mos=[1, 2], before=[1, "b"]), "before must be numbers; this is a list"),
    (lambda m, x: robiq.evaluate(m, data=5, out="none"), "the data is an int"),
    (lambda m, x: robiq.evaluate(m, data={"a": 1}, out="none"), "the data is a dict"),
    (lambda m, x: robiq.evaluate(m, data=[("a", x[0], "b")], out="none"), "the MOS of item 0 is 'b'"),
    (lambda m, x: robiq.evaluate(m, data=[("a", x[0], 1)], out=5), "out must be a path"),
    (lambda m, x: robiq.evaluate(m, data="builtin", attacks=5, out="none"), "attacks is an int"),
    (lambda m, x: robiq.evaluate(m, data="builtin", attacks=[5], out="none"), "attacks must be a text"),
    (lambda m, x: robiq.evaluate(m, data=[("a", x[0], 1)], mos_scale=3, out="none"), "mos_scale is 3"),
    (lambda m, x: robiq.gradient_norm_penalty(m, x, rng_state=5), "rng_state must be a tensor"),
    (lambda m, x: robiq.adversarial_batch(m, x, [1.0], loss=5), "loss is 5"),
    (lambda m, x: robiq.register_attack(5), "an int is no robiq.Attack"),
    (lambda m, x: robiq.register_attack(Net), "the class Net is no robiq.Attack"),
    (lambda m, x: robiq.register_purifier(Net()), "a Net is no robiq.Purifier"),
    (lambda m, x: robiq.register_attack(attack_class(rank="first")), "its rank is 'first'"),
    (lambda m, x: robiq.register_attack(attack_class(white_box=0)), "its white_box is 0"),
    (lambda m, x: robiq.register_attack(attack_class(paper=None)), "its paper is None"),
    (lambda m, x: robiq.register_attack(attack_class(options=5)), "its options is 5"),
    (lambda m, x: robiq.report([]), "no run folder is given"),
])
def test_what_cannot_be_understood_is_named_in_one_line(use, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
    with pytest.raises(robiq.Error, match=expected) as error:
        use(model, torch.rand(1, 3, 32, 32))
    assert error.value.code in (2, 3, 4)
    assert "\n" not in str(error.value) and "incompatible" not in str(error.value)


def test_distances_are_differentiable():
    a, b = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32, requires_grad=True)
    for distance in (robiq.ssim, robiq.psnr, robiq.Distance("l2"), robiq.Distance("linf")):
        (gradient,) = torch.autograd.grad(distance(a, b).sum(), b)
        assert gradient.abs().sum() > 0
    assert robiq.Distance("ssim").higher_is_closer and not robiq.Distance("l2").higher_is_closer
    assert torch.allclose(robiq.Distance("linf")(a, b), (a - b).abs().amax((1, 2, 3)))


def test_pictures_that_differ_in_size_are_refused():
    with pytest.raises(robiq.Error) as error:
        robiq.ssim(torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 33))
    assert error.value.code == 3


def test_a_certificate_holds_for_what_is_inside(tiny):
    image = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(4))
    made = robiq.certify(tiny, image, radius=0.05, samples=300, confidence=0.9, seed=1)
    assert made.low <= made.smoothed_score <= made.high
    assert made == robiq.certify(tiny, image, radius=0.05, samples=300, confidence=0.9, seed=1)
    assert made.bin_radius is None
    binned = robiq.certify(tiny, image, radius=0.05, samples=300, confidence=0.9, seed=1, bins=2)
    assert binned.low == made.low and binned.passes == made.passes + 100
    assert binned.bin_radius > 0
    wider = robiq.certify(tiny, image, radius=0.1, samples=300, confidence=0.9, seed=1)
    assert wider.high - wider.low >= made.high - made.low
    assert made.score == pytest.approx(tiny(image).item(), abs=1e-4)
    with pytest.raises(robiq.Error):
        robiq.certify(tiny, image, sigma=-1)


class Evil:
    def __reduce__(self):
        return (pathlib.Path.write_text, (pathlib.Path("/tmp/robiq-evil"), "x"))


def test_the_reader_executes_nothing(tmp_path):
    torch.save({"model": {"a": torch.arange(3.0)}, "epoch": 4}, tmp_path / "good.pth")
    assert torch.equal(robiq.load_weights(tmp_path / "good.pth")["a"], torch.arange(3.0))
    (tmp_path / "evil.pth").write_bytes(pickle.dumps({"a": Evil()}))
    with pytest.raises(robiq.Error) as error:
        robiq.load_weights(tmp_path / "evil.pth")
    assert error.value.code == 4 and not pathlib.Path("/tmp/robiq-evil").exists()


def test_a_picture_that_is_none_is_refused(tmp_path):
    (tmp_path / "p.png").write_text("no picture")
    with pytest.raises(robiq.Error) as error:
        robiq.read_picture(tmp_path / "p.png")
    assert error.value.code == 3 and "p.png" in str(error.value)


def test_the_error_can_be_pickled_and_has_three_texts():
    with pytest.raises(robiq.Error) as error:
        robiq.list_entries("modles")
    again = pickle.loads(pickle.dumps(error.value))
    assert (again.what, again.where, again.hint, again.code) == (
        error.value.what, error.value.where, error.value.hint, 2)
    assert "models" in again.hint


def test_messages_go_to_logging(caplog):
    model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
    with caplog.at_level("INFO", logger="robiq"):
        robiq.attack("ifgsm:steps=1,epsilon=0.03", model, torch.rand(1, 3, 16, 16))
    assert any("epsilon" in record.message for record in caplog.records)


def test_progress_is_shown_and_silenced(capsys):
    pytest.importorskip("tqdm")
    model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
    images = torch.rand(2, 3, 16, 16)
    robiq.attack("fgsm", model, images, progress=True)
    assert "attack fgsm" in capsys.readouterr().err
    robiq.attack("fgsm", model, images)
    assert capsys.readouterr().err == ""


EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "python"


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_the_examples_run(name, tmp_path):
    done = subprocess.run([sys.executable, str(EXAMPLES / name)], cwd=tmp_path, capture_output=True,
                          text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def code_blocks(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)


def test_the_pages_python_is_python():
    root = EXAMPLES.parents[1]
    for page in (root / "README.md", root / "docs" / "python.md"):
        blocks = code_blocks(page)
        assert blocks, page
        for block in blocks:
            compile(block, str(page), "exec")


@pytest.mark.parametrize("module", [
    "robiq", "robiq._attacks", "robiq._catalog", "robiq._certificates", "robiq._error", "robiq._evaluation",
    "robiq._measures", "robiq._messages", "robiq._models", "robiq._promises", "robiq._registering",
    "robiq._report", "robiq._training", "robiq._wrap"])
def test_the_examples_in_the_docstrings_are_true(module):
    import doctest
    import importlib

    found = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


def test_everything_public_is_documented_with_an_example():
    for name in robiq.__all__:
        item = getattr(robiq, name)
        if name.startswith("__") or not callable(item):
            continue
        text = item.__doc__ or ""
        assert len(text) > 60, name
        if name != "AttackContext":  # which perturb() alone is given
            assert ">>>" in text, name
