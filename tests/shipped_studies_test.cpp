// The studies that robiq ships, and the page for who writes one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/app/study/study_plan.h"
#include "robiq/core/text/text.h"
#include "support/places.h"
#include "support/tiny_study.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::Finished;
using test::root;
using test::run_well;
using testing::HasSubstr;

fs::path shipped(const std::string& name) {
  return fs::path(test::source_folder()) / "experiments" / (name + ".toml");
}

TEST(ShippedStudies, AreReadAndPlanned) {
  std::vector<std::string> names;
  for (const auto& entry :
       fs::directory_iterator(fs::path(test::source_folder()) / "experiments")) {
    if (entry.path().extension() != ".toml") continue;
    SCOPED_TRACE(entry.path());
    const Study study = read_study(entry.path());
    EXPECT_EQ(study.head.name, entry.path().stem().string());
    EXPECT_NE(study.head.title, "");
    EXPECT_FALSE(plan_study(study, StudyFolder("out")).empty());
    names.push_back(study.head.name);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre(
                         "paper", "attack-losses", "lambda", "examples", "security", "mini-paper",
                         "mini-lambda", "mini-examples", "mini-models", "mini-defenses",
                         "mini-msu-defenses", "msu-defenses", "worst-case", "hyperiqa-builtin",
                         "hyperiqa-worst"));
}

TEST(ShippedStudies, ThePaperIsTablesS1AndS3) {
  const auto cells = plan_study(read_study(shipped("paper")), StudyFolder("out"));
  const auto train = [&](const std::string& model) {
    const auto it = std::find_if(cells.begin(), cells.end(), [&](const StudyCell& cell) {
      return cell.name == "train/" + model + "/none/seed0";
    });
    return std::get<TrainRequest>(it->request);
  };
  EXPECT_EQ(train("hyperiqa").batch_size, 16);
  EXPECT_EQ(train("hyperiqa").epochs, 16);
  EXPECT_EQ(train("dbcnn").batch_size, 6);
  EXPECT_EQ(train("dbcnn").epochs, 50);
  EXPECT_EQ(train("linearityiqa").batch_size, 4);
  EXPECT_EQ(train("linearityiqa").epochs, 30);
  EXPECT_EQ(train("maniqa").batch_size, 1);
  EXPECT_EQ(train("maniqa").epochs, 30);
  const auto& evaluate = std::get<EvaluateRequest>(cells.back().request);
  const std::string attacks = join(evaluate.attack, "; ");
  EXPECT_THAT(attacks, HasSubstr("fgsm:epsilon=0.005,step_size=0.01"));
  EXPECT_THAT(attacks, HasSubstr("perceptual:steps=200,weight=1000000"));
  EXPECT_THAT(attacks, HasSubstr("scale=0.04"));
  EXPECT_THAT(attacks, HasSubstr("korhonen:learning_rate=0.2"));
  EXPECT_EQ(evaluate.views.policy, "paper");
}

std::string page() {
  return read_file(fs::path(test::source_folder()) / "docs/experiment-file.md", 1 << 20);
}

TEST(ExperimentPage, ItsExampleIsAStudy) {
  const std::string text = page();
  const std::string fence = "```toml\n";
  const std::size_t from = text.find(fence) + fence.size();
  const Study study = parse_study(text.substr(from, text.find("```", from) - from), "page");
  const auto cells = plan_study(study, StudyFolder("out"));
  const auto count = [&](StudyStage stage) {
    return std::count_if(cells.begin(), cells.end(),
                         [&](const StudyCell& cell) { return cell.stage == stage; });
  };
  EXPECT_EQ(count(StudyStage::kTrain), 2 * 3 * 3);
  EXPECT_EQ(count(StudyStage::kSurrogate), 3);
  EXPECT_EQ(count(StudyStage::kUap), 3);
  // Six trained models from three seeds and one with weights, two data sets, two attack groups.
  // Each bare, and behind a purifier with and without the attacks' knowledge.
  EXPECT_EQ(count(StudyStage::kEvaluate), 2 * (2 * 3 * 3 + 1) * 3 * 2);
}

template <class Keys>
void expect_described() {
  const std::string text = page();
  for (const OptionDoc& doc : document_options<Keys>()) {
    EXPECT_THAT(text, HasSubstr("`" + doc.name + "`"));
  }
}

TEST(ExperimentPage, DescribesEveryKey) {
  expect_described<StudyHead>();
  expect_described<StudyModelKeys>();
  expect_described<StudyDefense>();
  expect_described<StudyPurify>();
  expect_described<StudyAttackKeys>();
  expect_described<StudyReport>();
}

/// What runs here is the study, not its network: a small CNNIQA stands in the place of the whole.
constexpr const char* kSmallCnniqa = "cnniqa:hidden=16,filters=8,patches=16";

void make_networks_small(Study& study) {
  for (StudyModel& model : study.models) {
    if (model.keys.name == "cnniqa") model.keys.name = kSmallCnniqa;
  }
}

/// A mini study on very small pictures, for one epoch.
class MiniStudies : public testing::TestWithParam<const char*> {};

TEST_P(MiniStudies, RunShrunk) {
  Study study = read_study(shipped(GetParam()));
  make_networks_small(study);
  study.head.data = {"builtin:scenes=4,size=64"};
  study.head.seeds = {"0"};
  study.train["epochs"] = {std::int64_t{1}, "test"};
  study.train["limit"] = {std::int64_t{6}, "test"};
  study.surrogate["epochs"] = {std::int64_t{1}, "test"};
  study.evaluate["limit"] = {std::int64_t{3}, "test"};
  if (const auto queries = study.evaluate.find("queries"); queries != study.evaluate.end()) {
    queries->second = {std::int64_t{30}, "test"};
  }
  study.evaluate["bootstrap"] = {std::int64_t{0}, "test"};
  for (StudyPurify& purify : study.purifiers) {
    const bool is_random = purify.draws != StudyPurify{}.draws;
    if (is_random) purify.draws = 2;
  }
  for (StudyAttack& attack : study.attacks) {
    for (std::string& spec : attack.keys.spec) {
      if (spec == "standard") spec = "standard:budget=4/255";
    }
    if (attack.fit.empty()) continue;
    attack.fit["max_steps"] = {std::int64_t{2}, "test"};
    attack.fit["batch_size"] = {std::int64_t{2}, "test"};
  }
  const std::string name = std::string("shrunk-") + GetParam();
  write_file(root() / (name + ".toml"), study_text(study));
  const Finished got = run_well(name + ".toml", name);
  EXPECT_THAT(got.out, HasSubstr("before_after"));
}

TEST(ShippedStudies, TheWorstCaseIsOnItsPage) {
  Study study = read_study(shipped("worst-case"));
  make_networks_small(study);
  study.head.data = {"builtin:scenes=4,size=64"};
  study.train["epochs"] = {std::int64_t{1}, "test"};
  study.evaluate["limit"] = {std::int64_t{3}, "test"};
  study.evaluate["queries"] = {std::int64_t{30}, "test"};
  for (StudyAttack& attack : study.attacks) {
    for (std::string& spec : attack.keys.spec) {
      if (spec == "standard") spec = "standard:budget=4/255";
    }
  }
  write_file(root() / "worst-page.toml", study_text(study));
  run_well("worst-page.toml", "worst-page");
  EXPECT_EQ(test::robiq("report worst-page").exit_code, 0);
  const std::string page = read_file(root() / "worst-page/report/index.html", 1 << 26);
  for (const char* shown : {"The worst case of every picture", "Integral robustness scores",
                            "worst-case-standard", "Which attack moves a picture most"}) {
    EXPECT_THAT(page, HasSubstr(shown));
  }
  for (const char* table : {"worst", "irs", "members", "wins", "cost"}) {
    for (const char* ending : {".csv", ".md", ".tex"}) {
      EXPECT_TRUE(fs::exists(root() / "worst-page/report/tables" / (std::string(table) + ending)))
          << table << ending;
    }
  }
}

TEST(ShippedStudies, HyperIqaRunsShrunk) {
  Study study = read_study(shipped("hyperiqa-builtin"));
  EXPECT_EQ(study.models.front().keys.name, "hyperiqa");
  study.models.front().keys.name = kSmallCnniqa;
  study.head.data = {"builtin:scenes=4,size=64"};
  EXPECT_TRUE(study.train.contains("init")) << "HyperIQA begins with a ResNet that sees";
  for (Params* const table : {&study.train, &study.surrogate}) {
    table->erase("init");
    (*table)["max_steps"] = {std::int64_t{2}, "test"};
    (*table)["limit"] = {std::int64_t{6}, "test"};
  }
  study.evaluate["limit"] = {std::int64_t{3}, "test"};
  study.evaluate["bootstrap"] = {std::int64_t{0}, "test"};
  for (StudyAttack& attack : study.attacks) {
    if (attack.fit.empty()) continue;
    attack.fit["max_steps"] = {std::int64_t{2}, "test"};
    attack.fit["batch_size"] = {std::int64_t{2}, "test"};
  }
  write_file(root() / "shrunk-hyperiqa.toml", study_text(study));
  const Finished got = run_well("shrunk-hyperiqa.toml", "shrunk-hyperiqa");
  for (const char* defense : {"none", "gradient-norm:weight=1e-05", "gradient-norm:weight=0.0001",
                              "adversarial:epsilon=2/255"}) {
    EXPECT_THAT(got.out, HasSubstr(defense));
  }
  EXPECT_THAT(got.out, HasSubstr("apgd"));
}

TEST(ShippedStudies, TheWorstCaseOfHyperIqaIsOfTheModelsThatItsStudyTrains) {
  const auto evaluated = [](const std::string& name) {
    std::vector<EvaluateRequest> requests;
    for (const auto& cell : plan_study(read_study(shipped(name)), StudyFolder("out/" + name))) {
      const auto* const request = std::get_if<EvaluateRequest>(&cell.request);
      if (request != nullptr) requests.push_back(*request);
    }
    return requests;
  };
  const auto trained = evaluated("hyperiqa-builtin"), given = evaluated("hyperiqa-worst");
  ASSERT_EQ(trained.size(), 4U);
  ASSERT_EQ(given.size(), 4U);
  for (std::size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(given[i].weights, trained[i].weights);
    EXPECT_EQ(given[i].data, trained[i].data);
    EXPECT_EQ(given[i].compute.seed, trained[i].compute.seed);
    EXPECT_EQ(given[i].limit, trained[i].limit);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, MiniStudies,
                         testing::Values("mini-paper", "mini-lambda", "mini-examples",
                                         "mini-defenses", "mini-msu-defenses", "worst-case"),
                         [](const auto& study) {
                           std::string name = study.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace robiq
