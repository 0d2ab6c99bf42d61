#include "robiq/cli/answers.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "robiq/core/text/text.h"
#include "robiq/core/version.h"

namespace robiq::cli {

std::string answer_key(const std::vector<std::string>& words) {
  return join(words, std::string(1, '\0'));
}

std::optional<Answer> find_answer(const std::filesystem::path& file,
                                  const std::vector<std::string>& words) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  try {
    const auto all = nlohmann::json::parse(text);
    if (all.at("version") != version()) return std::nullopt;
    const auto& answers = all.at("answers");
    const auto found = answers.find(answer_key(words));
    if (found == answers.end()) return std::nullopt;
    return Answer{found->at("out"), found->at("notes")};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // missing or damaged: the other program answers
  }
}

}  // namespace robiq::cli
