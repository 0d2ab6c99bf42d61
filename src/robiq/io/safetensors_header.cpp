#include "robiq/io/safetensors_header.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "robiq/core/error.h"

namespace robiq {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDimensions = 64;  // what LibTorch can iterate over

/// Follows the one shape a header can have:
/// {NAME: {"dtype": TEXT, "shape": [N...], "data_offsets": [N, N]}..., "__metadata__": {TEXT:
/// TEXT}}
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(std::string source) : source_(std::move(source)) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(std::size_t) override {
    if (place_ == Place::kBegin) {
      place_ = Place::kRoot;
    } else if (place_ == Place::kRoot && in_metadata_) {
      place_ = Place::kMetadata;
    } else if (place_ == Place::kRoot) {
      place_ = Place::kTensor;
    } else {
      refuse("an object stands where none belongs");
    }
    return true;
  }

  bool key(std::string& text) override {
    if (place_ == Place::kRoot) {
      begin_entry(text);
    } else if (place_ == Place::kMetadata) {
      if (!header_.metadata.emplace(text, "").second) {
        refuse("the metadata key '" + printable_name(text) + "' stands there twice");
      }
      field_ = text;
    } else {
      if (text != "dtype" && text != "shape" && text != "data_offsets") {
        refuse("'" + printable_name(text) + "' is a key that the format does not have");
      }
      if (!fields_.insert(text).second) refuse("'" + text + "' stands there twice");
      field_ = text;
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor && fields_.size() != 3) {
      refuse("it needs dtype, shape and data_offsets");
    }
    place_ = place_ == Place::kRoot ? Place::kEnd : Place::kRoot;
    return true;
  }

  bool string(std::string& text) override {
    if (place_ == Place::kMetadata) {
      header_.metadata[field_] = text;
    } else if (place_ == Place::kTensor && field_ == "dtype") {
      header_.entries.back().dtype = text;
    } else {
      refuse("a text stands where none belongs");
    }
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::kTensor || field_ == "dtype") refuse("a list stands where none belongs");
    place_ = Place::kList;
    list_.clear();
    return true;
  }

  bool number_unsigned(std::uint64_t number) override {
    if (place_ != Place::kList) refuse("a number stands where none belongs");
    list_.push_back(number);
    if (list_.size() > kMaxDimensions) refuse("'" + field_ + "' has more than 64 numbers");
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    SafetensorsEntry& entry = header_.entries.back();
    if (field_ == "shape") {
      entry.shape = list_;
    } else {
      if (list_.size() != 2) refuse("data_offsets needs two numbers");
      entry.begin = list_[0];
      entry.end = list_[1];
    }
    return true;
  }

  bool null() override { refuse("null stands where none belongs"); }
  bool boolean(bool) override { refuse("true or false stands where none belongs"); }
  bool number_integer(std::int64_t) override { refuse("a number is negative"); }
  bool number_float(double, const std::string&) override { refuse("a number is not whole"); }
  bool binary(Json::binary_t&) override { refuse("bytes stand where none belong"); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    refuse("it stops being JSON at byte " + std::to_string(position) + " on");
  }

 private:
  enum class Place { kBegin, kRoot, kMetadata, kTensor, kList, kEnd };

  void begin_entry(const std::string& name) {
    in_metadata_ = name == "__metadata__";
    tensor_ = name;
    if (!names_.insert(name).second) refuse("that name stands there twice");
    fields_.clear();
    if (!in_metadata_) header_.entries.push_back({.name = name, .dtype = {}, .shape = {}});
  }

  [[noreturn]] void refuse(const std::string& problem) const {
    const bool inside = !tensor_.empty() && place_ != Place::kEnd;
    throw Error(ErrorKind::kModel,
                {"the header is refused: " + problem,
                 source_ + (inside ? ", '" + printable_name(tensor_) + "'" : ""),
                 "get the file again, or write it again with the program that made it"});
  }

  std::string source_;
  SafetensorsHeader header_;
  Place place_ = Place::kBegin;
  bool in_metadata_ = false;
  std::string tensor_, field_;
  std::set<std::string> names_, fields_;
  std::vector<std::uint64_t> list_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& source) {
  HeaderReader reader(source);
  // To nlohmann's reader a zero byte is the end of the text.
  const std::size_t bad = json.starts_with('{') ? json.find('\0') : 0;
  if (bad != json.npos) reader.parse_error(bad, "", Json::other_error::create(501, "", nullptr));
  Json::sax_parse(json.begin(), json.end(), &reader);
  return reader.take();
}

std::string printable_name(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string text(name.substr(0, kLongest));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return name.size() > kLongest ? text + "..." : text;
}

}  // namespace robiq
