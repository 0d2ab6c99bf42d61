"""The terms of robust training, against the goldens and against what a loop needs."""

import threading

import pytest
import torch

import det
import robiq
from robiq._training import kept_arithmetic


def images_of(specs):
    return torch.cat([det.picture(spec) for spec in specs])


@pytest.mark.parametrize("shared", [True, False])
def test_the_penalty_gives_the_goldens_in_value_and_gradients(shared, fixture):
    golden = fixture("nt_loss.json")
    tolerance = golden["tolerance"]
    for case in golden["cases"]:
        net = det.TinyIqa().train()
        model = robiq.wrap(net, scale=(0, 100), normalize="imagenet")
        images = images_of(case["images"]).requires_grad_()
        scores = model(images) if shared else None
        term = robiq.gradient_norm_penalty(model, images, scores, weight=1, step=case["h"])
        wanted = case["loss_grad"]
        assert term.item() == pytest.approx(wanted, rel=tolerance["loss_rel"])
        term.backward()
        for name, parameter in net.named_parameters():
            l2 = case["param_grad"][name]["l2"]
            assert parameter.grad.double().norm().item() == pytest.approx(
                l2, rel=tolerance["param_grad_l2_rel"]), name


def test_the_exact_form_is_the_l1_norm(tiny, fixture):
    golden = fixture("nt_loss.json")
    case = golden["cases"][0]
    images = images_of(case["images"]).requires_grad_()
    term = robiq.gradient_norm_penalty(tiny, images, tiny(images), weight=2, form="exact")
    wanted = 2 * sum(case["grad_l1_normalised_input"]) / 3
    assert term.item() == pytest.approx(wanted, rel=golden["tolerance"]["l1_rel"])
    term.backward()
    assert tiny.state_dict()["conv1.weight"].grad.abs().max() > 0


def test_without_normalising_the_step_is_taken_in_the_pictures_own_space():
    net, images = det.TinyIqa(), torch.rand(2, 3, 32, 32)
    terms = [robiq.gradient_norm_penalty(robiq.wrap(net, scale=(0, 100), normalize=given), images,
                                         weight=1, space=space)
             for given, space in ((None, "normalized"), (((0, 0, 0), (1, 1, 1)), "normalized"),
                                  (None, "pixel"))]
    assert terms[0].item() == terms[1].item() == terms[2].item()


def dropout_net():
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 16), torch.nn.Tanh(),
                               torch.nn.Dropout(0.5), torch.nn.Linear(16, 1))


def test_both_points_see_the_same_dropout_masks():
    model = robiq.wrap(dropout_net().train(), scale=(0, 1))
    images = torch.rand(4, 3, 8, 8, requires_grad=True)
    torch.manual_seed(7)
    state = torch.get_rng_state()
    scores = model(images)
    shared = robiq.gradient_norm_penalty(model, images, scores, weight=1, form="abs",
                                         rng_state=state)
    (gradient,) = torch.autograd.grad(scores.sum(), images)
    # To first order the slope along the sign is the l1 norm of the masked network's gradient.
    assert shared.item() == pytest.approx(gradient.abs().sum((1, 2, 3)).mean().item(), rel=0.02)


def test_dropout_without_a_state_is_refused_and_a_state_without_scores_too():
    model = robiq.wrap(dropout_net().train(), scale=(0, 1))
    images = torch.rand(2, 3, 8, 8, requires_grad=True)
    with pytest.raises(robiq.Error, match="dropout"):
        robiq.gradient_norm_penalty(model, images, model(images))
    with pytest.raises(robiq.Error, match="no effect without scores"):
        robiq.gradient_norm_penalty(model, images, rng_state=torch.get_rng_state())
    assert robiq.gradient_norm_penalty(model, images, seed=1).requires_grad


class FunctionalDropout(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = dropout_net().eval()

    def forward(self, x):
        return self.net(torch.nn.functional.dropout(x, 0.5, self.training))


def test_dropout_is_known_by_what_it_draws():
    net = FunctionalDropout().train()
    model = robiq.wrap(net, scale=(0, 1))
    images = torch.rand(2, 3, 8, 8, requires_grad=True)
    with pytest.raises(robiq.Error, match="draws other random numbers") as error:
        robiq.gradient_norm_penalty(model, images, model(images))
    assert error.value.code == 2 and "\n" not in str(error.value)
    state = torch.get_rng_state()
    robiq.gradient_norm_penalty(model, images, model(images), rng_state=state)
    net.eval()
    robiq.gradient_norm_penalty(model, images, model(images))
    frozen = dropout_net().train()
    frozen[3].eval()
    model = robiq.wrap(frozen, scale=(0, 1))
    robiq.gradient_norm_penalty(model, images, model(images))


def test_the_users_random_numbers_go_on_as_if_nothing_were():
    model = robiq.wrap(dropout_net().train(), scale=(0, 1))
    images = torch.rand(2, 3, 8, 8)
    torch.manual_seed(3)
    wanted = torch.rand(4)
    torch.manual_seed(3)
    robiq.gradient_norm_penalty(model, images)
    robiq.adversarial_batch(model, images, torch.tensor([0.0, 1.0]), labels="keep")
    assert torch.equal(torch.rand(4), wanted)


def test_threads_with_dropout_do_not_draw_each_others_masks():
    images = torch.rand(4, 3, 8, 8)
    nets = [dropout_net().train() for _ in range(2)]
    models = [robiq.wrap(net, scale=(0, 1)) for net in nets]

    def terms(model, seeds):
        return [robiq.gradient_norm_penalty(model, images, seed=seed).item() for seed in seeds]

    wanted, made = [terms(model, range(50)) for model in models], {}
    threads = [threading.Thread(target=lambda i=i: made.update({i: terms(models[i], range(50))}))
               for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [made[0], made[1]] == wanted


def test_settings_of_arithmetic_are_put_back_by_the_last_thread():
    before = torch.backends.cudnn.benchmark, torch.get_num_threads()
    first, second = kept_arithmetic(), kept_arithmetic()
    first.__enter__()
    torch.backends.cudnn.benchmark = not before[0]
    torch.set_num_threads(before[1] + 1)
    second.__enter__()
    first.__exit__(None, None, None)
    assert torch.backends.cudnn.benchmark != before[0]
    second.__exit__(None, None, None)
    assert (torch.backends.cudnn.benchmark, torch.get_num_threads()) == before


def test_running_statistics_are_updated_by_the_clean_pass_alone():
    net = torch.nn.Sequential(torch.nn.BatchNorm2d(3), torch.nn.Flatten(), torch.nn.Linear(192, 1))
    net.train()
    model = robiq.wrap(net, scale=(0, 1))
    images = torch.rand(4, 3, 8, 8, requires_grad=True)
    scores = model(images)
    before = net[0].running_mean.clone()
    robiq.gradient_norm_penalty(model, images, scores)
    assert torch.equal(net[0].running_mean, before)
    assert net[0].num_batches_tracked == 1
    robiq.gradient_norm_penalty(model, images, batchnorm="frozen")
    assert torch.equal(net[0].running_mean, before) and net[0].training
    with pytest.raises(robiq.Error, match="batchnorm"):
        robiq.gradient_norm_penalty(model, images, scores, batchnorm="official")


@pytest.mark.parametrize("batchnorm", ["clean", "official", "frozen"])
def test_batch_normalisation_that_the_user_froze_stays_frozen(batchnorm):
    net = torch.nn.Sequential(torch.nn.BatchNorm2d(3), torch.nn.BatchNorm2d(3), torch.nn.Flatten(),
                              torch.nn.Linear(192, 1)).train()
    net[0].eval()
    modes, mean = [part.training for part in net], net[0].running_mean.clone()
    model = robiq.wrap(net, scale=(0, 1))
    images = torch.rand(4, 3, 8, 8)
    robiq.gradient_norm_penalty(model, images, batchnorm=batchnorm)
    robiq.adversarial_batch(model, images, torch.rand(4), labels="keep", mode="train")
    robiq.adversarial_batch(model, images, torch.rand(4), labels="keep", mode="eval")
    assert [part.training for part in net] == modes and net.training
    assert torch.equal(net[0].running_mean, mean)


def test_what_has_no_gradient_or_no_labels_is_refused(tiny):
    images = torch.rand(2, 3, 32, 32)
    with pytest.raises(robiq.Error, match="no gradient by the pictures"):
        robiq.gradient_norm_penalty(tiny, images, tiny(images))
    with pytest.raises(robiq.Error, match="needs the labels"):
        robiq.gradient_norm_penalty(tiny, images, scale="label")
    with pytest.raises(robiq.Error, match="no effect"):
        robiq.gradient_norm_penalty(tiny, images, mos=torch.ones(2))
    with pytest.raises(robiq.Error, match="weigth"):
        robiq.gradient_norm_penalty(tiny, images, weigth=1)


@pytest.mark.parametrize("how", [{"resize": (16, 16)}, {"views": (8, 1, 1)}, {"views": ("tiles", 20)}])
def test_pictures_that_the_model_would_cut_or_resize_are_refused(how):
    model = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100), **how)
    pictures = torch.rand(2, 3, 32, 32)
    for call in (lambda: robiq.gradient_norm_penalty(model, pictures),
                 lambda: robiq.adversarial_batch(model, pictures, torch.ones(2)),
                 lambda: robiq.certify(model, pictures[:1], samples=20)):
        with pytest.raises(robiq.Error, match="cuts or resizes pictures of 32x32") as error:
            call()
        assert error.value.code == 2
    inputs = robiq.wrap(lambda x: 100 * x.mean((1, 2, 3)), scale=(0, 100), views=(32, 2, 2))
    assert robiq.gradient_norm_penalty(inputs, pictures, form="abs", weight=1).item() > 0


def test_a_gradient_that_is_nan_has_no_norm():
    model = robiq.wrap(lambda x: 100 * ((x - x).sqrt() + x).mean((1, 2, 3)), scale=(0, 100))
    with pytest.raises(robiq.Error, match="NaN everywhere") as error:
        robiq.gradient_norm_penalty(model, torch.rand(2, 3, 16, 16))
    assert error.value.code == 6


@pytest.mark.parametrize("shape", [(2, 1), (1,), (3,), ()])
def test_scores_and_labels_of_another_shape_are_refused(shape, tiny):
    images = torch.rand(2, 3, 32, 32).requires_grad_()
    other = tiny(images).sum() * torch.ones(shape)
    with pytest.raises(robiq.Error, match=r"scores must be a tensor \[N\], here \[2\]") as error:
        robiq.gradient_norm_penalty(tiny, images, other)
    assert error.value.code == 2 and "\n" not in str(error.value)
    for work in (lambda: robiq.gradient_norm_penalty(tiny, images, mos=torch.ones(shape), scale="label"),
                 lambda: robiq.adversarial_batch(tiny, images, torch.ones(shape))):
        with pytest.raises(robiq.Error, match=r"mos must be one number a picture, \[2\]") as error:
            work()
        assert error.value.code == 3 and "\n" not in str(error.value)


@pytest.mark.parametrize("mos", [[10, 90], (10.0, 90.0), torch.tensor([10, 90]),
                                 torch.tensor([10.0, 90.0], dtype=torch.float64)])
def test_labels_of_any_type_are_read_as_float32(mos, tiny):
    images = torch.rand(2, 3, 32, 32)
    made, labels = robiq.adversarial_batch(tiny, images, mos, labels="keep")
    wanted, _ = robiq.adversarial_batch(tiny, images, torch.tensor([10.0, 90.0]), labels="keep")
    assert labels.dtype == torch.float32 and labels.tolist() == [10, 90]
    assert torch.equal(made, wanted)


def test_the_adversarial_batch_raises_the_loss_inside_the_ball(tiny):
    images, mos = torch.rand(3, 3, 48, 48), torch.tensor([10.0, 50.0, 90.0])
    mos = mos + tiny(images).detach() * 0
    attacked, labels = robiq.adversarial_batch(tiny, images, mos, labels="keep", epsilon=0.02)
    assert torch.equal(labels, mos)
    assert 0 < (attacked - images).abs().max() <= 0.02 + 1e-6
    loss = torch.nn.functional.l1_loss
    assert loss(tiny(attacked), mos) > loss(tiny(images), mos)
    both, lowered = robiq.adversarial_batch(tiny, images, mos)
    assert both.shape[0] == 6 and torch.equal(both[1::2], images)
    assert (lowered[0::2] <= mos).all() and torch.equal(lowered[1::2], mos)


def test_a_loss_of_the_users_is_attacked_as_the_registered_one(tiny):
    images, mos = torch.rand(2, 3, 32, 32), torch.tensor([10.0, 90.0])
    named, _ = robiq.adversarial_batch(tiny, images, mos, labels="keep", loss="mse")
    own, _ = robiq.adversarial_batch(tiny, images, mos, labels="keep",
                                     loss=lambda scores, mos: (scores - mos).square().mean())
    assert torch.equal(named, own)
    with pytest.raises(robiq.Error, match="one is expected"):
        robiq.adversarial_batch(tiny, images, mos, loss=lambda scores, mos: scores - mos)


def test_training_goes_on_after_it_and_lowers_the_term():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(),
                              torch.nn.Linear(4 * 36, 1)).train()
    model = robiq.wrap(net, scale=(0, 1))
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    images = torch.rand(8, 3, 8, 8)
    terms = []
    for _ in range(20):
        x = images.clone().requires_grad_()
        term = robiq.gradient_norm_penalty(model, x, model(x), weight=1, space="pixel")
        optimizer.zero_grad()
        term.backward()
        optimizer.step()
        terms.append(term.item())
    assert terms[-1] < 0.2 * terms[0]
