#include "robiq/model/script/script_file.h"

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>

#include "robiq/core/error.h"
#include "robiq/core/text/text.h"
#include "robiq/io/zip/zip_archive.h"

namespace robiq {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& file,
                         const std::string& hint) {
  throw Error(ErrorKind::kModel, {what, file, hint});
}

/// The first of TorchScript's operations on files or other machines that stands in a module's
/// source as a word, or "". Loading a module can run some of its code, so this comes before.
std::string reaching_out(const std::string& source) {
  const auto in_word = [](char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  };
  for (const std::string word : {"from_file", "save", "rpc_async", "rpc_sync", "rpc_remote"}) {
    for (std::size_t found = source.find(word); found != source.npos;
         found = source.find(word, found + 1)) {
      const std::size_t end = found + word.size();
      const bool begins = found == 0 || !in_word(source[found - 1]);
      if (begins && (end == source.size() || !in_word(source[end]))) return word;
    }
  }
  return "";
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// LibTorch finds members whatever their letters' case, and the directory by the last signature of
/// an end record: it must find what is checked here.
void check_one_reading(const ZipArchive& archive, const std::string& file) {
  constexpr std::uint64_t kEndBytes = 22;
  const ByteSource& source = archive.source();
  if (source.read_at(source.size() - kEndBytes, 4) != "PK\5\6") {
    refuse("the module's archive has a comment, in which another archive could hide", file,
           kExportScript);
  }
  std::set<std::string> seen;
  for (const std::string& name : archive.names()) {
    if (seen.insert(lower_case(name)).second) continue;
    refuse("two members of the module's archive differ in nothing but letters' case: " + name, file,
           kExportScript);
  }
}

}  // namespace

void check_script_file(const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) {
    refuse(std::filesystem::exists(file) ? "the module is not a file" : "there is no such file",
           file, "check the path");
  }
  const auto source = open_source(file);
  if (!ZipArchive::is_zip(*source))
    refuse("the file is not a TorchScript module", file, kExportScript);
  const ZipArchive archive(source);
  check_one_reading(archive, file);
  bool has_code = false;
  for (const std::string& name : archive.names()) {
    has_code = has_code || name.ends_with("/constants.pkl");
    const std::string bytes = archive.read(name);
    const std::string word = lower_case(name).ends_with(".py") ? reaching_out(bytes) : "";
    if (word.empty()) continue;
    refuse("the module's code says '" + word + "': it may read or write files, or reach others",
           file, "take that out of the module; what is meant harmlessly needs another name");
  }
  if (has_code) return;
  refuse("the file is a checkpoint of weights, no TorchScript module", file,
         std::string("load it into its model in Python, and ") + kExportScript);
}

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
