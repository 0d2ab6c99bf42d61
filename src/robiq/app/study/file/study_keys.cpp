// The keys of each table of a study file. Links no torch: `robiq report` reads what concerns it
// here.
#include "robiq/app/study/file/study.h"
#include "robiq/app/study/file/study_node.h"

namespace robiq {

OptionTable<StudyHead> StudyHead::options() {
  using H = StudyHead;
  return {{"name", &H::name, "of the study, and of its folder: letters, digits, '-', '_' and '.'"},
          {"title", &H::title, "for people; \"\": the name"},
          {"description", &H::description, "what the study is to show"},
          {"seeds", &H::seeds, "each model is trained once for each of them"},
          {"data", &H::data, "data sets to evaluate on: builtin, livec:FOLDER, ..."},
          {"train_data", &H::train_data, "data set to train on; \"\": the first of data"},
          {"split_file", &H::split_file,
           "splits of the training data that `robiq data split` wrote, one for all seeds or one a "
           "seed; none: drawn from the seed"}};
}

OptionTable<StudyModelKeys> StudyModelKeys::options() {
  using K = StudyModelKeys;
  return {{"name", &K::name, "the model, with options as NAME:key=value"},
          {"label", &K::label, "its name in tables and cells; \"\": its own"},
          {"weights", &K::weights, "a checkpoint: the model is then not trained"}};
}

OptionTable<StudyDefense> StudyDefense::options() {
  using D = StudyDefense;
  return joined_tables<D>(
      {{{"name", &D::name, "how models are trained: none, or SPEC[+SPEC] as of --defense"},
        {"weight", &D::weight, "lambda; a list is a sweep; -1: the model's recipe"},
        {"weight_scale", &D::weight_scale,
         "factor of the weights; recipe: the model's own lambda divided by 0.001, so that equal "
         "weights are of equal strength for models of different scales"}},
       options_of<D>(&D::nt)});
}

OptionTable<StudyPurify> StudyPurify::options() {
  using P = StudyPurify;
  return {{"spec", &P::spec, "purifiers, SPEC or SPEC+SPEC; a list is a sweep"},
          {"adaptive",
           &P::adaptive,
           "whether attacks go through the purifier; [false, true]: once each way",
           {"true", "false"}},
          {"draws", &P::draws, "of a randomised purifier: scores are means over so many", 1, 1e6},
          {"defense", &P::defense,
           "names of [[defense]] whose models it stands before; none: of all, and of models with "
           "weights"}};
}

OptionTable<StudyAttackKeys> StudyAttackKeys::options() {
  using K = StudyAttackKeys;
  return {{"spec", &K::spec, "the attack, NAME or NAME:key=value,...; a list is a sweep"},
          {"surrogate", &K::surrogate,
           "the model that the attacker has, MODEL:seed=N to train it in the study, "
           "MODEL:weights=FILE to load it"},
          {"transfer", &K::transfer,
           "an attack that asks the attacked model is made on the surrogate too"}};
}

OptionTable<StudyReport> StudyReport::options() {
  using R = StudyReport;
  return {{"title", &R::title, "of the report; \"\": the study's"},
          {"tables", &R::tables, "which tables; none: all that the results allow"},
          {"figures", &R::figures, "which figures; none: all that the results allow"},
          {"paper", &R::paper, "the paper's printed values beside ours"}};
}

StudyHead read_study_head(const TomlNode& root) {
  return read_keys<StudyHead>(
      root, {"train", "surrogate", "evaluate", "model", "defense", "purify", "attack", "report"});
}

StudyReport parse_study_report(std::string_view text, const std::string& name) {
  const TomlNode root = parse_toml_document(text, name);
  StudyReport report;
  if (const TomlNode* node = inner_table(root, "report")) {
    report = read_keys<StudyReport>(*node, {});
  }
  if (report.title.empty()) report.title = read_study_head(root).title;
  return report;
}

}  // namespace robiq
