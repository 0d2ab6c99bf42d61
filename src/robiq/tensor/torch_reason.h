#pragma once
#include <exception>
#include <string>

namespace robiq {

/// What an exception of LibTorch says, in one line of at most 200 letters: without the traces of
/// its C++ and of TorchScript's interpreter, which name places that the user never wrote.
[[nodiscard]] std::string torch_reason(const std::exception& error);

}  // namespace robiq
