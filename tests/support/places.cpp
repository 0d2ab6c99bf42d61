#include "support/places.h"

namespace robiq::test {

std::string source_folder() { return ROBIQ_SOURCE_DIR; }

std::string fixtures_folder() { return ROBIQ_SOURCE_DIR "/tests/fixtures"; }

std::string program_path() { return ROBIQ_PROGRAM; }

std::string report_packages() { return ROBIQ_REPORT_PACKAGES; }

}  // namespace robiq::test
