#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "robiq/core/defense_strength.h"
#include "robiq/core/options/params.h"
#include "robiq/defense/defense.h"

namespace robiq {

/// Several defenses in one training step. Those that change pictures prepare the batch first, in
/// their order; then the others, which find the batch they will be asked about. Penalties add up.
class DefenseChain final : public Defense {
 public:
  /// \param members  at least one, none of them null
  /// \throws Error{kInternal} for an empty chain
  explicit DefenseChain(std::vector<std::unique_ptr<Defense>> members);

  [[nodiscard]] DefenseCard card() const override;
  void see_task(const StepTask& task) override;
  [[nodiscard]] TrainBatch prepare(QualityModel& model, TrainBatch batch, const Rng& step) override;
  void before_pass(const QualityModel& model) override;
  [[nodiscard]] bool freezes_statistics() const override;
  [[nodiscard]] bool needs_image_gradient() const override;
  [[nodiscard]] bool needs_batch_scores() const override;
  void see_batch(const at::Tensor& scores, const at::Tensor& mos) override;
  [[nodiscard]] Penalty penalty(QualityModel& model, const TrainBatch& batch,
                                const at::Tensor& scores, const Rng& step) override;
  /// Those of the only member that penalises; null where several do.
  [[nodiscard]] TwoPointPenalty* two_points() override;

 private:
  std::vector<std::unique_ptr<Defense>> members_;
};

/// Reads SPEC[+SPEC]..., each as the registry does. A '+' parts two specs where a letter follows
/// it; a '+' of a value is written twice. \param where  named in errors, e.g. "--defense"
/// \throws Error{kUsage} for unknown names, the same name twice, and 'none' beside another
[[nodiscard]] std::vector<Spec> parse_defenses(std::string_view specs, const std::string& where);

/// The defense that the specs name. \throws as parse_defenses(), and Error{kUsage} for wrong
/// options
[[nodiscard]] std::unique_ptr<Defense> make_defense(const std::string& specs,
                                                    const std::string& where = "--defense");

/// One text for all ways to write the same: options sorted, defaults left out, penalties before
/// changes of the pictures. make_defense() reads it back. \throws as make_defense()
[[nodiscard]] std::string canonical_defense(const std::string& specs);

/// For tables and figures: "NT 0.001", "AT", "NT+JPEG". The strength stands where it is not the
/// default, and where a lone defense is titled by it. \throws as make_defense()
[[nodiscard]] std::string defense_title(const std::string& specs);

/// Of a lone defense whose card names an option that is a number; else one that is not known.
/// \throws as make_defense()
[[nodiscard]] DefenseStrength defense_strength(const std::string& specs);

}  // namespace robiq
