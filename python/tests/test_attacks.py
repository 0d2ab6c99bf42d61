"""Attacks on tensors against the goldens, and attacks and purifiers written in Python."""

import os
import signal
import threading
import time

import numpy
import pytest
import torch

import det
import robiq
from robiq import _robiq


LOGISTIC = (10.0, 58.370096903220310, 23.807663946360070)


def check_samples(case, attacked, near, share):
    index = case["sample_index_chw"]
    got = attacked.flatten()[index]
    close = (got - torch.tensor(case["sample_adv"]).clamp(0, 1)).abs() <= near
    assert close.float().mean() >= share


def fgsm_applies(case):
    """As the tests in C++: the demo's slips are not carried over."""
    if case["source"] == "derived":
        return True
    if case["y_kind"] != "y_of_normalised_clean":
        return False
    return case["loss"] == "L_mid" or (case["n_pos"] == 0 and case["n_neg"] == 0)


def test_fgsm_gives_the_goldens(tiny, fixture):
    golden = fixture("fgsm.json")
    tolerance, checked = golden["tolerance"], 0
    for case in filter(fgsm_applies, golden["cases"]):
        clean = det.picture(case["image"])
        loss, start = case["loss"][2:], case.get("start")
        if isinstance(start, dict):
            noise = det.noise(start["name"], start["lo"], start["hi"], clean.shape)
            images = _robiq.sign_ascent(tiny._handle, clean, loss, case["eps"], case["alpha"],
                                        case["iteration"], noise)
        else:
            spec = (f"ifgsm:epsilon={case['eps']},step_size={case['alpha']},"
                    f"steps={case['iteration']},loss={loss},start=none")
            images = robiq.attack(spec, tiny, clean).images
        assert tiny(clean).item() == pytest.approx(case["score_before"], abs=tolerance["score"])
        assert tiny(images).item() == pytest.approx(case["score_after"], abs=tolerance["score"])
        delta = (images - clean).flatten()
        counts = tolerance["counts_fraction_of_pixels"] * delta.numel()
        assert delta.abs().max().item() == pytest.approx(case["linf"], abs=tolerance["linf"])
        assert abs((delta > 0).sum().item() - case["n_pos"]) <= counts
        assert abs((delta < 0).sum().item() - case["n_neg"]) <= counts
        check_samples(case, images, tolerance["sampled_pixel"], 1.0)
        checked += 1
    assert checked == 16 + 16 + 24


def test_perceptual_gives_the_goldens(tiny, fixture):
    golden = fixture("perceptual.json")
    tolerance, checked = golden["tolerance"], 0
    for case in golden["cases"]:
        if case["constraint"] != "SSIM":
            continue
        clean = det.picture(case["image"])
        signs = torch.from_numpy((det.hashes(case["init_noise_name"], clean.numel()) % 2).astype("float32"))
        start = (-signs.double() / 255).float().view_as(clean)
        images = _robiq.perceptual_ascent(tiny._handle, clean, case["weight"], case["lr"],
                                          case["num_step"],
                                          LOGISTIC if case["score"] == "logistic" else None, start)
        made = tiny(images).item()
        assert made == pytest.approx(case["score_after"], abs=tolerance["score_abs"])
        assert robiq.ssim(clean, images).item() == pytest.approx(
            case["fr_value"]["SSIM"], abs=tolerance["fr_value_abs"])
        if not case["fragile"]:
            check_samples(case, images, tolerance["sampled_pixel_if_not_fragile"],
                          tolerance["fraction_pixels_ok"])
        checked += 1
    assert checked == 24


def test_korhonen_gives_the_goldens(tiny, fixture):
    golden = fixture("korhonen.json")
    tolerance, checked = golden["tolerance"], 0
    for case in golden["cases"]:
        if case["id"].endswith(":msu"):
            continue
        clean = det.picture(case["image"])
        if ":matlab:" in case["id"]:
            spec = f"korhonen:learning_rate={case['lr']!r}"
        else:
            spec = f"korhonen:variant=fm-goat,learning_rate={case['lr'] * 255!r},steps={case['iterations']}"
        made = robiq.attack(spec, tiny, clean)
        assert made.before.item() == pytest.approx(case["score_before"], abs=tolerance["score"])
        if case["min"] >= 0 and case["max"] <= 1:  # else the published pictures were not clipped
            assert made.after.item() == pytest.approx(case["score_after"], abs=tolerance["score"])
        check_samples(case, made.images, tolerance["sampled_pixel"], tolerance["fraction_pixels_ok"])
        if "iterations_done" in case:
            assert made.backwards == case["iterations_done"]
            assert made.after_8bit.item() == pytest.approx(case["u8_score"], abs=tolerance["score"])
        checked += 1
    assert checked == 35


def registered():
    return [row["name"] for row in robiq.list_entries("attacks")]


@pytest.mark.parametrize("name", sorted(set(registered()) - {"files", "uap"}))  # these need files
def test_every_registered_attack_runs_on_a_callable(name, tiny, tmp_path):
    options = {"standard": "budget=4/255", "square": "queries=20", "perceptual": "steps=3",
               "nes": "queries=300", "spsa": "queries=300"}
    spec = name + (":" + options[name] if name in options else "")
    image = det.picture({"name": "a", "h": 64, "w": 64, "mul": 128, "add": 64})
    images = torch.cat([image, 1 - image])  # attacks on the order of scores need two
    made = robiq.attack(spec, tiny, images)
    assert made.images.shape == images.shape
    assert 0 <= made.images.min() and made.images.max() <= 1


def test_a_row_does_not_depend_on_the_batch(tiny, pictures):
    spec = "square:queries=10,epsilon=0.03"
    both = robiq.attack(spec, tiny, pictures, ids=["a", "b"])
    alone = robiq.attack(spec, tiny, pictures[1:], ids=["b"])
    assert torch.allclose(both.images[1:], alone.images, atol=1e-6)
    assert both.forwards == 2 * alone.forwards


@pytest.mark.parametrize("how", [{"resize": (16, 16)}, {"views": (16, 2, 2)}, {"views": ("tiles", 16)}])
def test_a_model_of_one_size_is_attacked_through_its_cuts(how):
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 16 * 16, 1))
    model = robiq.wrap(net, scale=(0, 1), **how)
    pictures = torch.rand(2, 3, 32, 40)
    made = robiq.attack("fgsm:epsilon=0.01,loss=up", model, pictures)
    assert (made.after > made.before).all()


def test_a_gradient_that_is_nan_is_no_robustness():
    model = robiq.wrap(lambda x: 100 * ((x - x).sqrt() + x).mean((1, 2, 3)), scale=(0, 100))
    for attack in ("fgsm", "ifgsm:steps=2", "apgd:steps=2"):
        with pytest.raises(robiq.Error, match="NaN everywhere") as error:
            robiq.attack(attack, model, torch.rand(2, 3, 16, 16))
        assert error.value.code == 6


def test_a_gradient_without_memory_of_its_own_is_climbed(pictures):
    model = robiq.wrap(lambda x: x.sum((1, 2, 3)), scale=(0, 3 * 64 * 64))
    assert (robiq.attack("ifgsm:steps=2,loss=up", model, pictures).after > model(pictures)).all()


def test_a_surrogate_in_training_mode_attacks_in_evaluation_mode(pictures):
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Dropout(),
                              torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 1),
                              torch.nn.Flatten(0))
    surrogate = robiq.wrap(net, scale=(0, 1))
    victim = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1))
    made = [robiq.attack("fgsm", victim, pictures, surrogate=surrogate, transfer=True).images
            for _ in range(2)]
    assert torch.equal(*made) and net.training
    assert net[1].num_batches_tracked == 0 and torch.equal(net[1].running_mean, torch.zeros(4))


def test_views_at_random_are_those_of_the_score(pictures):
    model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100), views=("random", 8, 2))
    for seed in (0, 1):
        made = robiq.attack("fgsm:epsilon=0.01", model, pictures, seed=seed)
        assert torch.allclose(made.before, model(pictures, seed=seed))
        assert torch.allclose(made.after, model(made.images, seed=seed))
    assert not torch.allclose(model(pictures, seed=0), model(pictures, seed=1))


def test_the_seed_counts(tiny, pictures):
    made = [robiq.attack("square:queries=10", tiny, pictures, seed=seed).images for seed in (0, 0, 1)]
    assert torch.equal(made[0], made[1]) and not torch.equal(made[0], made[2])


def test_pictures_outside_the_range_are_refused(tiny):
    with pytest.raises(robiq.Error, match=r"outside \[0,1\]") as error:
        robiq.attack("fgsm", tiny, torch.full((1, 3, 32, 32), 1.5))
    assert error.value.code == 3


@pytest.mark.parametrize("use", [
    lambda model, x: model(x),
    lambda model, x: model(x, views="none"),
    lambda model, x: robiq.attack("fgsm", model, x),
    lambda model, x: robiq.ssim(x, x),
    lambda model, x: robiq.psnr(torch.zeros_like(x), x),
    lambda model, x: robiq.Distance("linf")(x, torch.zeros_like(x)),
    lambda model, x: robiq.certify(model, x, samples=200),
    lambda model, x: robiq.purify("jpeg", x),
    lambda model, x: robiq.gradient_norm_penalty(model, x),
    lambda model, x: robiq.adversarial_batch(model, x, [50.0]),
])
def test_every_function_refuses_what_is_no_picture_in_the_same_words(use, tiny):
    wanted = r"pictures must be a torch tensor \[N,3,H,W\] of floats in \[0,1\]; this is "
    for given, expected in ((torch.full((1, 3, 32, 32), 1.01), r"a picture has values outside \[0,1\]"),
                            (torch.full((1, 3, 32, 32), -0.01), r"a picture has values outside \[0,1\]"),
                            (torch.full((1, 3, 32, 32), float("nan")), "a picture has a NaN"),
                            (torch.zeros(1, 3, 32, 32, dtype=torch.uint8), wanted + "uint8"),
                            (torch.zeros(3, 32, 32), wanted + r"float32 \[3, 32, 32\]"),
                            (torch.zeros(0, 3, 32, 32), "no pictures")):
        with pytest.raises(robiq.Error, match=expected) as error:
            use(tiny, given)
        assert error.value.code == 3 and "\n" not in str(error.value)


@pytest.mark.parametrize("given, kind", [([torch.zeros(3, 8, 8)], "a list"), (None, "a NoneType"),
                                         (numpy.zeros((1, 3, 8, 8)), "a NumPy ndarray")])
def test_what_is_no_tensor_is_named(given, kind, tiny):
    for use in (tiny, lambda x: robiq.attack("fgsm", tiny, x), lambda x: robiq.purify("jpeg", x)):
        with pytest.raises(robiq.Error, match=f"pictures must be a torch tensor .*; this is {kind}"):
            use(given)


def test_an_attack_in_python_may_probe_outside_the_range(tiny, pictures):
    class Probes(robiq.Attack):
        name = "test-probes"

        def perturb(self, model, images, context):
            assert model(images * 2).shape == (len(images),)
            return images

    robiq.register_attack(Probes)
    robiq.attack("test-probes", tiny, pictures)


def test_an_unknown_attack_names_the_nearest(tiny, pictures):
    with pytest.raises(robiq.Error, match="did you mean 'fgsm'") as error:
        robiq.attack("fgms", tiny, pictures)
    assert error.value.code == 2 and "fgms" in error.value.what and "fgsm" in error.value.hint


def test_a_surrogate_is_asked_or_refused(tiny, pictures):
    other = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100))
    made = robiq.attack("fgsm:epsilon=0.01,loss=up", tiny, pictures, surrogate=other, transfer=True)
    assert torch.allclose(made.images, pictures + 0.01, atol=1e-6)
    with pytest.raises(robiq.Error, match="no effect"):
        robiq.attack("fgsm", tiny, pictures, surrogate=other)
    with pytest.raises(robiq.Error, match="no effect"):
        robiq.attack("fgsm", tiny, pictures, transfer=True)


@pytest.fixture(scope="module")
def python_entries():
    @robiq.register_attack
    class Signs(robiq.Attack):
        """one step along the gradient's sign"""

        name = "test-signs"
        options = {"epsilon": robiq.Option(0.01, "radius", 0, 1, "of [0,1]"),
                   "random": robiq.Option(False, "along random signs")}

        def perturb(self, model, images, context):
            if self.random:
                step = context.noise(-1, 1).sign()
            else:
                x = images.clone().requires_grad_()
                step = torch.autograd.grad(model(x).sum(), x)[0].sign()
            return (images + self.epsilon * step).clamp(0, 1)

    @robiq.register_purifier
    class Dim(robiq.Purifier):
        """makes pictures darker"""

        name = "test-dim"
        options = {"factor": robiq.Option(0.5, "of every value", 0, 1)}

        def purify(self, images, seeds):
            return images * self.factor

    return Signs, Dim


def test_an_attack_in_python_equals_the_same_in_cpp(python_entries, tiny, pictures):
    mine = robiq.attack("test-signs:epsilon=0.02", tiny, pictures)
    theirs = robiq.attack("fgsm:epsilon=0.02,step_size=0.02,loss=up", tiny, pictures)
    assert torch.equal(mine.images, theirs.images)
    assert (mine.forwards, mine.backwards) == (2, 2)


def test_its_options_are_checked_and_described(python_entries, tiny, pictures):
    with pytest.raises(robiq.Error, match="epsilon"):
        robiq.attack("test-signs:epsilon=2", tiny, pictures)
    with pytest.raises(robiq.Error, match="epsilom"):
        robiq.attack("test-signs:epsilom=0.1", tiny, pictures)
    (epsilon, random) = robiq.describe("attack", "test-signs")
    assert (epsilon["default"], random["default"]) == ("0.01", "false")
    rows = robiq.attack("test-signs:random=true", tiny, pictures, ids=["a", "b"]).images
    alone = robiq.attack("test-signs:random=true", tiny, pictures[1:], ids=["b"]).images
    assert torch.equal(rows[1:], alone)


@pytest.mark.parametrize("returned, expected", [
    (lambda x: x + 0.5, "budget"),
    (lambda x: x - 0.005 - x.min(), "outside"),
    (lambda x: x[:, :, 1:], "shape"),
    (lambda x: None, "NoneType"),
    (lambda x: x * float("nan"), "NaN"),
])
def test_broken_promises_of_a_python_attack_are_refused(returned, expected, tiny, pictures):
    class Broken(robiq.Attack):
        name = "test-broken"
        options = {"epsilon": robiq.Option(0.01)}

        def perturb(self, model, images, context):
            return returned(images)

    robiq.register_attack(Broken)
    with pytest.raises(robiq.Error, match=expected) as error:
        robiq.attack("test-broken", tiny, pictures * 0.4)
    assert error.value.code == 2 and "\n" not in str(error.value)


def test_an_attack_that_writes_to_its_pictures_is_refused_and_changes_nothing(tiny, pictures):
    class Writes(robiq.Attack):
        name = "test-writes"

        def perturb(self, model, images, context):
            return images.add_(0.01).clamp_(0, 1)

    robiq.register_attack(Writes)
    given = pictures.clone()
    with pytest.raises(robiq.Error, match="writes to the pictures") as error:
        robiq.attack("test-writes", tiny, given)
    assert error.value.code == 2 and torch.equal(given, pictures)


def test_a_purifier_that_writes_to_its_pictures_changes_a_copy(pictures):
    class Writes(robiq.Purifier):
        name = "test-writes"

        def purify(self, images, seeds):
            return images.mul_(0.5)

    robiq.register_purifier(Writes)
    given = pictures.clone()
    assert torch.equal(robiq.purify("test-writes", given), pictures * 0.5)
    assert torch.equal(given, pictures)


def test_a_lent_model_ends_with_the_call(tiny, pictures):
    kept = []

    class Keeps(robiq.Attack):
        name = "test-keeps"

        def perturb(self, model, images, context):
            kept.append(model)
            return images

    robiq.register_attack(Keeps)
    robiq.attack("test-keeps", tiny, pictures)
    with pytest.raises(robiq.Error, match="lent"):
        kept[0](pictures)


def test_inference_mode_is_left_inside_a_call(tiny, pictures):
    wanted = robiq.attack("fgsm", tiny, pictures).images
    with torch.inference_mode():
        made = pictures.clone()
        assert torch.equal(robiq.attack("fgsm", tiny, made).images, wanted)
        assert tiny(made).shape == (2,) and not tiny(made).requires_grad
        assert robiq.adversarial_batch(tiny, made, [10.0, 90.0], labels="keep")[0].shape == made.shape
        assert robiq.gradient_norm_penalty(tiny, made).item() > 0
        assert robiq.certify(tiny, made[:1], samples=200, confidence=0.9).passes > 200
        assert not [p for p in robiq.check(tiny) if p.state == "broken"]


def test_an_attack_without_words_has_no_summary():
    class Silent(robiq.Attack):
        name = "test-silent"

        def perturb(self, model, images, context):
            return images

    robiq.register_attack(Silent)
    (row,) = [row for row in robiq.list_entries("attacks") if row["name"] == "test-silent"]
    assert row["summary"] == ""


def test_a_name_of_robiqs_is_not_replaced():
    class Other(robiq.Attack):
        name = "fgsm"

        def perturb(self, model, images, context):
            return images

    with pytest.raises(robiq.Error, match="already"):
        robiq.register_attack(Other)


def test_a_purifier_in_python_changes_pictures_and_keeps_gradients(python_entries, pictures):
    x = pictures.clone().requires_grad_()
    out = robiq.purify("test-dim:factor=0.25", x)
    assert torch.equal(out, pictures * 0.25)
    out.sum().backward()
    assert torch.equal(x.grad, torch.full_like(x, 0.25))
    assert torch.equal(robiq.purify("test-dim+test-dim", pictures), pictures * 0.25)


def interrupt_after(seconds):
    thread = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT))
    thread.start()
    return thread


def test_ctrl_c_is_a_keyboard_interrupt_and_leaves_the_process_usable(tiny, pictures):
    handler = signal.getsignal(signal.SIGINT)
    timer = interrupt_after(0.3)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        robiq.attack("ifgsm:steps=100000", tiny, pictures)
    assert time.monotonic() - started < 30
    timer.join()
    assert signal.getsignal(signal.SIGINT) is handler
    tiny.train()
    assert robiq.attack("fgsm", tiny, pictures).linf.max() > 0
    assert tiny.training and all(p.requires_grad for p in tiny.parameters())


def test_ctrl_c_inside_the_callable_is_one_too(pictures):
    def waits(x):
        if x.requires_grad:
            time.sleep(20)
        return x.mean((1, 2, 3))

    timer = interrupt_after(0.3)
    with pytest.raises(KeyboardInterrupt):
        robiq.attack("fgsm", robiq.wrap(waits, scale=(0, 1)), pictures)
    timer.join()


@pytest.mark.parametrize("waits", [lambda x: x.requires_grad, lambda x: x.dtype == torch.float64])
def test_ctrl_c_ends_a_check_and_leaves_the_mode(waits):
    class Waits(torch.nn.Module):
        def forward(self, x):
            if waits(x):
                time.sleep(20)
            return x.mean((1, 2, 3))

    net = Waits().train()
    timer = interrupt_after(0.5)
    with pytest.raises(KeyboardInterrupt):
        robiq.check(robiq.wrap(net, scale=(0, 1)))
    timer.join()
    assert net.training


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA")
def test_cuda_tensors_stay_on_their_device(tiny, pictures):
    made = robiq.attack("fgsm", tiny.to("cuda"), pictures.cuda())
    assert made.images.is_cuda and made.after.is_cuda
