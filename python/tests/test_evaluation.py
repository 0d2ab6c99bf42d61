"""Evaluations and reports from Python: the program's numbers, its database, its way of going on."""

import json
import os
import signal
import sqlite3
import threading

import numpy
import pytest
import torch
from PIL import Image

import det
import robiq

ATTACKS = ["fgsm:epsilon=0.01", "square:queries=6,epsilon=0.03"]
DATA = "builtin:scenes=10,size=64,seed=9"


def scores(folder):
    query = """select images.name, attack, attack_options, before_native, after_native, after_8bit, linf, ssim
               from scores join images on images.id = scores.image order by 1, 2, 3"""
    with sqlite3.connect(os.path.join(folder, "results.sqlite")) as database:
        return database.execute(query).fetchall()


def run_count(folder):
    with sqlite3.connect(os.path.join(folder, "results.sqlite")) as database:
        return database.execute("select count(*) from runs").fetchone()[0]


def without_time(rows):
    return [{key: value for key, value in row.items() if "seconds" not in key} for row in rows]


def program_evaluates(program, model, folder, *more):
    flags = [word for attack in ATTACKS for word in ("--attack", attack)]
    text = program("evaluate", "--model", model, "--data", DATA, *flags, "--out", folder, "--limit", 3,
                   "--bootstrap", 20, "--device", "cpu", "--threads", torch.get_num_threads(),
                   "--format", "json", *more)
    answer = json.loads(text)
    return answer if isinstance(answer, list) else answer.get("rows", answer)


def test_a_loaded_models_numbers_are_the_programs(weights, program, tmp_path):
    program_evaluates(program, "cnniqa", tmp_path / "a", "--weights", weights)
    model = robiq.Model.load("cnniqa", weights=weights, device="cpu")
    robiq.evaluate(model, data=DATA, attacks=ATTACKS, out=tmp_path / "b", limit=3, bootstrap=20)
    assert scores(tmp_path / "a") == scores(tmp_path / "b")
    # One identity: a run of the program is gone on with from Python, and has nothing left to do.
    robiq.evaluate(model, data=DATA, attacks=ATTACKS, out=tmp_path / "a", limit=3, bootstrap=20)
    assert run_count(tmp_path / "a") == 1


class Tiny(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = det.TinyIqa()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("stddev", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, x):
        return self.net((x - self.mean) / self.stddev)


def test_a_modules_numbers_are_those_of_its_torchscript(program, tmp_path):
    torch.jit.script(Tiny()).save(str(tmp_path / "tiny.pt"))
    program_evaluates(program, f"torchscript:{tmp_path}/tiny.pt,worst=0,best=100", tmp_path / "a")
    model = robiq.wrap(Tiny(), scale=(0, 100))
    robiq.evaluate(model, data=DATA, attacks=ATTACKS, out=tmp_path / "b", limit=3, bootstrap=20)
    assert scores(tmp_path / "a") == scores(tmp_path / "b")


def counted(calls):
    def mean(x):
        calls.append(len(x))
        return 100 * x.mean((1, 2, 3))

    return robiq.wrap(mean, scale=(0, 100), name="mean")


def test_an_equal_evaluation_is_gone_on_with_and_another_version_is_not(tmp_path):
    def evaluate(calls, version=""):
        model = counted(calls)
        model._version = version
        return robiq.evaluate(model, data=DATA, attacks=["fgsm"], out=tmp_path, limit=3, bootstrap=0)

    first, second, third = [], [], []
    rows = evaluate(first).rows
    assert without_time(evaluate(second).rows) == without_time(rows)
    assert len(second) < len(first) / 2 and run_count(tmp_path) == 1
    evaluate(third, "2")
    assert len(third) == len(first) and run_count(tmp_path) == 2


def test_changed_weights_are_another_run(tmp_path):
    net = det.TinyIqa()
    model = robiq.wrap(net, scale=(0, 100), normalize="imagenet")
    robiq.evaluate(model, data=DATA, attacks=["fgsm"], out=tmp_path, limit=2, bootstrap=0)
    with torch.no_grad():
        net.fc.bias += 0.1
    robiq.evaluate(model, data=DATA, attacks=["fgsm"], out=tmp_path, limit=2, bootstrap=0)
    assert run_count(tmp_path) == 2


def test_a_changed_loaded_model_is_evaluated_as_it_is_now(weights, tmp_path):
    model = robiq.Model.load("cnniqa", weights=weights, device="cpu")
    robiq.evaluate(model, data=DATA, attacks=["fgsm"], out=tmp_path / "a", limit=2, bootstrap=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 0.5
    robiq.evaluate(model, data=DATA, attacks=["fgsm"], out=tmp_path / "b", limit=2, bootstrap=0)
    assert scores(tmp_path / "a") != scores(tmp_path / "b")


@pytest.fixture
def three(tmp_path):
    """The same three pictures as files, arrays, images and tensors."""
    generator = torch.Generator().manual_seed(2)
    bytes_ = [(torch.rand(3, 40, 48, generator=generator) * (60 + 90 * i)).byte() for i in range(3)]
    arrays = [picture.permute(1, 2, 0).numpy() for picture in bytes_]
    files = []
    for i, array in enumerate(arrays):
        files.append(tmp_path / f"{i}.png")
        Image.fromarray(array).save(files[-1])
    return {"file": files, "array": arrays, "image": [Image.fromarray(a) for a in arrays],
            "bytes": bytes_, "float": [b.float() / 255 for b in bytes_]}


def test_every_kind_of_picture_gives_the_same_numbers(three, tmp_path):
    made = {}
    for kind, items in three.items():
        data = [(f"p{i}", item, 10.0 * i) for i, item in enumerate(items)]
        robiq.evaluate(counted([]), data=data, attacks=["fgsm"], out=tmp_path / kind, bootstrap=0)
        made[kind] = scores(tmp_path / kind)
    assert len(made["file"]) == 6
    assert all(rows == made["file"] for rows in made.values())


def test_an_array_whose_channels_run_backwards_is_read(three, tmp_path):
    for name, flip in (("a", False), ("b", True)):
        arrays = [a[:, :, ::-1].copy()[:, :, ::-1] if flip else a for a in three["array"]]
        data = [(f"p{i}", array, 10.0 * i) for i, array in enumerate(arrays)]
        robiq.evaluate(counted([]), data=data, attacks=["fgsm"], out=tmp_path / name, bootstrap=0)
    assert scores(tmp_path / "a") == scores(tmp_path / "b")


def test_a_read_only_array_is_read_without_a_warning(three, tmp_path, recwarn):
    for array in three["array"]:
        array.setflags(write=False)
    data = [(f"p{i}", array, 10.0 * i) for i, array in enumerate(three["array"])]
    robiq.evaluate(counted([]), data=data, attacks=["fgsm"], out=tmp_path / "run", bootstrap=0)
    assert not [warning for warning in recwarn if "writ" in str(warning.message)]


def test_a_sequence_and_a_csv_give_the_same_numbers(three, tmp_path):
    lines = ["image,mos"] + [f"{i}.png,{10.0 * i}" for i in range(3)]
    (tmp_path / "list.csv").write_text("\n".join(lines) + "\n")
    data = [(f"{i}.png", file, 10.0 * i) for i, file in enumerate(three["file"])]
    runs = [robiq.evaluate(counted([]), data=given, attacks=["fgsm"], out=tmp_path / name, split="all",
                           bootstrap=0)
            for given, name in ((data, "a"), (tmp_path / "list.csv", "b"))]
    assert scores(tmp_path / "a") == scores(tmp_path / "b")
    assert without_time(runs[0].rows) == without_time(runs[1].rows)


@pytest.mark.parametrize("data, expected", [
    ([], "no pictures"),
    ([("a", numpy.zeros((8, 8, 3), numpy.uint8))], "item 0"),
    ([("a", torch.rand(3, 16, 16), 1.0), ("b", torch.rand(3, 16, 16), 2.0)], "8 bits"),
    ([("a", torch.zeros(3, 16, 16), 1.0), ("b", torch.full((3, 16, 16), float("nan")), 2.0)], "8 bits"),
    ([("a", torch.zeros(3, 16, 16), 1.0), ("b", torch.zeros(3, 0, 16), 2.0)], "8 bits"),
    ([("a", numpy.zeros((16, 16, 3), numpy.uint16), 1.0), ("b", torch.zeros(3, 16, 16), 2.0)], "a: |uint16"),
    ([("a", Image.fromarray(numpy.zeros((16, 16), numpy.uint16)), 1.0), ("b", torch.zeros(3, 16, 16), 2.0)],
     "more than 8 bits"),
    ([("a", torch.zeros(3, 16, 16), 1.0), ("a", torch.zeros(3, 16, 16), 2.0)], "called 'a'"),
    ([(1, torch.zeros(3, 16, 16), 1.0), ("1", torch.zeros(3, 16, 16), 2.0)], "called '1'"),
    ([("a", torch.zeros(3, 16, 16), 1.0), ("b", torch.ones(3, 16, 16), 1.0)], "labels are equal"),
    ([("a", "missing.png", 1.0), ("b", "missing.png", 2.0)], "missing.png"),
])
def test_data_that_cannot_be_used_is_refused(data, expected, tmp_path):
    with pytest.raises(robiq.Error, match=expected) as error:
        robiq.evaluate(counted([]), data=data, out=tmp_path / "run")
    assert error.value.code == 3 and "\n" not in str(error.value)


def test_an_attack_and_a_purifier_in_python_work_in_evaluations(tmp_path):
    @robiq.register_attack
    class Darken(robiq.Attack):
        """takes a constant away"""

        name = "test-darken"
        options = {"epsilon": robiq.Option(0.02, "how much", 0, 1)}
        white_box = False

        def perturb(self, model, images, context):
            return (images - self.epsilon).clamp(0, 1)

    @robiq.register_purifier
    class Half(robiq.Purifier):
        """halves values"""

        name = "test-half"

        def purify(self, images, seeds):
            return images / 2

    run = robiq.evaluate(counted([]), data=DATA, attacks=["test-darken:epsilon=0.05"], out=tmp_path / "a",
                         limit=3, bootstrap=0)
    rows = [row for row in scores(tmp_path / "a") if row[1] == "test-darken"]
    assert len(rows) == 3 and all(row[4] < row[3] for row in rows)
    assert any("epsilon" in str(row.get("options")) for row in run.rows)
    robiq.evaluate(counted([]), data=DATA, attacks=["fgsm"], out=tmp_path / "b", limit=3, bootstrap=0,
                   purify="test-half")
    pairs = zip(scores(tmp_path / "a"), scores(tmp_path / "b"))
    assert all(b[3] == pytest.approx(a[3] / 2, rel=1e-5) for a, b in pairs)


def test_wrong_options_are_refused_as_by_the_program(tmp_path):
    with pytest.raises(robiq.Error, match="sede") as error:
        robiq.evaluate(counted([]), data=DATA, out=tmp_path, sede=1)
    assert error.value.code == 2
    with pytest.raises(robiq.Error, match="give a list"):
        robiq.evaluate(counted([]), data=DATA, attacks="fgsm", out=tmp_path)


def test_a_python_model_cannot_be_named_elsewhere(tmp_path):
    with pytest.raises(robiq.Error, match="from Python only|no weights"):
        robiq.Model.load("python:note.json")


def test_an_exception_in_the_callable_comes_out_of_an_evaluation(tmp_path):
    class Mine(Exception):
        pass

    def raises(x):
        raise Mine("inside")

    with pytest.raises(Mine, match="inside"):
        robiq.evaluate(robiq.wrap(raises, scale=(0, 1)), data=DATA, out=tmp_path)
    with sqlite3.connect(tmp_path / "results.sqlite") as database:
        assert database.execute("select status from runs").fetchall() == [("failed",)]


def test_ctrl_c_keeps_what_was_done_and_it_goes_on(tmp_path):
    calls = []

    def slow(x):
        calls.append(1)
        if len(calls) == 40:
            os.kill(os.getpid(), signal.SIGINT)
        return 100 * x.mean((1, 2, 3))

    def evaluate():
        model = robiq.wrap(slow, scale=(0, 100), name="slow")
        return robiq.evaluate(model, data=DATA, attacks=["ifgsm:steps=4"], out=tmp_path / "a", split="all",
                              limit=20, bootstrap=0)

    with pytest.raises(KeyboardInterrupt):
        evaluate()
    kept = len(scores(tmp_path / "a"))
    assert 0 < kept < 40
    with sqlite3.connect(tmp_path / "a" / "results.sqlite") as database:
        assert database.execute("select status from runs").fetchall() == [("interrupted",)]
    evaluate()
    assert len(scores(tmp_path / "a")) == 40 and run_count(tmp_path / "a") == 1


def test_two_threads_evaluate_at_once(tmp_path):
    errors = []

    def work(name):
        try:
            robiq.evaluate(counted([]), data=DATA, attacks=["fgsm"], out=tmp_path / name, limit=3, bootstrap=0)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and scores(tmp_path / "a") == scores(tmp_path / "b")


def test_the_users_settings_of_arithmetic_are_as_before(tmp_path):
    before = (torch.are_deterministic_algorithms_enabled(), torch.get_num_threads())
    robiq.evaluate(counted([]), data=DATA, attacks=["fgsm"], out=tmp_path, limit=2, bootstrap=0, threads=1)
    assert (torch.are_deterministic_algorithms_enabled(), torch.get_num_threads()) == before


def test_a_constant_is_refused_and_the_mode_is_kept(tmp_path):
    constant = robiq.wrap(lambda x: x.new_full((len(x),), 5.0) + 0 * x.sum((1, 2, 3)), scale=(0, 10))
    with pytest.raises(robiq.Error, match="same score"):
        robiq.evaluate(constant, data=DATA, attacks=["fgsm"], out=tmp_path / "a", limit=2)
    net = det.TinyIqa().train()
    robiq.evaluate(robiq.wrap(net, scale=(0, 100)), data=DATA, attacks=["fgsm"], out=tmp_path / "b",
                   limit=2, bootstrap=0)
    assert net.training


def test_the_rows_are_one_of_the_clean_scores_and_two_an_attack(tmp_path):
    run = robiq.evaluate(counted([]), data=DATA, attacks=ATTACKS, out=tmp_path, limit=3, bootstrap=0)
    assert [(row["attack"], row["block"]) for row in run.rows] == [
        ("none", "mos_before"), ("fgsm", "mos_after"), ("fgsm", "before_after"),
        ("square", "mos_after"), ("square", "before_after")]


def test_a_report_is_written_and_shown(tmp_path):
    run = robiq.evaluate(counted([]), data=DATA, attacks=["fgsm"], out=tmp_path, limit=3, bootstrap=0)
    report = robiq.report(run, title="mine")
    assert os.path.isfile(report.page) and "<iframe" in report._repr_html_()
    assert "fgsm" in run._repr_html_()
    with pytest.raises(robiq.Error):
        robiq.report(tmp_path / "missing")
