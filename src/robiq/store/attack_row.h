#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace robiq {

/// Rows of an attack whose name holds this letter are parts of another attack: they are kept for
/// its measures and stand in no table.
inline constexpr char kPartOfAttack = '/';

/// What tables and figures need to know of an attack, as its card says it.
struct AttackRow {
  std::string name;
  std::string title;                 ///< "I-FGSM"; "": the name
  std::int64_t rank = 50;            ///< its place among the attacks of a table
  std::string strength = "epsilon";  ///< the option by which it grows stronger; "" for none
  std::int64_t white_box = 1;        ///< 1: uses gradients of the attacked model
  std::int64_t score_only = 0;       ///< 1: asks the attacked model for scores only
};

/// The attacks that robiq had before its databases noted them (schema 1 to 3).
[[nodiscard]] const std::vector<AttackRow>& attacks_of_older_databases();

}  // namespace robiq
