#pragma once
#include <string>
#include <utility>
#include <vector>

namespace robiq {

/// What a piece of work reads, by content: what it is, and its SHA-256. A thing is the same when
/// its bytes are, whatever its name says.
using ReadInputs = std::vector<std::pair<std::string, std::string>>;

/// "'FILE' of the attack uap": a file that an option names, as an input is called.
[[nodiscard]] std::string file_input(const std::string& file, const std::string& what);
/// The file of such a name; "" of any other.
[[nodiscard]] std::string file_of_input(const std::string& input);

/// As comment lines of a configuration: "# read: HASH the pictures".
[[nodiscard]] std::string inputs_text(const ReadInputs& inputs);
/// Of a text that ends with them; empty where it was written without.
[[nodiscard]] ReadInputs inputs_in(const std::string& text);
/// The lines before them, sorted: equal for the same options in whatever order.
[[nodiscard]] std::string sorted_options_in(const std::string& text);

/// What is not as it was, by its name; also what was not read then, or is not read now.
[[nodiscard]] std::vector<std::string> changed_inputs(const ReadInputs& before,
                                                      const ReadInputs& now);

}  // namespace robiq
