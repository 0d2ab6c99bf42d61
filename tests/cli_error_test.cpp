// Everything a user can get wrong on the command line, in a configuration or in a file: the exit
// code, and the three texts on stderr.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "robiq/io/safetensors.h"
#include "robiq/model/weights/weights.h"
#include "support/mistake.h"
#include "support/program.h"
#include "support/workbench.h"

namespace robiq {
namespace {

namespace fs = std::filesystem;
using test::expect_mistakes;
using test::Finished;
using test::Workbench;
using testing::HasSubstr;

void put(const std::string& name, const std::string& text) {
  write_file(Workbench::get().path(name), text);
}

std::string bytes_of(const std::string& name) {
  return read_file(Workbench::get().path(name), 1u << 24);
}

TEST(WrongCommandLine, CommandsAndFlagsNameTheNearest) {
  expect_mistakes({
      {"trian", 2, "'trian'", "robiq", "'train'"},
      {"qqqqqqqq", 2, "'qqqqqqqq'", "robiq", "robiq --help"},
      {"--verison", 2, "'--verison'", "robiq", "'--version'"},
      {"data synthesise", 2, "'synthesise'", "robiq data", "'synthesize'"},
      {"bench", 2, "command", "robiq bench", "robiq bench --help"},
      {"train --epocs 3", 2, "--epocs", "robiq train", "'--epochs'"},
      {"train --epocs=3", 2, "--epocs", "robiq train", "'--epochs'"},
      {"score x.png --weigths w.safetensors", 2, "--weigths", "robiq score", "'--weights'"},
      {"list models superfluous", 2, "'superfluous'", "robiq list", "robiq list --help"},
      {"bench nt-step --bach 2", 2, "--bach", "robiq bench nt-step", "'--batch'"},
  });
}

TEST(WrongCommandLine, WhatIsMissingIsNamed) {
  expect_mistakes({
      {"score", 2, "pictures", "robiq score", "--help"},
      {"score x.png --weights", 2, "--weights", "robiq score", "--help"},
      {"score x.png --model hyperiqa", 2, "no weights", "--weights", "best.safetensors"},
      {"attack fgsm", 2, "pictures", "robiq attack"},
      {"attack fgsm x.png --weights w.safetensors", 2, "no folder", "--out"},
      {"describe models", 2, "name", "robiq describe"},
      {"metrics", 2, "csv", "robiq metrics"},
      {"report", 2, "runs", "robiq report"},
      {"train", 2, "no folder", "--out"},
      {"evaluate --weights w.safetensors", 2, "no folder", "--out"},
      {"evaluate --model hyperiqa --out run", 2, "no weights", "--weights"},
      {"data synthesize --from pictures", 2, "folder", "--out"},
      {"check", 2, "pictures", "robiq check"},
      {"check-model", 2, "model", "robiq check-model"},
      {"uap --weights w.safetensors", 2, "no file", "--out"},
      {"uap --weights w.safetensors --out x.txt", 2, "'x.txt'", "--out"},
  });
}

TEST(WrongCommandLine, NumbersAndWordsAreChecked) {
  expect_mistakes({
      {"train --out run --epochs many", 2, "'many'", "--epochs", "whole number"},
      {"train --out run --epochs 1.5", 2, "'1.5'", "--epochs"},
      {"train --out run --epochs -1", 2, "-1, outside [0,", "--epochs"},
      {"train --out run --seed 99999999999999999999", 2, "'seed'", "--seed"},
      {"train --out run --learning-rate nan", 2, "finite", "--learning-rate"},
      {"train --out run --nt-step 0", 2, "'nt_step' is 0", "--nt-step"},
      {"train --out run --nt-form sqare", 2, "'sqare'", "--nt-form", "square | abs | exact"},
      {"train --out run --nt-scale mos", 2, "'mos'", "--nt-scale", "raw | label"},
      {"train --out run --nt-scheme both", 2, "'both'", "--nt-scheme", "auto | shared | unit"},
      {"train --out run --micro-batch -1", 2, "-1, outside [0,", "--micro-batch"},
      {"train --out run --precision fp16", 2, "'fp16'", "--precision", "fp32 | bf16"},
      {"train --out run --nt --precision bf16", 2, "rounding noise", "--precision", "in fp32"},
      {"train --out run --nt --nt-scheme unit --nt-form exact", 2, "takes no finite difference",
       "--nt-scheme"},
      {"train --out run --nt --nt-scale label --batch-size 1", 2, "spread of the scores",
       "scale=label"},
      {"score x.png --weights w.safetensors --precision half", 2, "'half'", "--precision"},
      {"train --out run --optimizer adan", 2, "'adan'", "--optimizer", "adam | adamw | sgd"},
      {"train --out run --device gpu", 2, "'gpu'", "--device", "cuda:N"},
      {"score x.png --weights w.safetensors --sensitivity 2", 2, "outside [0, 1]", "--sensitivity"},
      {"score x.png --weights w.safetensors --views 0", 2, "'0'", "--views", "grid, paper"},
      {"score x.png --weights w.safetensors --scale 1:1", 2, "'1:1'", "--scale", "WORST:BEST"},
      {"--format json score x.png", 2, "stands before its command", "robiq score",
       "write it behind"},
      {"score x.png --weights w.safetensors --format xml", 2, "'xml'", "--format", "jsonl"},
      {"score x.png --weights w.safetensors --plugin none.so", 2, "plugin", "--plugin none.so"},
      {"attack fgsm x.png --weights w.safetensors --out o --level pixel", 2, "'pixel'", "--level"},
      {"evaluate --weights w.safetensors --out o --split tset", 2, "'tset'", "--split"},
      {"bench nt-step --batch 0", 2, "'batch' is 0", "--batch"},
  });
  EXPECT_FALSE(fs::exists(Workbench::get().path("run")));
}

TEST(WrongCommandLine, SpecsAreChecked) {
  expect_mistakes({
      {"train --out run --model cnnqia", 2, "'cnnqia'", "--model", "'cnniqa'"},
      {"train --out run --model cnniqa:hiden=3", 2, "'hiden'", "--model", "'hidden'"},
      {"train --out run --model cnniqa:hidden=0", 2, "'hidden' is 0", "--model"},
      {"train --out run --model :", 2, "no name", "--model"},
      {"train --out run --data bulitin", 2, "'bulitin'", "--data", "'builtin'"},
      {"train --out run --data csv", 2, "needs a file", "--data csv", "csv:FILE"},
      {"train --out run --loss l7", 2, "'l7'", "--loss", "'l1'"},
      {"attack fgsn x.png --weights w.safetensors --out o", 2, "'fgsn'", "", "'fgsm'"},
      {"attack fgsm:epsilon=2 x.png --weights w.safetensors --out o", 2, "outside [0, 1]"},
      {"attack fgsm:loss=foo x.png --weights w.safetensors --out o", 2, "'foo'", "", "mid | mae"},
      {"attack fgsm:epsilon=0.1,epsilon=0.2 x.png --weights w.safetensors --out o", 2, "twice"},
      {"attack fgsm: x.png --weights w.safetensors --out o", 2, "nothing after ':'"},
      {"evaluate --weights w.safetensors --out o --attack fgsm ifgms", 2, "'ifgms'", "--attack"},
      {"list modls", 2, "'modls'", "", "'models'"},
      {"describe attacks fgms", 2, "'fgms'", "", "'fgsm'"},
      {"demo --out run --attack fgms", 2, "'fgms'", "--attack", "'fgsm'"},
      {"demo --out run --model cnnqia", 2, "'cnnqia'", "--model", "'cnniqa'"},
  });
}

TEST(WrongCommandLine, ChecksPerturbationsAndDemosAreCheckedToo) {
  expect_mistakes({
      {"check none.png --weights w.safetensors", 3, "no file 'none.png'", "", "check the path"},
      {"check x.png --gain 200", 2, "'gain' is 200", "--gain"},
      {"check x.png --model cnnqia", 2, "'cnnqia'", "--model", "'cnniqa'"},
      {"check x.png --frames 3", 2, "has no effect", "--frames", "a video"},
      {"check a.mp4 b.mp4", 2, "a video is checked by itself", "a.mp4", "name one video"},
      {"check a.yuv", 2, "does not say its layout", "a.yuv", ".y4m"},
      {"check x.png --force", 2, "has no effect", "--force", "--figure"},
      {"check-model nonsuch", 2, "'nonsuch'", "MODEL"},
      {"check-model torchscript:none.pt", 4, "no such file", "none.pt"},
      {"check-model cnniqa --scale 3", 2, "'3'", "--scale", "WORST:BEST"},
      {"check-model cnniqa:hiden=3", 2, "'hiden'", "MODEL", "'hidden'"},
      {"uap --out u.safetensors --bound 2", 2, "'bound' is 2", "--bound"},
      {"uap --out u.safetensors --variant fast", 2, "'fast'", "--variant"},
      {"uap --weights w.safetensors --out u.safetensors --data none", 2, "'none'", "--data"},
      {"uap --out u.safetensors --variant cumulative --learning-rate 0.1", 2, "has no effect",
       "--learning-rate"},
      {"demo --out run --attack fgsm fgsm:epsilon=0.005", 2, "are the same", "--attack"},
      {"demo --out run --quick --epochs 3", 2, "together with --quick", "--epochs"},
      {"demo --out run --level pixel", 2, "'pixel'", "--level", "view | image"},
      {"demo --out run --epochs -1", 2, "-1, outside [0,", "--epochs"},
  });
}

TEST(WrongConfiguration, NamesFileLineAndColumn) {
  put("key.toml", "epochs = 1\nepocks = 3\n");
  put("text.toml", "epochs = 1\nseed = [1, 2\n");
  put("value.toml", "seed = 1\n\nepochs = 'x'\n");
  put("table.toml", "[train]\nepochs = 1\n");
  put("twice.toml", "epochs = 1\nepochs = 2\n");
  put("flag.toml", "epochs = 1\nnt = 'maybe'\n");
  expect_mistakes({
      {"train --out run --config key.toml", 2, "'epocks'", "key.toml:2:", "'epochs'"},
      {"train --out run --config text.toml", 2, "TOML", "text.toml:2:"},
      {"train --out run --config value.toml", 2, "'x'", "value.toml:3:"},
      {"train --out run --config table.toml", 2, "table here: [train]", "table.toml:1:"},
      {"train --out run --config twice.toml", 2, "TOML", "twice.toml:2:"},
      {"train --out run --config flag.toml", 2, "'maybe'", "flag.toml:2:", "true or false"},
      {"train --out run --config none.toml", 2, "none.toml"},
      {"train --out run --config pictures", 2, "folder"},
      {"evaluate --out run --config key.toml", 2, "'epochs'", "key.toml:1:"},
  });
  EXPECT_FALSE(fs::exists(Workbench::get().path("run")));
}

void change_weights(const std::string& name, const std::function<void(SafetensorsFile&)>& change) {
  SafetensorsFile contents = read_safetensors(Workbench::get().path("w.safetensors"));
  change(contents);
  write_safetensors(Workbench::get().path(name), contents);
}

TEST(WrongWeights, AreRefusedWithTheirOwnExitCode) {
  put("text.safetensors", "these are no weights at all");
  const std::string good = bytes_of("w.safetensors");
  put("cut.safetensors", good.substr(0, good.size() - 100));
  put("empty.safetensors", "");
  change_weights("other.safetensors", [](SafetensorsFile& file) {
    WeightsCard card = card_from_json(file.metadata.at("robiq.card"), "test");
    card.model = "elsewhere";
    file.metadata["robiq.card"] = card_to_json(card);
  });
  change_weights("badcard.safetensors",
                 [](SafetensorsFile& file) { file.metadata["robiq.card"] = "{]"; });
  change_weights("less.safetensors", [](SafetensorsFile& file) { file.tensors.erase("fc3.bias"); });
  change_weights("nan.safetensors",
                 [](SafetensorsFile& file) { file.tensors.at("fc3.bias").fill_(NAN); });
  const std::string score = "score pictures/p0.png --weights ";
  expect_mistakes({
      {score + "none.safetensors", 4, "none.safetensors"},
      {score + "pictures", 4, "", "pictures"},
      {score + "text.safetensors", 4, "", "text.safetensors"},
      {score + "cut.safetensors", 4, "", "cut.safetensors"},
      {score + "empty.safetensors", 4, "", "empty.safetensors"},
      {score + "other.safetensors", 4, "belong to the model 'elsewhere'", "other.safetensors",
       "--plugin FILE"},
      {score + "badcard.safetensors", 4, "card", "badcard.safetensors"},
      {score + "less.safetensors", 4, "missing (1): fc3.bias", "cnniqa"},
      {score + "w.safetensors --model cnniqa:hidden=9", 4, "trained with hidden=16",
       "w.safetensors"},
      {score + "nan.safetensors", 6, "finite", ""},
      {score + "nan.safetensors --sensitivity 0.01", 6, "finite", ""},
      {"evaluate --out run --weights text.safetensors", 4, "", "text.safetensors"},
      {std::string("train --out run --init none.safetensors") + test::kTinyTraining, 4,
       "none.safetensors"},
      {std::string("train --quiet --out nanrun --init nan.safetensors") + test::kTinyTraining, 6,
       "loss is nan"},
  });
  EXPECT_FALSE(fs::exists(Workbench::get().path("run")));
}

TEST(WrongPictures, AreNamed) {
  const std::string good = bytes_of("pictures/p0.png");
  put("cut.png", good.substr(0, good.size() / 2));
  put("text.png", "no picture");
  put("empty.png", "");
  fs::create_directories(Workbench::get().path("nothing"));
  const std::string weights = " --weights w.safetensors";
  const std::string attack = " --out attacked" + weights;
  expect_mistakes({
      {"score none.png" + weights, 3, "none.png"},
      {"score cut.png" + weights, 3, "cut off", "cut.png"},
      {"score text.png" + weights, 3, "as a picture", "text.png"},
      {"score empty.png" + weights, 3, "empty", "empty.png"},
      {"score nothing" + weights, 3, "'nothing' holds no pictures"},
      {"score small.png" + weights, 3, "20x20", "", "--fit"},
      {"score -" + weights, 2, "list of pictures is empty"},
      {"attack fgsm none.png" + attack, 3, "none.png"},
      {"attack fgsm cut.png" + attack, 3, "cut off", "cut.png"},
      {"attack fgsm small.png" + attack, 3, "20x20", "", "--fit"},
      {"data synthesize --from none --out set", 3, "'none'", "--from"},
      {"data synthesize --from nothing --out set", 3, "'nothing'", "--from"},
  });
  const Finished attacked = Workbench::get().run("attack fgsm small.png" + attack);
  EXPECT_THAT(attacked.err, HasSubstr("while attacking small.png"));
  EXPECT_FALSE(fs::exists(Workbench::get().path("attacked")));
}

TEST(WrongTables, NameFileAndLine) {
  put("nocolumn.csv", "imge,mos\npictures/p0.png,1\n");
  put("notnumber.csv", "image,mos\npictures/p0.png,1\npictures/p1.png,good\n");
  put("onerow.csv", "image,mos\npictures/p0.png,1\n");
  put("quote.csv", "image,mos\n\"pictures/p0.png,1\n");
  put("nopicture.csv",
      "image,mos\npictures/p0.png,1\npictures/none.png,2\npictures/p1.png,3\npictures/p2.png,4\n"
      "pictures/p3.png,5\n");
  put("long.csv", "image,mos\npictures/p0.png,1,2\n");
  put("empty.csv", "");
  put("headeronly.csv", "image,mos\n");
  put("split.csv", "image,mos,split\npictures/p0.png,1,tset\n");
  put("small.csv", "image,mos\nsmall.png,1\npictures/p1.png,2\npictures/p2.png,3\n");
  put("two.csv", "mos,after\n1,2\n2,x\n");
  put("single.csv", "mos,after\n1,2\n");
  const std::string train =
      "train --quiet --out run --model cnniqa:hidden=16,filters=8 --data csv:";
  expect_mistakes({
      {train + "none.csv", 3, "none.csv"},
      {train + "nocolumn.csv", 3, "'image'", "nocolumn.csv", "'imge'"},
      {train + "notnumber.csv", 3, "'good'", "notnumber.csv:3"},
      {train + "onerow.csv", 3, "both 1", "onerow.csv", "worst="},
      {train + "onerow.csv,worst=0,best=9", 3, "1 content", "", "contents"},
      {train + "quote.csv", 3, "quote", "quote.csv:2"},
      {train + "nopicture.csv", 3, "none.png", "pictures/none.png", "--allow-missing"},
      {train + "long.csv", 3, "3 cells", "long.csv:2"},
      {train + "empty.csv", 3, "empty", "empty.csv"},
      {train + "headeronly.csv", 3, "no pictures", "headeronly.csv"},
      {train + "split.csv", 3, "'tset'", "split.csv:2"},
      {"metrics none.csv", 3, "none.csv"},
      {"metrics onerow.csv", 3, "the table has one of the columns", "onerow.csv", "--mos"},
      {"metrics two.csv", 3, "'x'", "two.csv:3"},
      {"metrics single.csv", 3, "1 row", "single.csv"},
      {"metrics single.csv --mos moss", 3, "'moss'", "single.csv", "'mos'"},
      {"metrics quote.csv", 3, "quote", "quote.csv:2"},
  });
  EXPECT_FALSE(fs::exists(Workbench::get().path("run")));
}

TEST(WrongFolders, AreNamed) {
  fs::create_directories(Workbench::get().path("nothing"));
  put("nodatabase/results.sqlite", "this is text");
  put("file", "");
  const std::string evaluate =
      "evaluate --weights w.safetensors --data builtin:scenes=4,size=64 --quiet --out ";
  expect_mistakes({
      {std::string("train --out trained") + test::kTinyTraining, 2, "'trained' already holds a run",
       "--out", "--resume"},
      {std::string("train --out file/run") + test::kTinyTraining, 3, "cannot make the folder",
       "file/run"},
      {evaluate + "file", 3, "cannot make the folder", "file"},
      {evaluate + "nodatabase", 3, "not a results database", "nodatabase/results.sqlite"},
      {evaluate + "o --limit 1", 2, "leaves one picture", "--limit", "2 or more"},
      {"attack fgsm pictures/p0.png --weights w.safetensors --out file", 3, "cannot", "file"},
      {"attack fgsm pictures/p0.png --weights w.safetensors --out pictures", 2, "overwrite",
       "--out", "a folder other than"},
      {"report none", 3, "no results database", "none/results.sqlite"},
      {"report nothing", 3, "no results database", "nothing/results.sqlite"},
      {"report nodatabase", 3, "not a results database", "nodatabase/results.sqlite"},
      {"report trained --out file/report", 3, "cannot make the folder", "file/report"},
  });
  EXPECT_EQ(bytes_of("file"), "");
}

TEST(WrongDevice, HasItsOwnExitCode) {
  // A device that no machine has.
  expect_mistakes({
      {"train --out run --device cuda:99", 5, "CUDA", "--device", "--device cpu"},
      {"score pictures --weights w.safetensors --device cuda:99", 5, "CUDA", "--device"},
  });
}

TEST(WrongResume, LeavesTheRunAsItWas) {
  const std::string config = bytes_of("trained/config.toml");
  const std::string split = bytes_of("trained/split.csv");
  expect_mistakes(
      {{std::string("train --resume --epochs 1 --seed 7 --out trained") + test::kTinyTraining, 2,
        "another configuration (", "trained", "--out"}});
  EXPECT_EQ(bytes_of("trained/config.toml"), config);
  EXPECT_EQ(bytes_of("trained/split.csv"), split);
}

}  // namespace
}  // namespace robiq
