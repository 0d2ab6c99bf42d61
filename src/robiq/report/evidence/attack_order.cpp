#include "robiq/report/evidence/attack_order.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>

namespace robiq {
namespace {

/// The number at the front of a text, taken off it. \return whether there is one
bool take_number(std::string_view& text, double& number) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return true;
}

/// Letter by letter, numbers by their size. Below 0: `a` comes first
int compared(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    double of_a = 0, of_b = 0;
    std::string_view rest_a = a, rest_b = b;
    if (take_number(rest_a, of_a) && take_number(rest_b, of_b)) {
      if (of_a != of_b) return of_a < of_b ? -1 : 1;
      a = rest_a;
      b = rest_b;
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front() ? -1 : 1;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

}  // namespace

void sort_attacks(std::vector<Situation>& attacks) {
  std::stable_sort(attacks.begin(), attacks.end(), [](const Situation& a, const Situation& b) {
    const auto of_a = std::tuple{is_black_box(a), a.card.rank, std::string_view(a.attack)};
    const auto of_b = std::tuple{is_black_box(b), b.card.rank, std::string_view(b.attack)};
    if (of_a != of_b) return of_a < of_b;
    const int options = compared(a.options.text(), b.options.text());
    return options != 0 ? options < 0 : a < b;
  });
}

}  // namespace robiq
