#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace robiq {

/// "a, b, c".
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Cuts at every `separator`; "" gives one empty part.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// Without white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The entry of `known` nearest to `wanted` by edit distance, or "" when none is near enough to be
/// a slip of the fingers (more than a third of the letters differ).
[[nodiscard]] std::string nearest_of(std::string_view wanted,
                                     const std::vector<std::string>& known);

/// The whole of `text` as a number. \return false when it is not one, or out of range.
[[nodiscard]] bool parse_number(std::string_view text, double& value);
/// As parse_number(); also "8/255", a number by one that is not 0.
[[nodiscard]] bool parse_fraction(std::string_view text, double& value);
[[nodiscard]] bool parse_integer(std::string_view text, std::int64_t& value);

/// Shortest text that reads back as the same double; "nan", "inf" and "-inf" for those.
[[nodiscard]] std::string number_text(double value);

/// "3.2 s", "4 min 05 s", "2 h 03 min".
[[nodiscard]] std::string duration_text(double seconds);

/// "512 B", "3.4 MiB".
[[nodiscard]] std::string bytes_text(double bytes);

/// An id or a spec as the name of one file: '/' and '%' become %2F and %25, so that two of them
/// never share a name.
[[nodiscard]] std::string file_stem_of(std::string_view id);

/// Two lower-case digits a byte.
[[nodiscard]] std::string hexadecimal_text(std::span<const unsigned char> bytes);

/// Columns padded with spaces, a rule under the header; numbers are set to the right.
[[nodiscard]] std::string table_text(const std::vector<std::string>& header,
                                     const std::vector<std::vector<std::string>>& rows);

/// One letter of a text and the bytes that it takes.
struct Letter {
  char32_t code = 0;
  std::size_t bytes = 0;  ///< 0: what stands there is not UTF-8
};

/// The letter at the front of a text that is not empty (UTF-8 as in RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
[[nodiscard]] Letter first_letter(std::string_view text);

}  // namespace robiq
