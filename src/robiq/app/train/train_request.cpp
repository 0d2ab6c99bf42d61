#include <filesystem>

#include "robiq/app/train/train_run.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"

namespace robiq {

OptionTable<CacheChoice> CacheChoice::options() {
  using C = CacheChoice;
  using O = Option<C>;
  return {
      O{"cache_dir", &C::folder, "folder that keeps decoded pictures for other runs; \"\": none"}
          .where_only(),
      O{"cache_gib", &C::folder_gib, "largest size of --cache-dir", 0, 1e6, "GiB"}.where_only(),
      O{"cache_ram_gib", &C::memory_gib, "decoded pictures in memory at most", 0, 1e6, "GiB"}
          .where_only()};
}

namespace {

/// What is trained, on what, against what.
OptionTable<TrainRequest> trained_rows() {
  using R = TrainRequest;
  return {{"model", &R::model, "what to train, with options as NAME:key=value"},
          {"data", &R::data, "what to train on: builtin, csv:FILE, ..."},
          Option<R>{"out", &R::out, "folder of the run"}.where_only(),
          {"init", &R::init,
           "weights to begin with: FILE, or PART=FILE for a part such as the backbone; may be "
           "repeated"},
          {"defense", &R::defense,
           "how the model is made harder to fool, SPEC or SPEC+SPEC; none is the baseline (robiq "
           "list defenses)"},
          {"nt", &R::nt, "gradient-norm regularisation, the NT strategy: --defense gradient-norm"},
          {"nt_weight", &R::nt_weight,
           "lambda, the factor of the NT term, 0 or more; -1: the recipe's", -1, 1e9}};
}

/// What its recipe says otherwise.
OptionTable<TrainRequest> recipe_rows() {
  using R = TrainRequest;
  return {
      {"compat", &R::compat, "train as the model's paper says, or as its authors' code does"},
      {"loss", &R::loss, "the task's loss; \"\": the recipe's"},
      {"optimizer", &R::optimizer, "optimiser; \"\": the recipe's"},
      {"schedule", &R::schedule, "schedule of the learning rate; \"\": the recipe's"},
      {"learning_rate", &R::learning_rate, "learning rate; 0: the recipe's", 0, 1000},
      {"weight_decay", &R::weight_decay, "weight decay, 0 or more; -1: the recipe's", -1, 1000},
      {"epochs", &R::epochs, "passes over the training pictures; 0: the recipe's", 0, 1e6},
      {"first_epochs", &R::first_epochs,
       "epochs of the phase before the main one, if the recipe has one (dbcnn); 0: no phase; -1: "
       "as many as epochs",
       -1, 1e6},
      {"batch_size", &R::batch_size, "crops a step; 0: the recipe's", 0, 65536}};
}

/// How much is computed at once, and on how much.
OptionTable<TrainRequest> extent_rows() {
  using R = TrainRequest;
  return {
      {"micro_batch", &R::micro_batch,
       "crops at once, which bounds memory: a step adds up their gradients; 0: all of the batch", 0,
       65536},
      {"precision", &R::precision,
       "number format of products and convolutions; bf16 is for baselines"},
      {"max_steps", &R::max_steps, "stop after so many steps; 0: no limit", 0, 1e12},
      {"limit", &R::limit, "use at most so many training pictures; 0: all", 0, 1e9},
      {"views", &R::views, "views of validation pictures: grid, paper or how many"},
      {"split_file", &R::split_file,
       "a split that `robiq data split` wrote; \"\": drawn from the seed"}};
}

}  // namespace

OptionTable<TrainRequest> TrainRequest::options() {
  using R = TrainRequest;
  return joined_tables<R>(
      {trained_rows(),
       options_of<R>(&R::nt_choice, "nt_"),
       recipe_rows(),
       extent_rows(),
       options_of<R>(&R::cache),
       options_of<R>(&R::missing),
       options_of<R>(&R::waiting),
       options_of<R>(&R::compute),
       {Option<R>{"resume", &R::resume, "go on where the run in --out stopped"}.where_only()}});
}

namespace {

/// A checkpoint of the whole model leaves nothing of what was loaded before it.
void check_order_of_init(const std::vector<std::string>& init) {
  for (std::size_t i = 1; i < init.size(); ++i) {
    const bool part = init[i].find('=') != std::string::npos && !std::filesystem::exists(init[i]);
    if (part) continue;
    throw Error(ErrorKind::kUsage, {"'" + init[i - 1] + "' has no effect before '" + init[i] +
                                        "', which holds the whole model",
                                    "--init", "name the whole model first, then its parts"});
  }
}

/// -1 is the word for what the recipe says; other numbers below 0 are slips.
void settle_recipes_own(std::optional<double>& value, std::string_view name,
                        const std::string& what, const Params& given) {
  if (!value || *value >= 0.0) return;
  if (*value != -1.0) {
    const auto it = given.find(name);
    throw Error(ErrorKind::kUsage, {what + " is " + number_text(*value) + ", below 0",
                                    it == given.end() ? std::string(name) : it->second.where,
                                    "give 0 or more, or -1 for what the model's recipe says"});
  }
  value.reset();
}

}  // namespace

void TrainRequest::settle(TrainRequest& request, const Params& given) {
  settle_recipes_own(request.nt_weight, "nt_weight", "lambda", given);
  settle_recipes_own(request.weight_decay, "weight_decay", "the weight decay", given);
  const OptionRules rules(given);
  // A run's config.toml names both the defense and the flags that it set.
  const bool denied = rules.was_given("nt") && !request.nt;
  rules.clash(
      !request.defense.empty() && (denied || !names_gradient_norm(request.defense, "--defense")),
      {"nt"},
      "--defense, which names all that it trains with" +
          (denied ? "" : " (for both: --defense " + request.defense + "+gradient-norm)"));
  settle_defense(request, given);
  rules.need(request.nt,
             {"nt_weight", "nt_step", "nt_space", "nt_form", "nt_batchnorm", "nt_scale",
              "nt_scheme", "nt_first_phase"},
             "--nt or --defense gradient-norm");
  rules.clash(request.nt_choice.shape.form == NormForm::kExact, {"nt_step", "nt_scheme"},
              "--nt-form exact, which takes no finite difference");
  rules.need(!request.cache.folder.empty(), {"cache_gib"}, "--cache-dir FOLDER");
  WaitChoice::check(rules);
  check_order_of_init(request.init);
}

}  // namespace robiq
