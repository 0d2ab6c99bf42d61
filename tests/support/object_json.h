#pragma once
// Values read from checkpoints as JSON, for comparing them with what Python says of them.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "robiq/core/text/text.h"
#include "robiq/io/pickle/object_builder.h"

namespace robiq::test {

[[nodiscard]] inline std::string type_name(at::ScalarType type) {
  switch (type) {
    case at::kDouble:
      return "float64";
    case at::kFloat:
      return "float32";
    case at::kHalf:
      return "float16";
    case at::kBFloat16:
      return "bfloat16";
    case at::kLong:
      return "int64";
    case at::kInt:
      return "int32";
    case at::kShort:
      return "int16";
    case at::kChar:
      return "int8";
    case at::kByte:
      return "uint8";
    case at::kBool:
      return "bool";
    default:
      return "another type";
  }
}

/// Writes a value as make.py's plain() does.
struct Plain {
  nlohmann::json operator()(const Object::None&) const { return nullptr; }
  nlohmann::json operator()(bool value) const { return value; }
  nlohmann::json operator()(std::int64_t value) const { return value; }
  nlohmann::json operator()(double value) const {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(number_text(value));
  }
  nlohmann::json operator()(const std::string& value) const { return value; }
  nlohmann::json operator()(const Object::Bytes& value) const {
    std::string digits;
    for (const char byte : value.bytes) {
      constexpr const char* kDigits = "0123456789abcdef";
      digits += kDigits[static_cast<unsigned char>(byte) >> 4];
      digits += kDigits[static_cast<unsigned char>(byte) & 15];
    }
    return {{"bytes", digits}};
  }
  nlohmann::json operator()(const Object::List& value) const {
    nlohmann::json list = nlohmann::json::array();
    for (const ObjectPtr& item : value) list.push_back(std::visit(*this, item->value));
    return list;
  }
  nlohmann::json operator()(const Object::Dict& value) const {
    nlohmann::json entries = nlohmann::json::array();
    for (const auto& [key, held] : value) {
      entries.push_back({std::visit(*this, key->value), std::visit(*this, held->value)});
    }
    return {{"dict", entries}};
  }
  nlohmann::json operator()(const at::Tensor& value) const {
    EXPECT_TRUE(value.is_contiguous());
    const at::Tensor flat = value.to(at::kDouble).reshape({-1});
    const std::vector<double> values(flat.data_ptr<double>(),
                                     flat.data_ptr<double>() + flat.numel());
    return {{"tensor", type_name(value.scalar_type())},
            {"shape", value.sizes().vec()},
            {"values", values}};
  }
};

[[nodiscard]] inline nlohmann::json plain(const Object& value) {
  return std::visit(Plain{}, value.value);
}

}  // namespace robiq::test
