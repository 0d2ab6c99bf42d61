#pragma once
#include "robiq/train/group_step.h"
#include "robiq/train/loss.h"

namespace robiq {

/// The task's loss of a whole batch, handed out piece by piece: the shares of all pieces add up to
/// the loss, and their gradients to its gradient. Exact for a mean over pictures as it is, and for
/// every other loss once the whole batch has been seen: its share is then the loss's first-order
/// expansion around what was seen, by the piece's own outputs.
class TaskShares {
 public:
  /// \param mos          [N], of this process's rows
  /// \param rows_of_all  of the whole batch
  TaskShares(const Loss& loss, at::Tensor mos, std::int64_t rows_of_all);

  /// \param whole      outputs of the whole batch, as the pieces will be computed again
  /// \param first_row  of this process
  void see(const WholeBatch& whole, std::int64_t first_row);

  /// \param outputs  [n,K] of this process's rows first .. first + n - 1   \return scalar
  [[nodiscard]] at::Tensor share(const at::Tensor& outputs, std::int64_t first) const;

 private:
  const Loss& loss_;
  at::Tensor mos_;
  std::int64_t all_, first_row_ = 0;
  at::Tensor seen_, slopes_, value_;  ///< undefined until see()
};

}  // namespace robiq
