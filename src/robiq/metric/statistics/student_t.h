#pragma once

namespace robiq {

/// The point below which `probability` of Student's t distribution lies.
/// \param probability  in (0, 1)   \param degrees  of freedom, > 0   \return accurate to 1e-12
[[nodiscard]] double student_t_quantile(double probability, double degrees);

}  // namespace robiq
