#include "robiq/store/defended_name.h"

#include <string_view>

namespace robiq {
namespace {

constexpr std::string_view kBehind = " | ", kNotAdaptive = ", not adaptive";

}  // namespace

std::string DefendedName::text() const {
  if (purifier.empty()) return model;
  return model + std::string(kBehind) + purifier + std::string(adaptive ? "" : kNotAdaptive);
}

DefendedName DefendedName::parse(const std::string& text) {
  DefendedName name{text, "", true};
  const std::size_t bar = text.rfind(kBehind);
  if (bar == std::string::npos) return name;
  name.model = text.substr(0, bar);
  name.purifier = text.substr(bar + kBehind.size());
  if (!name.purifier.ends_with(kNotAdaptive)) return name;
  name.adaptive = false;
  name.purifier.resize(name.purifier.size() - kNotAdaptive.size());
  return name;
}

}  // namespace robiq
