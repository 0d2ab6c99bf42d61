#include "robiq/tensor/torch_failure.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace robiq {
namespace torch_failure_test {

template <class Work>
TorchFailure failure_of(const Work& work) {
  try {
    work();
  } catch (const std::exception& error) {
    return torch_failure(error);
  }
  ADD_FAILURE() << "nothing was thrown";
  return TorchFailure::kOther;
}

TEST(TorchFailure, IsOutOfMemoryForLibTorchAndForTheStandardLibrary) {
  EXPECT_EQ(failure_of([] { static_cast<void>(at::empty({std::int64_t{1} << 60}, at::kByte)); }),
            TorchFailure::kOutOfMemory);
  EXPECT_EQ(failure_of([] { throw std::bad_alloc(); }), TorchFailure::kOutOfMemory);
}

TEST(TorchFailure, KnowsAWriteToALeaf) {
  at::Tensor leaf = at::ones({2}).requires_grad_(true);
  EXPECT_EQ(failure_of([&] { leaf.sub_(1); }), TorchFailure::kWritesToInput);
}

TEST(TorchFailure, IsAnotherForSizesThatDoNotFit) {
  EXPECT_EQ(failure_of([] { static_cast<void>(at::ones({2}) + at::ones({3})); }),
            TorchFailure::kOther);
  EXPECT_EQ(failure_of([] { throw std::runtime_error("the memory of it"); }), TorchFailure::kOther);
}

}  // namespace torch_failure_test
}  // namespace robiq
