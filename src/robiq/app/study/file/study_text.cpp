#include <algorithm>

#include "robiq/app/study/file/study.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/text/text.h"

namespace robiq {
namespace {

using SpecValues = std::vector<std::pair<std::string, OptionValue>>;

/// A list of numbers without the quotes that a list of texts has.
std::string number_list(const std::vector<std::string>& numbers) {
  return "[" + join(numbers, ", ") + "]";
}

/// One key a line. \param numbers  keys whose lists hold numbers
std::string lines_of(const SpecValues& values, const std::vector<std::string>& numbers) {
  std::string text;
  for (const auto& [key, value] : values) {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    const bool plain =
        list != nullptr && std::find(numbers.begin(), numbers.end(), key) != numbers.end();
    text += key + " = " + (plain ? number_list(*list) : toml_value(value)) + "\n";
  }
  return text;
}

std::string table_of(const std::string& header, const Params& params) {
  if (params.empty()) return "";
  std::string text = "\n[" + header + "]\n";
  for (const auto& [key, value] : params) text += key + " = " + toml_value(value.value) + "\n";
  return text;
}

}  // namespace

std::string study_text(const Study& study) {
  std::string text = lines_of(option_values(study.head), {"seeds"});
  text += table_of("train", study.train);
  text += table_of("surrogate", study.surrogate);
  text += table_of("evaluate", study.evaluate);
  for (const StudyModel& model : study.models) {
    text += "\n[[model]]\n" + lines_of(option_values(model.keys), {});
    text += table_of("model.train", model.train);
    text += table_of("model.evaluate", model.evaluate);
  }
  for (const StudyDefense& defense : study.defenses) {
    // The other keys are gradient-norm's; a file that gives them to another defense is refused.
    const bool has_keys = defense.name != "none" && names_gradient_norm(defense.name, "the study");
    text += "\n[[defense]]\n";
    SpecValues values = option_values(defense);
    if (defense.nt.shape.form == NormForm::kExact) {  // where they may not stand
      std::erase_if(values, [](const auto& value) {
        return value.first == "step" || value.first == "scheme";
      });
    }
    text += has_keys ? lines_of(values, {"weight"}) : "name = " + toml_value(defense.name) + "\n";
  }
  for (const StudyPurify& purify : study.purifiers) {
    SpecValues values = option_values(purify);
    // Where no purifier is random, `draws` has no effect and may not stand there.
    const StudyPurify usual;
    if (purify.draws == usual.draws) {
      std::erase_if(values, [](const auto& value) { return value.first == "draws"; });
    }
    text += "\n[[purify]]\n" + lines_of(values, {});
  }
  for (const StudyAttack& attack : study.attacks) {
    text += "\n[[attack]]\n" + lines_of(option_values(attack.keys), {});
    text += table_of("attack.fit", attack.fit);
  }
  return text + "\n[report]\n" + lines_of(option_values(study.report), {});
}

}  // namespace robiq
