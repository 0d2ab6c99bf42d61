#pragma once
// A study with something in every table: three models with two +NT twins each, six attacks, three
// seeds, names full of letters that are commands elsewhere.
#include <cmath>
#include <string>

#include "support/filled_evidence.h"

namespace robiq::test {

inline constexpr const char* kHostileText =
    "50%_of #1 & $x^2 {a} ~b \\c [d] \"e\" <f> |g| 'h' -- é";

/// Numbers that differ from place to place.
[[nodiscard]] inline double some_number(int place) { return std::fmod(place * 0.377, 1.9) - 0.9; }

inline void fill_subject(FilledEvidence& filled, int& place) {
  filled.attack("none").measures("mos_before", {10 + some_number(++place), 0.91, 0.92, 0.75});
  const auto measure = [&] {
    for (const char* block : {"mos_after", "before_after"}) {
      filled.measures(block,
                      {30 + 9 * some_number(++place), some_number(place + 1),
                       some_number(place + 2), some_number(place + 3), 1.25},
                      place % 5 == 0 ? std::string("said ") + kHostileText : "");
    }
    for (const double mos : {20.0, 60.0, 80.0}) {
      PictureScore score{mos, mos + 1, mos + some_number(++place), mos + 2};
      score.seconds = 0.25;
      score.forwards = score.backwards = 10;
      filled.score("picture " + std::to_string(mos), score);
    }
  };
  for (const char* loss : {"mid", "mae"}) {
    filled.attack("fgsm", std::string("epsilon=0.005,step_size=0.01,start=auto,loss=") + loss);
    measure();
  }
  filled.attack("perceptual", "constraint=ssim,weight=1000000,steps=200");
  measure();
  filled.attack("perceptual", "constraint=ssim,weight=1000000,steps=200", "dbcnn", "none");
  measure();
  filled.attack("uap", "scale=0.04");
  measure();
  filled.attack("korhonen", "learning_rate=0.2,variant=original");
  measure();
}

[[nodiscard]] inline Evidence full_evidence() {
  FilledEvidence filled;
  filled.dataset = std::string("csv:") + kHostileText;
  int place = 0;
  for (const char* model : {"hyperiqa", "dbcnn", "my_model:a=1"}) {
    for (const char* defense :
         {"none", "gradient-norm:weight=0.001", "gradient-norm:weight=1e-05"}) {
      for (const char* seed : {"0", "1", "2"}) {
        filled.model(model, defense).seed(seed);
        fill_subject(filled, place);
      }
    }
  }
  RunRow run;
  run.id = 1;
  run.kind = RunKind::kTrain;
  run.label = "hyperiqa none";
  run.status = RunStatus::kFinished;
  run.device = kHostileText;
  run.started_utc = "2024-05-01T10:00:00Z";
  run.finished_utc = "2024-05-01T10:05:00Z";
  filled.evidence.runs.push_back({run, "RUN"});
  return filled.evidence;
}

}  // namespace robiq::test
