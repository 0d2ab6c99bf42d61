#include "robiq/core/version.h"

namespace robiq {

std::string_view version() noexcept { return ROBIQ_VERSION; }

}  // namespace robiq
