#pragma once
#include <exception>

namespace robiq {

/// What went wrong in LibTorch, as far as robiq acts on it. LibTorch has one type of exception for
/// most of this: its words are looked at here and nowhere else.
enum class TorchFailure {
  kOutOfMemory,    ///< on the CPU or on a GPU
  kWritesToInput,  ///< a module changed the picture it was given
  kOtherDevice,    ///< tensors of two devices met, or CUDA complained
  kOther
};

/// Which of them an exception out of LibTorch is.
[[nodiscard]] TorchFailure torch_failure(const std::exception& error);

}  // namespace robiq
