"""score.py LIBROBIQ WEIGHTS: the score of a grey ramp, through Python's ctypes alone."""
import ctypes
import sys


class Score(ctypes.Structure):
    _fields_ = [("score", ctypes.c_double), ("gradient_l1", ctypes.c_double)]


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("what", ctypes.c_char_p),
                ("where", ctypes.c_char_p), ("hint", ctypes.c_char_p)]


def check(status):
    if status != 0:
        error = robiq.robiq_last_error()
        sys.exit("\n".join(text.decode() for text in (error.what, error.where, error.hint)))


robiq = ctypes.CDLL(sys.argv[1])
robiq.robiq_last_error.restype = Error
robiq.robiq_score_rgb.argtypes = [
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int32, ctypes.c_ssize_t,
    ctypes.c_int32, ctypes.POINTER(Score)]
robiq.robiq_model_free.argtypes = [ctypes.c_void_p]
assert robiq.robiq_interface_version() == 1

width, height = 256, 128
pixels = bytes(x for _ in range(height) for x in range(width) for _ in range(3))
model, result = ctypes.c_void_p(), Score()
check(robiq.robiq_set_threads(0))
check(robiq.robiq_model_load(b"cnniqa", sys.argv[2].encode(), b"cpu", ctypes.byref(model)))
check(robiq.robiq_score_rgb(model, pixels, width, height, 3 * width, 1, ctypes.byref(result)))
print(f"{result.score:.9g}, a change of 1/255 moves it by about {result.gradient_l1 / 255:.3g}")
robiq.robiq_model_free(model)
