#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace robiq {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  /// Of all that was added, 64 hexadecimal digits; ends the digest.
  [[nodiscard]] std::string hexadecimal();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace robiq
