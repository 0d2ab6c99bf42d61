#include "robiq/model/script/script_output.h"

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

#include <sstream>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

[[noreturn]] void refuse_output(const std::string& returned, const std::string& file,
                                const std::string& hint) {
  throw Error(ErrorKind::kModel, {"the module returned " + returned, file, hint});
}

std::string keys_of(const c10::Dict<c10::IValue, c10::IValue>& dict) {
  std::vector<std::string> keys;
  for (const auto& entry : dict) {
    keys.push_back(entry.key().isString() ? entry.key().toStringRef() : entry.key().tagKind());
  }
  return join(keys, ", ");
}

}  // namespace

at::Tensor pick_score_tensor(const c10::IValue& returned, const std::string& output,
                             const std::string& file) {
  const auto pick = [&](const char* what, std::size_t size) {
    std::int64_t index = -1;
    if (parse_integer(output, index) && index >= 0 && static_cast<std::size_t>(index) < size) {
      return static_cast<std::size_t>(index);
    }
    refuse_output(std::string(what) + " of " + std::to_string(size), file,
                  "say which of them holds the scores: output=0 is the first");
  };
  c10::IValue chosen = returned;
  if (returned.isTuple()) {
    const auto& elements = returned.toTupleRef().elements();
    chosen = elements[pick("a tuple", elements.size())];
  } else if (returned.isList()) {
    const std::vector<c10::IValue> list = returned.toListRef().vec();
    chosen = list[pick("a list", list.size())];
  } else if (returned.isGenericDict()) {
    const auto dict = returned.toGenericDict();
    const auto it = dict.find(c10::IValue(output));
    if (it == dict.end()) {
      refuse_output("a dictionary with the keys " + keys_of(dict), file,
                    "say which of them holds the scores: output=KEY");
    }
    chosen = it->value();
  }
  if (!chosen.isTensor())
    refuse_output("a " + chosen.tagKind(), file, "return one tensor of scores");
  return chosen.toTensor();
}

at::Tensor scores_of_batch(const at::Tensor& given, std::int64_t count, const std::string& file) {
  if (!given.is_floating_point()) {
    refuse_output("whole numbers", file, "return floating-point scores: an expectation, no argmax");
  }
  const bool number = given.dim() == 0 && count == 1;
  const bool row = given.dim() == 1 && given.size(0) == count;
  const bool column = given.dim() == 2 && given.size(0) == count && given.size(1) == 1;
  if (!number && !row && !column) {
    std::ostringstream what;
    what << given.sizes() << " for " << count << (count == 1 ? " picture" : " pictures");
    refuse_output(what.str(), file,
                  "return one score a picture, [N] or [N,1]: of several grades their mean, "
                  "(probabilities * grades).sum(1)");
  }
  return given.reshape({count});
}

}  // namespace robiq
