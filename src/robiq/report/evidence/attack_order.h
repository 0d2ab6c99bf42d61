#pragma once
#include <vector>

#include "robiq/report/evidence/evidence.h"

namespace robiq {

/// Attacks in the supplement's order, those that it does not have before its black boxes, by name;
/// settings of one attack by the numbers in them, so that 5 steps stand before 10. Tables and
/// figures all go by it.
void sort_attacks(std::vector<Situation>& attacks);

}  // namespace robiq
