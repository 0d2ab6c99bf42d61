"""The wheel: built from this build, without network, and whole."""

import ast
import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

import robiq
from robiq import _robiq

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_wheel_imports_from_where_it_is_unpacked(tmp_path):
    if "ROBIQ_BUILD" not in os.environ:
        pytest.skip("ROBIQ_BUILD names no build")
    code = f"import robiq_build; print(robiq_build.build_wheel({str(tmp_path)!r}))"
    backend = str(ROOT / "python" / "build_backend")
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": backend})
    wheel = tmp_path / made.stdout.strip().split("\n")[-1]
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    names = {path.name for path in (tmp_path / "unpacked" / "robiq").iterdir()}
    assert {"__init__.py", "py.typed", "_robiq.pyi", "_build.py", "librobiq.so.0.1"} <= names
    code = ("import robiq, torch; print(robiq.__file__);"
            "m = robiq.wrap(lambda x: x.mean((1, 2, 3)), scale=(0, 1));"
            "robiq.attack('fgsm', m, torch.rand(1, 3, 16, 16), progress=False);"
            "robiq.Model.load('cnniqa');"
            "print([l for l in open('/proc/self/maps') if 'librobiq' in l][0])")
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                         cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "unpacked")})
    assert ran.stdout.count(str(tmp_path)) == 2


def test_the_stub_names_what_the_extension_has():
    stub = ast.parse((ROOT / "python" / "robiq" / "_robiq.pyi").read_text())
    declared = {node.name for node in stub.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    there = {name for name in dir(_robiq) if not name.startswith("_")}
    assert declared == there
    for node in stub.body:
        if isinstance(node, ast.ClassDef):
            methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            cls = getattr(_robiq, node.name)
            assert methods == {name for name in vars(cls) if not name.startswith("_")}


def test_every_public_function_has_types():
    import inspect

    for name in robiq.__all__:
        item = getattr(robiq, name)
        if inspect.isfunction(item):
            signature = inspect.signature(item)
            assert signature.return_annotation is not inspect.Signature.empty, name
            for parameter in signature.parameters.values():
                assert parameter.annotation is not inspect.Parameter.empty, (name, parameter)
