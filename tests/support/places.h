#pragma once
// Where the source tree, the golden files and the built program lie. One small library knows, so
// that a test compiles to the same object in every checkout (and comes from the compiler's cache).
#include <string>

namespace robiq::test {

/// The root of the source tree.
[[nodiscard]] std::string source_folder();

/// tests/fixtures of the source tree.
[[nodiscard]] std::string fixtures_folder();

/// The program `robiq` of this build.
[[nodiscard]] std::string program_path();

/// The npm packages that draw the report's figures, as installed by this build.
[[nodiscard]] std::string report_packages();

}  // namespace robiq::test
