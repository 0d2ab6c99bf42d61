// The surrogates of an EvaluationSubject: what black-box attacks are made on.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "robiq/app/evaluate/evaluation_subject.h"
#include "robiq/app/run/flag_parts.h"
#include "robiq/core/files/files.h"
#include "robiq/core/log.h"
#include "robiq/core/text/text.h"
#include "robiq/model/several_models.h"

namespace robiq {

std::vector<std::string> surrogates_in(const std::string& text) {
  const auto& known = Registry<QualityModel>::instance().entries();
  std::vector<std::string> models = split(text, '+');
  for (const std::string& model : models) {
    if (!known.contains(model.substr(0, model.find(':')))) return {text};
  }
  return models;
}

void EvaluationSubject::load_surrogate() {
  if (options_.surrogate.model.empty()) {
    if (!options_.transfer && options_.surrogate.weights.empty()) return;
    throw Error(ErrorKind::kUsage, {"no surrogate was named", "--surrogate",
                                    "name the model that the attacks are made on"});
  }
  const std::vector<std::string> models = surrogates_in(options_.surrogate.model);
  const std::vector<std::string> weights =
      models.size() == 1 ? std::vector<std::string>{options_.surrogate.weights}
                         : split(options_.surrogate.weights, '+');
  if (weights.size() != models.size()) {
    throw Error(ErrorKind::kUsage,
                {fmt::format("there are {} surrogates and {} checkpoints for them", models.size(),
                             weights.size()),
                 "--surrogate-weights", "give one for each, with + between: a.safetensors+b.pth"});
  }
  std::vector<std::string> names;
  std::string hashes;
  for (std::size_t i = 0; i < models.size(); ++i) {
    // The weights that come with robiq are not taken unasked: a surrogate that equals the model
    // makes a black box a white one.
    const Spec spec = Registry<QualityModel>::instance().parse(models[i], "--surrogate");
    if (weights[i].empty() && needs_weights(spec)) {
      throw Error(ErrorKind::kUsage, {"no weights for " + spec.name, "--surrogate-weights",
                                      "name a checkpoint of a model that is not the attacked one"});
    }
    surrogates_.push_back(load_model_flag(models[i], weights[i], "", options_.compute.device));
    if (surrogates_.back().weights_sha256 == loaded_.weights_sha256 &&
        surrogates_.back().card.model == loaded_.card.model) {
      log::warning(
          "the surrogate {} has the weights of the attacked model: what is made on it is no "
          "black box",
          models[i]);
    }
    names.push_back(surrogates_.back().card.model);
    hashes += surrogates_.back().weights_sha256;
  }
  surrogate_sha256_ = models.size() == 1 ? hashes : sha256(hashes);
  for (const LoadedModel& surrogate : surrogates_) {
    surrogate_scorers_.emplace_back(*surrogate.model,
                                    parse_views(options_.views.policy, surrogate.model->card()),
                                    options_.views.fit);
  }
  constexpr std::size_t kDigits = 12;
  surrogate_name_ = join(names, "+") + ":" + surrogate_sha256_.substr(0, kDigits);
}

std::unique_ptr<QualityModel> EvaluationSubject::surrogate_of(const SeenPicture& seen) const {
  std::vector<std::unique_ptr<QualityModel>> models;
  for (std::size_t i = 0; i < surrogates_.size(); ++i) {
    models.push_back(ensemble_for(*surrogates_[i].model, whole(surrogate_scorers_[i], seen)));
  }
  if (models.size() == 1) return std::move(models.front());
  return std::make_unique<SeveralModels>(std::move(models));
}

bool EvaluationSubject::on_surrogate(const Attack& attack) const {
  return !surrogates_.empty() && attack.card().asks_surrogate(options_.transfer);
}

}  // namespace robiq
