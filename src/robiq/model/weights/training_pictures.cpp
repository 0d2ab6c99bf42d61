#include <algorithm>
#include <nlohmann/json.hpp>

#include "robiq/core/error.h"
#include "robiq/model/weights/weights.h"

namespace robiq {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kDigits = 16;

/// One text of all of them: a list of texts would triple the header of the file.
std::string joined(std::vector<std::string> identities) {
  std::sort(identities.begin(), identities.end());
  identities.erase(std::unique(identities.begin(), identities.end()), identities.end());
  std::string text;
  for (const std::string& identity : identities) text += identity;
  return text;
}

std::vector<std::string> taken_apart(const std::string& text, const std::string& where) {
  if (text.size() % kDigits != 0 || text.find_first_not_of("0123456789abcdef") != text.npos) {
    throw Error(ErrorKind::kModel, {"the list of the training's pictures is damaged", where,
                                    "save the weights again, or take another copy of the file"});
  }
  std::vector<std::string> identities;
  for (std::size_t i = 0; i < text.size(); i += kDigits) {
    identities.push_back(text.substr(i, kDigits));
  }
  return identities;
}

}  // namespace

void TrainingPictures::add(const TrainingPictures& more) {
  training.insert(training.end(), more.training.begin(), more.training.end());
  validation.insert(validation.end(), more.validation.begin(), more.validation.end());
}

std::string training_pictures_to_json(const TrainingPictures& pictures) {
  Json json;
  json["training"] = joined(pictures.training);
  json["validation"] = joined(pictures.validation);
  return json.dump();
}

TrainingPictures training_pictures_from_json(const std::string& text, const std::string& where) {
  try {
    const Json json = Json::parse(text);
    return {taken_apart(json.at("training").get<std::string>(), where),
            taken_apart(json.at("validation").get<std::string>(), where)};
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::kModel, {"the list of the training's pictures is damaged", where,
                                    "save the weights again, or take another copy of the file"});
  }
}

}  // namespace robiq
