// Options whose values hold commas, equals signs, spaces and letters beyond ASCII, on the whole
// way: from the command line or a study file through the database into every table, and back from
// a table to the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "robiq/core/files/files.h"
#include "robiq/data/dataset.h"
#include "robiq/io/table/csv.h"
#include "robiq/store/attack_options.h"
#include "robiq/store/results_store.h"
#include "robiq/tensor/pictures/image_io.h"
#include "support/det.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace option_texts_test {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::Finished;
using test::Workbench;
using testing::Each;
using testing::HasSubstr;

// As the file system has them, and as a spec writes them: a comma stands twice.
const std::string kFolder = "one, two=ü é";
const std::string kPerturbation = kFolder + "/α, scale=1 b.safetensors";
const std::string kPictures = kFolder + "/attacked, x=β";
const std::string kWeights = kFolder + "/m,odel=1 é.safetensors";
const std::string kList = kFolder + "/set, γ=2.csv";
const std::string kRun = kFolder + "/run, δ=3";

std::string in_spec(const std::string& path) {
  std::string text;
  for (const char letter : path) text += letter == ',' ? ",," : std::string(1, letter);
  return text;
}

/// The file of a data set as tables write it.
std::string list_in(const std::string& dataset) {
  return Registry<Dataset>::instance().parse(dataset, "test").argument;
}

fs::path at_bench(const std::string& name) { return Workbench::get().path(name); }

Finished robiq(std::vector<std::string> arguments) {
  const Workbench& bench = Workbench::get();
  if (arguments.front() != "report") arguments.insert(arguments.end(), {"--threads", "1"});
  Finished finished = test::Program(bench.path(), std::move(arguments)).wait();
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished;
}

std::vector<std::string> evaluation(const std::string& uap, const std::string& files) {
  return {"evaluate", "--weights", kWeights,   "--data",      "csv:" + in_spec(kList),
          "--split",  "all",       "--attack", uap,           "--attack",
          files,      "--level",   "image",    "--bootstrap", "10",
          "--save",   "1",         "--out",    kRun,          "--format",
          "json"};
}

const std::string& uap_spec() {
  static const std::string spec = "uap:file=" + in_spec(kPerturbation) + ",scale=0.03";
  return spec;
}
const std::string& files_spec() {
  static const std::string spec = "files:" + in_spec(kPictures);
  return spec;
}

/// A perturbation, attacked pictures, a list of pictures, weights and an evaluation of them, all in
/// a folder of such a name; made once.
class OptionTexts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string list = "image,mos\n";
    for (int i = 0; i < 4; ++i) {
      const std::string name = "p, " + std::to_string(i) + "=é.png";
      write_png(at_bench(kFolder) / name, det::image({name, 48, 64}));
      list += "\"" + name + "\"," + std::to_string(20 * i + 10) + "\n";
    }
    write_file(at_bench(kList), list);
    fs::copy_file(at_bench("w.safetensors"), at_bench(kWeights));
    robiq({"uap", "--model", "cnniqa", "--weights", kWeights, "--data", "builtin:scenes=4,size=64",
           "--max-steps", "2", "--out", kPerturbation});
    std::vector<std::string> attack = {"attack", "fgsm"};
    for (int i = 0; i < 4; ++i) {
      attack.push_back(kFolder + "/p, " + std::to_string(i) + "=é.png");
    }
    attack.insert(attack.end(), {"--weights", kWeights, "--level", "image", "--out", kPictures});
    robiq(attack);
    printed() = Json::parse(robiq(evaluation(uap_spec(), files_spec())).out);
    robiq({"report", kRun});
  }
  static Json& printed() {
    static Json rows;
    return rows;
  }
  static std::string report(const std::string& file) {
    return read_file(at_bench(kRun) / "report" / file, 64U << 20U);
  }
  /// The texts of a column, by the row's attack.
  static std::map<std::string, std::set<std::string>> column(const std::string& table,
                                                             const std::string& name) {
    const CsvTable csv = read_csv(at_bench(kRun) / "report/tables" / (table + ".csv"));
    std::map<std::string, std::set<std::string>> texts;
    const std::size_t attack = csv.column("attack"), wanted = csv.column(name);
    for (const auto& row : csv.rows) texts[row[attack]].insert(row[wanted]);
    return texts;
  }
};

TEST_F(OptionTexts, StandInTheDatabaseAsTheyAre) {
  const ResultsStore store(at_bench(kRun) / "results.sqlite", ResultsStore::Access::kRead);
  const std::vector<RunRow> runs = store.runs();
  ASSERT_EQ(runs.size(), 1U);
  std::map<std::string, AttackOptions> options;
  for (const ScoreRow& row : store.scores(runs[0].id)) {
    options[row.attack] = AttackOptions::from_stored(row.attack_options);
  }
  EXPECT_EQ(options.at("uap").value("file"), kPerturbation);
  EXPECT_EQ(options.at("uap").value("scale"), "0.03");
  EXPECT_EQ(options.at("files").value("folder"), kPictures);
  for (const ImageRow& image : store.images()) {
    EXPECT_EQ(list_in(image.dataset), kList);
  }
  EXPECT_THAT(runs[0].config_toml, HasSubstr("uap:file=" + in_spec(kPerturbation)));
}

TEST_F(OptionTexts, StandInTheTableOfMeasuresAndReadBack) {
  const auto texts = column("measures", "attack_options");
  ASSERT_EQ(texts.at("uap").size(), 1U);
  const AttackOptions uap = AttackOptions::parse(*texts.at("uap").begin());
  EXPECT_EQ(uap.value("file"), kPerturbation);
  ASSERT_EQ(texts.at("files").size(), 1U);
  const AttackOptions files = AttackOptions::parse(*texts.at("files").begin());
  EXPECT_EQ(files.value("folder"), kPictures);
  const auto datasets = column("measures", "dataset");
  for (const std::string& dataset : datasets.at("uap")) EXPECT_EQ(list_in(dataset), kList);
  EXPECT_THAT(column("measures", "folder").at("uap"), Each(kRun));
}

TEST_F(OptionTexts, CannotBeMistakenInTheTablesForPeople) {
  const auto options = column("attacks", "options");
  // Of a perturbation the file's own name.
  EXPECT_THAT(options.at("UAP*"), Each(HasSubstr("file=α,, scale=1 b, png_offset=")));
  EXPECT_THAT(options.at("Files*"), Each("folder=" + in_spec(kPictures)));
  EXPECT_THAT(report("tables/attacks.md"), HasSubstr("file=α,, scale=1 b, png"));
  EXPECT_THAT(report("tables/attacks.tex"), HasSubstr("file=$\\alpha$,{}, scale=1 b, png"));
  EXPECT_THAT(report("report.md"), HasSubstr("folder=" + in_spec(kPictures)));
  EXPECT_THAT(report("index.html"), HasSubstr("file=α,, scale=1 b, png"));
  EXPECT_THAT(report("index.html"), HasSubstr("folder=" + in_spec(kPictures)));
}

TEST_F(OptionTexts, NameEveryRowOfEveryTable) {
  for (const char* table : {"rmse", "cost"}) {
    const auto models = column(table, "attack");
    EXPECT_EQ(models.count("UAP*"), 1U) << table;
    EXPECT_EQ(models.count("Files*"), 1U) << table;
  }
  std::set<std::string> attacks;
  for (const Json& row : printed()) attacks.insert(row.at("attack").get<std::string>());
  EXPECT_EQ(attacks, (std::set<std::string>{"none", "uap", "files"}));
}

TEST_F(OptionTexts, OfATableGivenBackAreTheSameEvaluation) {
  const auto texts = column("measures", "attack_options");
  const auto scores = [] {
    const ResultsStore store(at_bench(kRun) / "results.sqlite", ResultsStore::Access::kRead);
    EXPECT_EQ(store.runs().size(), 1U);
    return store.scores(1).size();
  };
  const std::size_t before = scores();
  const Finished again = robiq(evaluation(uap_spec(), files_spec()));
  EXPECT_THAT(again.err, HasSubstr("12 scores are there already"));
  EXPECT_EQ(Json::parse(again.out), printed());
  // Without what has no effect on a perturbation that is no .png, and would be refused.
  const AttackOptions options =
      AttackOptions::parse(*texts.at("uap").begin()).without("png_offset");
  const Finished given_back =
      robiq({"attack", "uap:" + options.text(), "pictures/p0.png", "--weights", kWeights, "--level",
             "image", "--out", kFolder + "/again"});
  EXPECT_TRUE(fs::exists(at_bench(kFolder) / "again/p0.png")) << given_back.err;
  EXPECT_EQ(scores(), before);
}

TEST_F(OptionTexts, SurviveAStudy) {
  const std::string study = kFolder + "/study, ε=4.toml", out = kFolder + "/out, ζ=5";
  write_file(at_bench(study), "name = \"odd\"\ndata = \"csv:" + in_spec(kList) +
                                  "\"\n[evaluate]\nlevel = \"image\"\nbootstrap = 0\n"
                                  "[[model]]\nname = \"cnniqa\"\nweights = \"" +
                                  kWeights +
                                  "\"\n[model.evaluate]\nsplit = \"all\"\n"
                                  "[[attack]]\nspec = [\"" +
                                  uap_spec() + "\", \"" + files_spec() + "\"]\n");
  robiq({"experiment", "run", study, "--out", out});
  const ResultsStore store(at_bench(out) / "results.sqlite", ResultsStore::Access::kRead);
  std::set<std::string> found;
  for (const RunRow& run : store.runs()) {
    for (const ScoreRow& row : store.scores(run.id)) {
      const AttackOptions options = AttackOptions::from_stored(row.attack_options);
      found.insert(options.value("file") + options.value("folder"));
    }
  }
  EXPECT_EQ(found, (std::set<std::string>{"", kPerturbation, kPictures}));
  const Finished again = robiq({"experiment", "run", out + "/config.toml", "--out", out});
  EXPECT_THAT(again.err, HasSubstr("nothing is left to do"));
}

}  // namespace option_texts_test
}  // namespace robiq
