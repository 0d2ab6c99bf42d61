#include <filesystem>

#include "robiq/app/train/train_run.h"
#include "robiq/app/train/training_plan.h"
#include "robiq/core/error.h"
#include "robiq/core/options/option_rules.h"
#include "robiq/dist/process_place.h"

namespace robiq {

OptionTable<TrainRequest> TrainRequest::options() {
  using R = TrainRequest;
  using O = Option<R>;
  return {
      {"model", &R::model, "what to train, with options as NAME:key=value"},
      {"data", &R::data, "what to train on: builtin, csv:FILE, ..."},
      O{"out", &R::out, "folder of the run"}.where_only(),
      {"init", &R::init,
       "weights to begin with: FILE, or PART=FILE for a part such as the backbone; may be "
       "repeated"},
      {"defense", &R::defense,
       "how the model is made harder to fool, SPEC or SPEC+SPEC; none is the baseline (robiq list "
       "defenses)"},
      {"nt", &R::nt, "gradient-norm regularisation, the NT strategy: --defense gradient-norm"},
      {"nt_weight", &R::nt_weight, "lambda, the factor of the NT term; -1 for the model's recipe",
       -1, 1e9},
      {"nt_step", &R::nt_step, "h, length of the finite difference", 1e-6, 1, "of nt_space"},
      {"nt_space",
       &R::nt_space,
       "where h is measured: after the model's normalisation, or on pixels in [0,1]",
       {"normalized", "pixel"}},
      {"nt_form",
       &R::nt_form,
       "mean(slope^2)/2, mean|slope|, or the true norm",
       {"square", "abs", "exact"}},
      {"nt_batchnorm",
       &R::nt_batchnorm,
       "running statistics in the NT passes; \"\" for the recipe's",
       {"", "clean", "official", "frozen"}},
      {"nt_scale",
       &R::nt_scale,
       "slopes of the scores as they are, or times std(MOS)/std(scores) of the batch",
       {"raw", "label"}},
      {"nt_scheme",
       &R::nt_scheme,
       "NT passes; shared: f(x) is used twice; unit: its backward pass too, one picture at a time; "
       "auto: unit where that is exact and a step takes one picture at a time",
       {"auto", "shared", "unit"}},
      {"nt_first_phase", &R::nt_first_phase, "NT in the phases before the main one, too"},
      {"compat",
       &R::compat,
       "train as the model's paper says, or as its authors' code does",
       {"paper", "official"}},
      {"loss", &R::loss, "the task's loss; \"\" for the model's recipe"},
      {"optimizer", &R::optimizer, "optimiser; \"\": the recipe's", {"", "adam", "adamw", "sgd"}},
      {"schedule",
       &R::schedule,
       "schedule of the learning rate; \"\": the recipe's",
       {"", "constant", "step", "cosine", "cosine-epochs", "cosine-wave"}},
      {"learning_rate", &R::learning_rate, "learning rate; 0: the recipe's", 0, 1000},
      {"weight_decay", &R::weight_decay, "weight decay; -1: the recipe's", -1, 1000},
      {"epochs", &R::epochs, "passes over the training pictures; 0: the recipe's", 0, 1e6},
      {"first_epochs", &R::first_epochs,
       "epochs of the phase before the main one, if the recipe has one (dbcnn); 0: no phase; -1: "
       "as "
       "many as epochs",
       -1, 1e6},
      {"batch_size", &R::batch_size, "crops a step; 0 for the model's recipe", 0, 65536},
      {"micro_batch", &R::micro_batch,
       "crops at once, which bounds memory: a step adds up their gradients; 0: all of the batch", 0,
       65536},
      {"precision",
       &R::precision,
       "number format of products and convolutions; bf16 is for baselines",
       {"fp32", "bf16"}},
      {"max_steps", &R::max_steps, "stop after so many steps; 0: no limit", 0, 1e12},
      {"limit", &R::limit, "use at most so many training pictures; 0: all", 0, 1e9},
      O{"workers", &R::workers, "threads that decode pictures", 1, 256}.where_only(),
      O{"cache_dir", &R::cache_dir, "folder that keeps decoded pictures for other runs; \"\": none"}
          .where_only(),
      O{"cache_gib", &R::cache_gib, "largest size of --cache-dir", 0, 1e6, "GiB"}.where_only(),
      O{"cache_ram_gib", &R::cache_ram_gib, "decoded pictures in memory at most", 0, 1e6, "GiB"}
          .where_only(),
      O{"allow_missing", &R::allow_missing, "how many unreadable pictures may be left out", 0, 1e9}
          .where_only(),
      O{"join_timeout", &R::join_timeout,
        "how long to wait until all processes of the run have come", 1, 1e6, "seconds"}
          .where_only(),
      O{"process_timeout", &R::process_timeout, "how long to wait for another process of the run",
        1, 1e6, "seconds"}
          .where_only(),
      {"seed", &R::seed, "seed of everything random", 0, 9e18},
      {"threads", &R::threads, "threads of arithmetic; 0: the cores the process may use", 0, 1024},
      {"views", &R::views, "views of validation pictures: grid, paper or how many"},
      O{"device", &R::device, "cpu, cuda, cuda:N or auto"}.where_only(),
      {"split_file", &R::split_file,
       "a split that `robiq data split` wrote; \"\": drawn from the seed"},
      O{"resume", &R::resume, "go on where the run in --out stopped"}.where_only(),
  };
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

}  // namespace

void TrainRequest::settle(TrainRequest& request, const Params& given) {
  const OptionRules rules(given);
  // A run's config.toml names both the defense and the flags that it set.
  const bool denied = rules.was_given("nt") && !request.nt;
  rules.clash(
      !request.defense.empty() && (denied || !names_gradient_norm(request.defense, "--defense")),
      {"nt"}, "--defense, which names what to train with");
  settle_defense(request, given);
  rules.need(request.nt,
             {"nt_weight", "nt_step", "nt_space", "nt_form", "nt_batchnorm", "nt_scale",
              "nt_scheme", "nt_first_phase"},
             "--nt or --defense gradient-norm");
  rules.clash(request.nt_form == "exact", {"nt_step", "nt_scheme"},
              "--nt-form exact, which takes no finite difference");
  rules.need(!request.cache_dir.empty(), {"cache_gib"}, "--cache-dir");
  rules.need(!process_place().launcher.empty(), {"join_timeout", "process_timeout"},
             "a launcher of several processes, such as torchrun, srun or mpirun");
  check_order_of_init(request.init);
}

}  // namespace robiq
