#pragma once
#include <compare>
#include <map>
#include <string>
#include <string_view>

namespace robiq {

/// An attack's options, each as a text: {"epsilon": "0.005"}. The one place that knows how they are
/// stored and written.
class AttackOptions {
 public:
  AttackOptions() = default;
  explicit AttackOptions(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  /// Of "epsilon=0.005,file=a,,b.npy", as a spec writes them: a comma inside a value stands twice.
  /// \throws Error{kUsage} for what is no list of options
  [[nodiscard]] static AttackOptions parse(std::string_view text);

  /// Of a results database: JSON, or before version 4 of it "epsilon=0.005,step_size=0.01".
  /// \throws Error{kData} for JSON that holds anything but texts
  [[nodiscard]] static AttackOptions from_stored(const std::string& stored);

  /// As they are stored: JSON with sorted names, "" for none.
  [[nodiscard]] std::string stored() const;
  /// As parse() reads them.
  [[nodiscard]] std::string text() const;

  /// "" where there is no such option.
  [[nodiscard]] std::string value(const std::string& name) const;
  [[nodiscard]] AttackOptions without(const std::string& name) const;
  [[nodiscard]] AttackOptions with(const std::string& name, const std::string& value) const;

  [[nodiscard]] const std::map<std::string, std::string>& values() const& noexcept {
    return values_;
  }
  void values() && = delete;  // the map would be gone before it is looked at
  auto operator<=>(const AttackOptions&) const = default;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace robiq
