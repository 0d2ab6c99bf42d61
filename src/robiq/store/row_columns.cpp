#include "robiq/store/row_columns.h"

#include <ctime>

#include "robiq/store/results_store.h"

namespace robiq {

const std::vector<AttackRow>& attacks_of_older_databases() {
  static const std::vector<AttackRow> kAttacks{
      {"fgsm", "FGSM", 10, "epsilon", 1, 0},
      {"ifgsm", "I-FGSM", 20, "epsilon", 1, 0},
      {"perceptual", "Perceptual", 30, "weight", 1, 0},
      {"uap", "UAP", 70, "scale", 0, 0},
      {"korhonen", "Kor.", 80, "learning_rate", 0, 0},
      {"files", "Files", 90, "", 0, 0},
  };
  return kAttacks;
}

const std::vector<ModelTitleRow>& model_titles_of_older_databases() {
  static const std::vector<ModelTitleRow> kTitles{{"cnniqa", "CNNIQA"},
                                                  {"dbcnn", "DBCNN"},
                                                  {"hyperiqa", "HyperIQA"},
                                                  {"korhonen-substitute", "Kor. substitute"},
                                                  {"linearityiqa", "LinearityIQA"},
                                                  {"maniqa", "MANIQA"}};
  return kTitles;
}

namespace {

/// Since 1970; NaN for a text that is no ISO 8601 time of ours.
double seconds_of(const std::string& utc) {
  std::tm parts{};
  const char* const end = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return ScoreRow::kNone;
  return static_cast<double>(::timegm(&parts));
}

}  // namespace

double RunRow::seconds() const { return seconds_of(finished_utc) - seconds_of(started_utc); }

}  // namespace robiq
