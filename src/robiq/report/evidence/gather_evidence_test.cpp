#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/report/evidence/evidence.h"
#include "robiq/report/evidence/names/titles.h"
#include "robiq/store/results_store.h"
#include "robiq/store/run_inputs.h"
#include "support/errors.h"

namespace robiq {
namespace gather_evidence_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// One evaluation's rows: what it was asked, what it read, and a score of every picture. The seed
/// is that of the run and of the training.
struct SomeEvaluation {
  std::string config = "seed = 1\n", pictures_hash = "12ab", weights = "sha", seed = "0";
  std::string defense = "none";
  std::string attack = "fgsm", options = "epsilon=0.005", surrogate;
  std::vector<std::string> pictures = {"a.png", "b.png"};
  double after = 50;
  std::int64_t backwards = 0;
  bool finished = true;
};

std::int64_t add(ResultsStore& store, const SomeEvaluation& what) {
  RunRow run;
  run.kind = RunKind::kEvaluate;
  run.label = "cnniqa none";
  run.config_toml = what.config;
  run.seed = std::stoll(what.seed);
  if (!what.pictures_hash.empty()) {
    run.config_toml += inputs_text({{"the pictures", what.pictures_hash}});
  }
  ScoreRow row;
  row.run = store.begin_run(run);
  row.model = store.model_id({0, "cnniqa", what.defense, what.weights,
                              R"({"dataset": "builtin", "seed": )" + what.seed + "}"});
  row.attack = what.attack;
  row.attack_options = what.options;
  row.surrogate = what.surrogate;
  row.after = what.after;
  row.backwards = what.backwards;
  for (const std::string& picture : what.pictures) {
    row.image = store.image_id({0, "builtin", "split", picture, "", 50, 50, ""});
    store.add(std::vector{row});
  }
  if (what.finished) {
    store.set_run_status(row.run, RunStatus::kFinished,
                         "2026-01-01T00:00:0" + std::to_string(row.run) + "Z");
  }
  return row.run;
}

class Gathered : public testing::Test {
 protected:
  /// "a.png 50" for every score, in order.
  [[nodiscard]] std::vector<std::string> scores() const {
    std::vector<std::string> texts;
    for (const auto& [key, found] : gather_evidence({folder_.path()}).scores) {
      texts.push_back(key.image + " " + std::to_string(static_cast<int>(found.row.after)));
    }
    return texts;
  }

  /// Seeds 0 and 1, each attacked by way of a surrogate of its own.
  void add_seeds_with_their_surrogates(const std::vector<std::string>& defenses) {
    for (std::size_t i = 0; i < defenses.size(); ++i) {
      const std::string seed = std::to_string(i);
      add(store_, {.config = "seed = " + seed + "\n",
                   .weights = "sha" + seed,
                   .seed = seed,
                   .defense = defenses[i],
                   .surrogate = "dbcnn:aaaa" + seed,
                   .pictures = {"a.png"}});
    }
  }

  TemporaryFolder folder_;
  ResultsStore store_{folder_.path() / "results.sqlite"};
};

TEST_F(Gathered, AnEvaluationThatWasMadeAnewTakesThePlaceOfTheEarlier) {
  add(store_, {});
  EXPECT_THAT(scores(), ElementsAre("a.png 50", "b.png 50"));
  add(store_, {.pictures_hash = "other", .pictures = {"a.png"}, .after = 60});
  EXPECT_THAT(scores(), ElementsAre("a.png 60")) << "b.png is not of the set any more";
}

std::string said_by(const std::function<void()>& work) {
  testing::internal::CaptureStderr();
  work();
  return testing::internal::GetCapturedStderr();
}

TEST_F(Gathered, EvaluationsOfOtherTrainingsStayBesideEachOther) {
  add(store_, {});
  add(store_, {.weights = "another training", .seed = "1", .pictures = {"d.png"}});
  EXPECT_EQ(scores().size(), 3u);
}

TEST_F(Gathered, OnOtherPicturesTheNewerEvaluationCountsAlone) {
  add(store_, {});
  add(store_, {.config = "limit = 1\n", .pictures = {"c.png"}});
  const std::string said = said_by([&] { EXPECT_THAT(scores(), ElementsAre("c.png 50")); });
  EXPECT_THAT(said, HasSubstr("run 1 and run 2 score"));
  EXPECT_EQ(gather_evidence({folder_.path()}).runs.size(), 1u);
}

TEST_F(Gathered, AnAttackThatIsAlignedHasATitleOfItsOwn) {
  add(store_, {});
  add(store_, {.config = "align = 1\n", .options = "align=l2"});
  const Evidence evidence = gather_evidence({folder_.path()});
  const Titles titles(evidence);
  std::vector<std::string> names;
  for (const Situation& attack : evidence.attacks("builtin"))
    names.push_back(titles.attack(attack));
  EXPECT_THAT(names, UnorderedElementsAre("fgsm epsilon=0.005", "fgsm align=l2"));
}

TEST_F(Gathered, AFinishedEvaluationCountsBeforeANewerOneUnderWay) {
  add(store_, {});
  add(store_, {.config = "limit = 1\n", .pictures = {"c.png"}, .finished = false});
  EXPECT_THAT(scores(), ElementsAre("a.png 50", "b.png 50"));
  EXPECT_EQ(gather_evidence({folder_.path()}).runs.size(), 2u) << "a report says what is open";
}

TEST_F(Gathered, AnEvaluationThatWasRepeatedLastCounts) {
  const std::int64_t first = add(store_, {});
  add(store_, {.config = "limit = 1\n", .pictures = {"c.png"}});
  store_.set_run_status(first, RunStatus::kFinished, "2026-01-02T00:00:00Z");
  EXPECT_THAT(scores(), ElementsAre("a.png 50", "b.png 50"));
}

TEST_F(Gathered, OfCleanPicturesTheRunWithTheMostCounts) {
  add(store_, {.attack = "none", .options = ""});
  add(store_, {.config = "limit = 1\n", .attack = "none", .options = "", .pictures = {"c.png"}});
  EXPECT_THAT(scores(), ElementsAre("a.png 50", "b.png 50"));
}

TEST_F(Gathered, WhatOnlyAnEqualEvaluationMeasuredIsKept) {
  for (const char* const measure : {"certified_share", "srocc"}) {
    const std::int64_t run =
        add(store_, {.config = std::string(measure) + " = 1\n", .attack = "none", .options = ""});
    store_.add(std::vector<MeasureRow>{{run, store_.scores(run).front().model, "builtin", "none",
                                        "", "", "", "mos_before", measure, 0.5}});
  }
  std::set<std::string> measures;
  for (const auto& [key, found] : gather_evidence({folder_.path()}).measures) {
    measures.insert(key.measure);
  }
  EXPECT_THAT(measures, ElementsAre("certified_share", "srocc"));
}

TEST_F(Gathered, NothingIsSaidOfWhatANewerRunRepeats) {
  add(store_, {.pictures = {"a.png"}});
  add(store_, {.config = "limit = 2\n"});
  const std::string said =
      said_by([&] { EXPECT_THAT(scores(), ElementsAre("a.png 50", "b.png 50")); });
  EXPECT_EQ(said, "");
}

TEST_F(Gathered, WhereNothingWasNotedTheNewerRunCounts) {
  add(store_, {.pictures_hash = ""});
  add(store_, {.pictures_hash = "", .pictures = {"a.png"}, .after = 60});
  EXPECT_THAT(scores(), ElementsAre("a.png 60"));
}

TEST_F(Gathered, PerturbationsOfOneNameInTwoFoldersAreTwoAttacks) {
  for (const char* folder : {"x", "y"}) {
    add(store_, {.config = std::string("attack = ") + folder + "\n",
                 .attack = "uap",
                 .options = std::string("file=") + folder + "/u.npy",
                 .pictures = {"a.png"}});
  }
  const std::vector<Situation> attacks = gather_evidence({folder_.path()}).attacks("builtin");
  ASSERT_EQ(attacks.size(), 2u);
  EXPECT_EQ(attacks[0].options.text(), "file=x/u");
  EXPECT_EQ(attacks[1].options.text(), "file=y/u");
}

TEST_F(Gathered, AttacksMadeOnTwoSurrogatesOfOneNameAreTwo) {
  for (const char* hash : {"aaaa", "bbbb"}) {
    add(store_, {.config = std::string("surrogate = ") + hash + "\n",
                 .surrogate = std::string("dbcnn:") + hash,
                 .pictures = {"a.png"}});
  }
  const std::vector<Situation> attacks = gather_evidence({folder_.path()}).attacks("builtin");
  ASSERT_EQ(attacks.size(), 2u);
  EXPECT_EQ(attacks[0].surrogate, "dbcnn:aaaa");
  EXPECT_EQ(attacks[1].surrogate, "dbcnn:bbbb");
}

TEST_F(Gathered, ABlackBoxThatAskedTheAttackedModelForGradientsIsNone) {
  store_.add(std::vector{AttackRow{"korhonen", "Kor.", 80, "learning_rate", 0, 0}});
  add(store_, {.attack = "korhonen", .surrogate = "dbcnn:aaaa", .backwards = 3});
  EXPECT_TRUE(is_black_box(gather_evidence({folder_.path()}).attacks("builtin").at(0)));
  add(store_, {.config = "other\n", .attack = "korhonen", .backwards = 3});
  const std::vector<Situation> attacks = gather_evidence({folder_.path()}).attacks("builtin");
  ASSERT_EQ(attacks.size(), 2u);
  EXPECT_FALSE(is_black_box(attacks[0]));
  EXPECT_TRUE(is_black_box(attacks[1]));
}

TEST(GatheredFolders, WhatDiffersBetweenThemHasDifferentNames) {
  const TemporaryFolder one, two;
  for (const auto& [folder, name] : {std::pair{&one, "x"}, std::pair{&two, "y"}}) {
    ResultsStore store(folder->path() / "results.sqlite");
    const std::string defense = std::string("defense-") + name;
    add(store, {.config = "attack = uap\n",
                .defense = defense,
                .attack = "uap",
                .options = std::string("file=") + name + "/u.npy",
                .pictures = {"a.png"}});
    add(store,
        {.defense = defense, .surrogate = std::string("dbcnn:") + name, .pictures = {"a.png"}});
  }
  const auto attacks = [&](bool compare) {
    return gather_evidence({one.path(), two.path()}, compare).attacks("builtin").size();
  };
  EXPECT_EQ(attacks(/*compare=*/false), 4u);
  EXPECT_EQ(attacks(/*compare=*/true), 2u)
      << "runs that are set side by side keep their short names";
}

TEST_F(Gathered, ASurrogateThatIsTrainedForEachSeedIsOneAttack) {
  add_seeds_with_their_surrogates({"none", "none"});
  const std::vector<Situation> attacks = gather_evidence({folder_.path()}).attacks("builtin");
  ASSERT_EQ(attacks.size(), 1u);
  EXPECT_EQ(attacks[0].surrogate, "dbcnn");
}

TEST_F(Gathered, ASurrogateOfEachDefenseIsAnAttackOfItsOwn) {
  add_seeds_with_their_surrogates({"defense0", "defense1"});
  EXPECT_EQ(gather_evidence({folder_.path()}).attacks("builtin").size(), 2u)
      << "no defense was attacked with both";
}

TEST_F(Gathered, OneSurrogateIsCalledByItsModel) {
  add(store_, {.surrogate = "dbcnn:aaaa", .pictures = {"a.png"}});
  EXPECT_EQ(gather_evidence({folder_.path()}).attacks("builtin").at(0).surrogate, "dbcnn");
}

TEST_F(Gathered, OddCardsAreRefused) {
  for (const char* card : {R"({"seed": "x", "dataset": "d"})", R"({"dataset": 3})",
                           R"({"options": [1]})", R"({"scale": 3})", R"({"scale": {"best": "x"}})",
                           R"({"model": {}})", "[1]", R"({"a":[[[)"}) {
    const TemporaryFolder folder;
    {
      ResultsStore store(folder.path() / "results.sqlite");
      store.model_id({0, "cnniqa", "none", "sha", card});
    }
    expect_error(ErrorKind::kData, {"the card of the model 'cnniqa'", "", "*"},
                 [&] { (void)gather_evidence({folder.path()}); });
  }
}

}  // namespace gather_evidence_test
}  // namespace robiq
