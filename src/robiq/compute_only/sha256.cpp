// What stands in for sha256.cpp in a compute-only build.
#include "robiq/core/sha256.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "robiq/core/text/text.h"

namespace robiq {
namespace {

constexpr std::size_t kBlock = 64;
using Words = std::array<std::uint32_t, 8>;

/// The first 64 primes.
std::array<int, 64> primes() {
  std::array<int, 64> found{};
  std::size_t count = 0;
  for (int n = 2; count < found.size(); ++n) {
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::none_of(found.begin(), end, [n](int p) { return n % p == 0; })) found[count++] = n;
  }
  return found;
}

/// The first 32 bits of the fractional part: FIPS 180-4 makes its constants from roots of primes.
std::uint32_t fraction(long double root) {
  return static_cast<std::uint32_t>((root - std::floor(root)) * 4294967296.0L);
}

std::array<std::uint32_t, 64> round_constants() {
  std::array<std::uint32_t, 64> constants{};
  const auto all = primes();
  std::transform(all.begin(), all.end(), constants.begin(),
                 [](int prime) { return fraction(std::cbrt(static_cast<long double>(prime))); });
  return constants;
}

Words first_state() {
  Words state{};
  const auto all = primes();
  std::transform(all.begin(), all.begin() + 8, state.begin(),
                 [](int prime) { return fraction(std::sqrt(static_cast<long double>(prime))); });
  return state;
}

std::array<std::uint32_t, 64> schedule(const unsigned char* block) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t k = 0; k < 4; ++k) w[i] = w[i] << 8 | block[4 * i + k];
  }
  for (std::size_t i = 16; i < w.size(); ++i) {
    const std::uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  return w;
}

/// Works one block into the state (FIPS 180-4, 6.2.2).
void compress(Words& state, const unsigned char* block) {
  static const std::array<std::uint32_t, 64> k = round_constants();
  const std::array<std::uint32_t, 64> w = schedule(block);
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const std::uint32_t large_e = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t first = h + large_e + ((e & f) ^ (~e & g)) + k[i] + w[i];
    const std::uint32_t large_a = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t second = large_a + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  const Words worked = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += worked[i];
}

}  // namespace

struct Sha256::Impl {
  Words state = first_state();
  std::array<unsigned char, kBlock> waiting{};
  std::size_t count = 0;  ///< of bytes in `waiting`
  std::uint64_t bytes = 0;

  void add(unsigned char byte) {
    waiting[count++] = byte;
    if (count < kBlock) return;
    compress(state, waiting.data());
    count = 0;
  }
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  impl_->bytes += bytes.size();
  for (const char byte : bytes) impl_->add(static_cast<unsigned char>(byte));
}

std::string Sha256::hexadecimal() {
  constexpr std::size_t kLengthAt = 56;
  const std::uint64_t bits = 8 * impl_->bytes;
  impl_->add(0x80);
  while (impl_->count != kLengthAt) impl_->add(0);
  for (int shift = 56; shift >= 0; shift -= 8)
    impl_->add(static_cast<unsigned char>(bits >> shift));
  std::array<unsigned char, 32> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<unsigned char>(impl_->state[i / 4] >> (24 - 8 * (i % 4)));
  }
  return hexadecimal_text(digest);
}

}  // namespace robiq
