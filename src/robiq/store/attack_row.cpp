#include "robiq/store/attack_row.h"

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

}  // namespace robiq
