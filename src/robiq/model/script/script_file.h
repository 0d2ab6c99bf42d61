#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>

#include "robiq/core/error.h"

namespace c10 {
struct IValue;
}

namespace robiq {

/// How a TorchScript file is made, for messages.
inline constexpr const char* kExportScript = "export it with torch.jit.script(model).save(FILE)";

/// What the call of a module failed with, where whoever tries models must tell it from the rest.
class ModuleFailure : public Error {
 public:
  enum class Reason {
    kWritesToInput,  ///< it changed the picture it was given
    kUnknown         ///< its own code failed; `robiq check-model` may find out why
  };
  ModuleFailure(Reason reason, ErrorText text)
      : Error(ErrorKind::kModel, std::move(text)), reason_(reason) {}
  [[nodiscard]] Reason reason() const noexcept { return reason_; }

 private:
  Reason reason_;
};

/// Checks a TorchScript file before LibTorch opens it: that it is a zip archive with a module in
/// it, whole, that no byte has changed (LibTorch checks no sums: it would be another weight), and
/// that its code names none of TorchScript's operations on files or other machines.
/// \throws Error{kModel} naming the file and what is wrong.
void check_script_file(const std::string& file);

/// The tensor of scores in what a TorchScript module returned.
/// \param output  "" for a module that returns one tensor; else the index in a tuple or list, or
///                the key in a dictionary
/// \param file    of the module, named in messages
/// \throws Error{kModel} when there is no such tensor.
[[nodiscard]] at::Tensor pick_score_tensor(const c10::IValue& returned, const std::string& output,
                                           const std::string& file);

/// [N] from [N], [N,1], or a number for one picture. \param count  N
/// \throws Error{kModel} for another shape or for whole numbers.
[[nodiscard]] at::Tensor scores_of_batch(const at::Tensor& given, std::int64_t count,
                                         const std::string& file);

}  // namespace robiq
