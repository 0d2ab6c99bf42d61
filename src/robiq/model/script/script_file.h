#pragma once
#include <string>

namespace robiq {

/// How a TorchScript file is made, for messages.
inline constexpr const char* kExportScript = "export it with torch.jit.script(model).save(FILE)";

/// Checks a TorchScript file before LibTorch opens it: that it is a zip archive with a module in
/// it, whole, that no byte has changed (LibTorch checks no sums: it would be another weight), and
/// that its code names none of TorchScript's operations on files or other machines.
/// \throws Error{kModel} naming the file and what is wrong.
void check_script_file(const std::string& file);

}  // namespace robiq
