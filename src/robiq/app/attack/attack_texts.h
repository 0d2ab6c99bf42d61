#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace robiq {

/// What the attack of each row is called in a table for people: its name, with those of its
/// options, its level and its surrogate in which rows of that name differ ("ifgsm epsilon=0.01").
/// \param rows  objects with "attack" and, where they have them, "options", "level", "surrogate"
[[nodiscard]] std::vector<std::string> attack_texts(const nlohmann::ordered_json& rows);

}  // namespace robiq
