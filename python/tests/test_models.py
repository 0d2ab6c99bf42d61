"""Wrapping: scores, gradients, and what is refused in one line."""

import copy
import gc
import threading

import numpy
import pytest
import torch

import robiq


def one_line(error):
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_tensor_is_passed_without_a_copy():
    seen = []

    def mean(x):
        seen.append(x.data_ptr())
        return x.mean((1, 2, 3))

    images = torch.rand(2, 3, 8, 8)
    robiq.wrap(mean, scale=(0, 1))(images)
    assert seen == [images.data_ptr()]


def test_gradients_flow_to_pictures_and_parameters_and_twice():
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.Tanh(), torch.nn.Flatten(),
                              torch.nn.Linear(2 * 36, 1))
    model = robiq.wrap(net, scale=(0, 1))
    images = torch.rand(2, 3, 8, 8, requires_grad=True)
    scores = model(images)
    assert torch.equal(scores, net(images).squeeze(1))
    (gradient,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    assert torch.equal(gradient, torch.autograd.grad(net(images).sum(), images)[0])
    gradient.square().sum().backward()
    assert net[0].weight.grad.abs().sum() > 0


def test_normalising_range_and_channels_come_before_the_call():
    seen = []

    def keep(x):
        seen.append(x)
        return x.mean((1, 2, 3))

    images = torch.rand(1, 3, 8, 8)
    mean, stddev = (0.5, 0.4, 0.3), (0.2, 0.2, 0.1)
    robiq.wrap(keep, scale=(0, 1), normalize=(mean, stddev), range=255, channels="bgr")(images)
    wanted = (images - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(stddev).view(1, 3, 1, 1)
    assert torch.allclose(seen[0], wanted.flip(1) * 255, atol=1e-4)


def test_views_are_cut_and_averaged():
    model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1), views=(8, 2, 2))
    images = torch.rand(2, 3, 16, 16)
    assert torch.allclose(model(images), images.mean((1, 2, 3)), atol=1e-6)
    with pytest.raises(robiq.Error, match="smaller than the model's crop") as error:
        model(torch.rand(1, 3, 4, 16))
    assert error.value.code == 3


def test_modes_and_weights_are_the_modules(tiny):
    module_scale = tiny.state_dict()["fc.bias"]
    assert set(tiny.state_dict()) >= {"conv1.weight", "fc.bias"}
    assert len(tiny.parameters()) == 6
    assert tiny.train().training and not tiny.eval().training
    tiny.load_state_dict({**tiny.state_dict(), "fc.bias": torch.ones(1)})
    assert module_scale.item() == 1
    with pytest.raises(robiq.Error, match="do not fit") as error:
        tiny.load_state_dict({"fc.bias": torch.ones(1)})
    assert error.value.code == 4


@pytest.mark.parametrize("returned, expected", [
    (lambda x: x.mean((2, 3)), r"shape \[2, 3\].*shape \[N\]"),
    (lambda x: x.mean(), r"shape \[N\]"),
    (lambda x: x.mean((1, 2, 3)) * float("nan"), "NaN"),
    (lambda x: 3.0, "a tensor of N scores is expected"),
    (lambda x: x.mean((1, 2, 3)).long(), "floating-point"),
    (lambda x: {"score": x.mean((1, 2, 3))}, "output="),
])
def test_what_is_no_score_is_refused(returned, expected):
    with pytest.raises(robiq.Error, match=expected) as error:
        robiq.wrap(returned, scale=(0, 1), name="mine")(torch.rand(2, 3, 8, 8))
    assert "mine" in one_line(error)


def test_a_constant_is_refused_when_it_is_attacked(pictures):
    constant = robiq.wrap(lambda x: x.new_full((len(x),), 5.0) + 0 * x.sum((1, 2, 3)), scale=(0, 10))
    with pytest.raises(robiq.Error, match="different pictures the same score, 5") as error:
        robiq.attack("fgsm", constant, pictures)
    one_line(error)


@pytest.mark.parametrize("first", [0.0, 0.5])
def test_a_flat_first_picture_does_not_make_a_constant(first):
    contrast = robiq.wrap(lambda x: x.flatten(1).std(1), scale=(0, 1))
    flat = torch.full((1, 3, 16, 16), first)
    robiq.attack("square:queries=2", contrast, flat)
    contrast = robiq.wrap(lambda x: x.flatten(1).std(1), scale=(0, 1))
    robiq.attack("square:queries=2", contrast, torch.cat([flat, torch.rand(1, 3, 16, 16)]))


def test_scores_without_gradient_are_refused_where_one_is_needed(pictures):
    model = robiq.wrap(lambda x: x.detach().mean((1, 2, 3)), scale=(0, 1))
    with pytest.raises(robiq.Error, match="no gradient") as error:
        robiq.attack("fgsm", model, pictures)
    one_line(error)
    assert robiq.attack("square:queries=5,epsilon=0.05", model, pictures).linf.max() <= 0.0501


def test_a_callable_that_writes_to_its_input_is_refused(pictures):
    def writes(x):
        x.mul_(0.5)
        return x.mean((1, 2, 3))

    with pytest.raises(robiq.Error, match="writes to the pictures"):
        robiq.wrap(writes, scale=(0, 1))(pictures.clone())


def test_an_exception_of_the_callable_comes_out_with_its_traceback(pictures):
    class Mine(Exception):
        pass

    def raises(x):
        raise Mine("from inside")

    with pytest.raises(Mine, match="from inside") as error:
        robiq.attack("fgsm", robiq.wrap(raises, scale=(0, 1)), pictures)
    assert "raises" in [entry.name for entry in error.traceback]


def test_an_exception_in_a_backward_pass_comes_out(pictures):
    class Breaks(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            return x.clone()

        @staticmethod
        def backward(context, gradient):
            raise ValueError("in backward")

    model = robiq.wrap(lambda x: Breaks.apply(x).mean((1, 2, 3)), scale=(0, 1))
    with pytest.raises(ValueError, match="in backward"):
        robiq.attack("fgsm", model, pictures)


@pytest.mark.parametrize("given, expected", [
    ({"views": 5}, "views is 5"),
    ({"normalize": "mine"}, "normalize is 'mine'"),
    ({"channels": "rbg"}, "channels"),
    ({"range": 0}, "range"),
    ({"range": "255"}, "range is '255'"),
    ({"range": float("nan")}, "range"),
    ({"views": ()}, r"views is \(\)"),
    ({"views": (8, True, 2)}, "views is"),
    ({"normalize": ((0, 0, 0), (1, 1, float("inf")))}, "normalize is"),
    ({"scale": 5}, "scale is 5"),
    ({"scale": (0, 1, 2)}, r"scale is \(0, 1, 2\)"),
    ({"scale": (0, float("inf"))}, "scale is inf"),
    ({"scale": ("a", 1)}, "scale is 'a'"),
    ({"resize": 224}, "resize is 224"),
    ({"resize": (0, 8)}, "resize is 0"),
    ({"min_side": -1}, "min_side is -1"),
    ({"min_side": 2.5}, "min_side is 2.5"),
    ({"name": 5}, "name must be a text; this is an int"),
])
def test_arguments_that_cannot_be_understood_are_refused(given, expected):
    with pytest.raises(robiq.Error, match=expected) as error:
        robiq.wrap(lambda x: x.mean((1, 2, 3)), **{"scale": (0, 1), **given})
    assert error.value.code == 2 and one_line(error)


def test_a_scale_without_length_is_refused():
    with pytest.raises(robiq.Error, match="has no length"):
        robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(3, 3))


def test_modes_of_parts_are_as_before(pictures):
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(),
                              torch.nn.Linear(4 * 38 * 38, 1)).train()
    net[1].eval()
    robiq.attack("fgsm", robiq.wrap(net, scale=(0, 1)), pictures)
    assert [part.training for part in net] == [True, False, True, True] and net.training


def test_the_mode_is_as_before_when_the_first_pass_raises(pictures):
    class Raises(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = torch.nn.ModuleList([torch.nn.Dropout(), torch.nn.Dropout().eval()])

        def forward(self, x):
            raise ValueError("from inside")

    net = Raises()
    for training in (True, False):
        net.training = training
        with pytest.raises(ValueError, match="from inside"):
            robiq.attack("fgsm", robiq.wrap(net, scale=(0, 1)), pictures)
        assert net.training == training and [part.training for part in net.parts] == [True, False]


def test_parts_in_training_mode_inside_a_model_in_evaluation_mode_stay_so(pictures):
    net = torch.nn.Sequential(torch.nn.Dropout(0), torch.nn.Flatten(), torch.nn.Linear(4800, 1)).eval()
    net[0].train()
    model = robiq.wrap(net, scale=(0, 1))
    robiq.attack("fgsm", model, pictures)
    robiq.certify(model, pictures[:1], samples=200, confidence=0.9)
    robiq.check(model)
    assert not net.training and net[0].training


def test_check_says_which_promises_are_kept(tiny):
    assert {p.state for p in robiq.check(tiny)} <= {"kept", "note"}
    rounds = robiq.wrap(lambda x: (100 * x.mean((1, 2, 3))).round(), scale=(0, 100))
    broken = [p.promise for p in robiq.check(rounds) if p.state == "broken"]
    assert any("gradient" in promise for promise in broken)


def test_the_users_random_numbers_go_on_after_a_check_and_after_loading(weights):
    model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
    for work in (lambda: robiq.check(model),
                 lambda: robiq.Model.load("cnniqa", weights=weights, device="cpu")):
        torch.manual_seed(5)
        wanted = torch.rand(3)
        torch.manual_seed(5)
        work()
        assert torch.equal(torch.rand(3), wanted)


def test_hints_name_no_flags_of_the_program(weights):
    model = robiq.wrap(lambda x: 9 * x.mean((1, 2, 3)), scale=(0, 1), min_side=8)
    hints = [promise.hint for promise in robiq.check(model)]
    assert any("scale=(worst, best)" in hint for hint in hints)
    for use in (lambda: model(torch.rand(1, 3, 4, 4)), lambda: robiq.Model.load("hyperiqa"),
                lambda: robiq.Model.load("cnniqa", weights=weights, scale=(1, 1))):
        with pytest.raises(robiq.Error) as error:
            use()
        hints.append(error.value.hint)
    assert not any("--" in hint or "to_float" in hint or "export" in hint for hint in hints), hints


class Grows(torch.nn.Module):
    """Caches what fits the picture, as many networks do."""

    def __init__(self):
        super().__init__()
        self.register_buffer("grid", torch.ones(40, 40))

    def forward(self, x):
        if self.grid.shape != x.shape[-2:]:
            self.grid = torch.ones(x.shape[-2:])
            self.register_buffer("seen", torch.ones(()))
        return (x * self.grid).mean((1, 2, 3))


def test_a_module_that_makes_buffers_as_it_runs_can_be_checked():
    model = robiq.wrap(Grows(), scale=(0, 1))
    assert not [p for p in robiq.check(model) if p.state == "broken"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_check_keeps_the_type_of_the_weights(dtype):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 1, 3).to(dtype)

        def forward(self, x):
            return self.layer(x.to(dtype)).mean((1, 2, 3)).float()

    net = Net()
    was = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    robiq.check(robiq.wrap(net, scale=(0, 1)))
    for name, tensor in net.state_dict().items():
        assert tensor.dtype == dtype and torch.equal(tensor, was[name])
    net(torch.rand(1, 3, 32, 32))


def test_check_finds_the_one_size_that_a_callable_takes():
    def of_one_size(x):
        if x.shape[-1] != 224:
            raise ValueError("give 224x224")
        return x.mean((1, 2, 3))

    first, second, *_ = robiq.check(robiq.wrap(of_one_size, scale=(0, 1)))
    assert first.state == "broken" and "takes 224x224" in first.finding
    assert "resize=(224, 224)" in first.hint
    assert second.state == "kept", "it does not write to its input"


def test_check_keeps_the_mode(tiny):
    tiny.train()
    robiq.check(tiny)
    assert tiny.training


def test_a_loaded_model_scores_as_the_program(weights, program, tmp_path):
    import json

    from PIL import Image

    pixels = (torch.rand(64, 72, 3, generator=torch.Generator().manual_seed(1)) * 255).byte()
    file = tmp_path / "p.png"
    Image.fromarray(pixels.numpy()).save(file)
    row = json.loads(program("score", file, "--model", "cnniqa", "--weights", weights, "--format",
                             "jsonl", "--threads", torch.get_num_threads()))
    model = robiq.Model.load("cnniqa", weights=weights, device="cpu")
    assert model.score(file) == row["score"]
    assert torch.equal(robiq.read_picture(file), pixels.permute(2, 0, 1))
    assert model.score(robiq.read_picture(file)) == row["score"]


@pytest.mark.parametrize("picture, expected", [
    (torch.full((3, 16, 16), 0.5), r"this is float32 \[3, 16, 16\]"),
    (torch.zeros(1, 3, 16, 16, dtype=torch.uint8), r"this is uint8 \[1, 3, 16, 16\]"),
    (numpy.zeros((16, 16, 3), dtype=numpy.uint8), "this is a NumPy ndarray"),
    (5, "this is an int"),
])
def test_what_is_no_picture_is_not_scored_and_is_left_as_it_was(picture, expected):
    model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
    before = copy.deepcopy(picture)
    with pytest.raises(robiq.Error, match=expected) as error:
        model.score(picture)
    assert error.value.code == 3 and "read_picture" in one_line(error)
    assert not isinstance(picture, torch.Tensor) or torch.equal(picture, before)


def test_two_threads_may_call_at_once(tiny, pictures):
    wanted = robiq.attack("ifgsm:steps=3", tiny, pictures).images
    results, errors = [], []

    def work():
        try:
            for _ in range(5):
                results.append(robiq.attack("ifgsm:steps=3", tiny, pictures).images)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    tiny.train()
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and len(results) == 15
    assert all(torch.equal(images, wanted) for images in results)
    assert tiny.training and all(p.requires_grad for p in tiny.parameters())


def test_two_threads_may_attack_each_others_surrogate():
    a, b = (robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1)) for _ in range(2))
    images = torch.rand(1, 3, 16, 16)

    def work(victim, surrogate):
        for _ in range(200):
            robiq.attack("fgsm", victim, images, surrogate=surrogate, transfer=True)

    threads = [threading.Thread(target=work, args=pair, daemon=True) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)


def test_victim_and_surrogate_may_be_one_callable():
    def mean(x):
        return x.mean((1, 2, 3))

    victim, surrogate = (robiq.wrap(mean, scale=(0, 1)) for _ in range(2))
    made = robiq.attack("fgsm", victim, torch.rand(1, 3, 16, 16), surrogate=surrogate, transfer=True)
    assert made.linf.max() > 0


def test_a_model_goes_with_its_last_reference():
    import weakref

    class Net(torch.nn.Module):
        def forward(self, x):
            return x.mean((1, 2, 3))

    net = Net()
    alive = weakref.ref(net)
    model = robiq.wrap(net, scale=(0, 1))
    robiq.attack("fgsm", model, torch.rand(1, 3, 16, 16))
    del net, model
    gc.collect()
    assert alive() is None


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_ten_thousand_attacks_keep_memory_flat():
    model = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
    images = torch.rand(1, 3, 11, 11)
    for _ in range(500):
        robiq.attack("fgsm", model, images)
    before = resident()
    for _ in range(10_000):
        robiq.attack("fgsm", model, images)
    assert resident() - before < 4 << 20


def test_this_pytorch_is_compared_with_the_one_it_was_built_for():
    from robiq import _build, _fit

    _fit.check_fit(_build.LIBTORCH + "+cpu", _build.PYTHON, True)
    major, minor = _build.LIBTORCH.split(".")[:2]
    with pytest.raises(ImportError, match=f"built for LibTorch {major}.{minor}, this is 9.9"):
        _fit.check_fit("9.9.0+cu121", _build.PYTHON, True)
    with pytest.raises(ImportError, match="built for Python"):
        _fit.check_fit(_build.LIBTORCH, "3.2", True)
    with pytest.raises(ImportError, match="ABI"):
        _fit.check_fit(_build.LIBTORCH, _build.PYTHON, False)


def test_the_files_are_compared_with_the_extension_beside_them():
    from robiq import _fit

    _fit.check_version(robiq.__version__)
    with pytest.raises(ImportError, match="its extension is 0.0.9"):
        _fit.check_version("0.0.9")
